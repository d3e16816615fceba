"""The buttons on the page of an invoice or pro forma: by what they are about, and which one it waits for."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import Button

from billing.models import Invoice
from billing.queries import open_amount, refundable_amount
from billing.viewsets.desk import DeskView

ABOUT = (
    (_("Money"), ("pay", "refund", "make-invoice", "undo", "credit", "withdraw")),
    (_("Delivery and reminders"), ("send", "peppol", "uploaded", "remind", "hold", "release")),
)
FILES = (("billing:own_invoice_pdf", _("Open the PDF")), ("billing_invoices:ubl", _("Download the UBL file")))


class ActionButton(Button):
    """A button that knows whether it is what the invoice waits for."""

    is_next = False


def button_groups(
    document: Invoice, user: AbstractBaseUser, actions: Mapping[str, type[DeskView]]
) -> list[tuple[Any, list[ActionButton]]]:
    """Return what a person may do with a document, in groups; at most one button is the next step."""
    left, back = open_amount(document), refundable_amount(document)
    awaited = "refund" if back > 0 else "pay" if left > 0 else ""
    space = "billing_pro_formas" if document.is_pro_forma else "billing_invoices"
    groups = []
    for label, names in ABOUT:
        buttons = []
        for name in (name for name in names if name in actions and actions[name].is_offered(user, document)):
            said = _("Record a surplus") if name == "pay" and left <= 0 else actions[name].label
            url = reverse(f"{space}:{name}", args=[document.pk])
            button = ActionButton(said, url=url, icon_name=actions[name].icon)
            button.is_next = name == awaited
            buttons.append(button)
        groups.append((label, buttons))
    files = [
        ActionButton(label, url=reverse(name, args=[document.pk]), icon_name="download")
        for name, label in (FILES[:1] if document.is_pro_forma else FILES)
    ]
    return [(label, buttons) for label, buttons in [*groups, (_("Files"), files)] if buttons]
