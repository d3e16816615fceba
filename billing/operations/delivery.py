"""Bringing an invoice to its customer: a private link, and the mail with the PDF."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from billing.documents import make_sheet
from billing.gateways.stripe import connect
from billing.models import Invoice
from cms.emails import Attachment, queue_email
from cms.log import record
from cms.operations.links import create_link

LINK = "invoice"
"""The purpose of the private links to an invoice."""


def private_url(*, invoice: Invoice, at: datetime) -> str:
    """Make a private link to an invoice and return its full address, in the customer's language.

    It does not expire: an invoice is kept as long as the law asks, and may be needed as long.
    """
    token = create_link(target=invoice, purpose=LINK, at=at)
    with translation.override(invoice.language):
        return f"{settings.SITE_URL}{reverse('billing:invoice', args=[token])}"


@transaction.atomic
def send_invoice(*, invoice: Invoice, at: datetime, by: User | None) -> None:
    """Mail an invoice or credit note with its PDF and a private link to the customer's billing address.

    The PDF is made when the mail leaves.
    """
    context = {
        "invoice": invoice,
        "sheet": make_sheet(invoice),
        "url": private_url(invoice=invoice, at=at),
        "may_pay_online": invoice.is_open and connect() is not None,
    }
    queue_email(
        template="billing/invoice",
        to=invoice.email,
        language=invoice.language,
        context=context,
        attachments=[Attachment("billing.documents.attached_pdf", [invoice.pk])],
        reply_to=invoice.issuer["email"],
        at=at,
    )
    Invoice.objects.filter(pk=invoice.pk).update(mailed_at=at)
    invoice.mailed_at = at
    record(invoice, "billing.mail", by=by, at=at, data={"email": invoice.email})
