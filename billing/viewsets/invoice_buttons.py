"""The buttons on the page of an invoice: by what they are about, and which one it waits for."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import Button

from billing.models import Invoice
from billing.queries import open_amount, refundable_amount
from billing.viewsets.actions import ACTIONS
from billing.viewsets.dispatches import DELIVERY_ACTIONS

ABOUT = (
    (_("Money"), ("pay", "refund", "undo", "credit")),
    (_("Delivery and reminders"), ("send", "peppol", "uploaded", "remind", "hold", "release")),
)
FILES = (("billing:own_invoice_pdf", _("Open the PDF")), ("billing_invoices:ubl", _("Download the UBL file")))
KNOWN = ACTIONS | DELIVERY_ACTIONS


class ActionButton(Button):
    """A button that knows whether it is what the invoice waits for."""

    is_next = False


def button_groups(invoice: Invoice, user: AbstractBaseUser) -> list[tuple[Any, list[ActionButton]]]:
    """Return what a person may do with an invoice, in groups; at most one button is the next step."""
    left, back = open_amount(invoice), refundable_amount(invoice)
    awaited = "refund" if back > 0 else "pay" if left > 0 else ""
    groups = []
    for label, names in ABOUT:
        buttons = []
        for name in (name for name in names if KNOWN[name].may(user, invoice)):
            said = _("Record a surplus") if name == "pay" and left <= 0 else KNOWN[name].label
            url = reverse(f"billing_invoices:{name}", args=[invoice.pk])
            button = ActionButton(said, url=url, icon_name=KNOWN[name].icon)
            button.is_next = name == awaited
            buttons.append(button)
        groups.append((label, buttons))
    files = [
        ActionButton(label, url=reverse(name, args=[invoice.pk]), icon_name="download")
        for name, label in FILES
    ]
    return [(label, buttons) for label, buttons in [*groups, (_("Files"), files)] if buttons]
