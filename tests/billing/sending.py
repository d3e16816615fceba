"""Issuing what goes by Peppol, and reading what came of it."""

from io import BytesIO
from typing import Any

from django.core import mail
from django.core.mail import EmailMultiAlternatives
from pypdf import PdfReader

from billing.gateways.peppol import AccessPointRefused, AccessPointUnavailable
from billing.models import Dispatch
from tests.factories.billing import issue
from tests.queue import drain

COPY = "Kopie: de factuur zelf kreeg u via Peppol."
BUSY = AccessPointUnavailable("503: busy")
ODD = AccessPointRefused("422: document: is too odd")


def send(**fields: Any) -> Dispatch:
    """Issue an invoice to a business; its dispatch by Peppol waits for the worker."""
    invoice = issue(is_mailed=True, **fields)
    return Dispatch.objects.get(invoice=invoice, channel="peppol")


def fresh(dispatch: Dispatch) -> Dispatch:
    """Return a dispatch as it is now."""
    return Dispatch.objects.get(pk=dispatch.pk)


def mails() -> list[EmailMultiAlternatives]:
    """Let the mails go, and return all that went."""
    drain()
    return [message for message in mail.outbox if isinstance(message, EmailMultiAlternatives)]


def pdf_of(message: EmailMultiAlternatives) -> str:
    """Return the words of the PDF in a mail."""
    ((_name, content, _type),) = message.attachments
    assert isinstance(content, bytes)
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())
