"""Bringing an invoice to its customer: by Peppol where that is due, by a private link and by mail."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from billing.documents import is_for_peppol, make_sheet, peppol_address
from billing.gateways.peppol import access_point
from billing.models import Dispatch, Invoice
from billing.operations.checkout import may_pay_online
from billing.queries import means_address
from billing.signals import dispatch_queued
from cms.emails import Attachment, queue_email
from cms.log import record
from cms.operations.links import create_link

LINK = "invoice"
"""The purpose of the private links to an invoice."""
MAIL_WAITS = timedelta(hours=1)
"""So long the mail waits for Peppol at most, whatever became of the task."""
TRY_AGAIN = timedelta(days=1)
"""When `run_due` takes up what the task queue gave up."""

Channel, State = Dispatch.Channel, Dispatch.State


class NotForPeppol(ValueError):
    """A payment request, or a document for somebody who is no business: it does not go by Peppol."""


class AlreadyOnPeppol(ValueError):
    """The access point took this document already: the customer must not get it twice."""


class MailedMeanwhile(RuntimeError):
    """It was mailed since the person looked."""


def private_url(*, invoice: Invoice, at: datetime) -> str:
    """Make a private link to an invoice and return its full address, in the customer's language.

    It does not expire: an invoice is kept as long as the law asks, and may be needed as long.
    """
    token = create_link(target=invoice, purpose=LINK, at=at)
    with translation.override(invoice.language):
        return f"{settings.SITE_URL}{reverse('billing:invoice', args=[token])}"


@transaction.atomic(savepoint=False)
def deliver_invoice(*, invoice: Invoice, at: datetime, by: User | None) -> None:
    """Bring a new document to its customer: by Peppol and by mail, or by mail alone.

    The worker writes the mail, so that nobody waits for its words. Where the document goes by Peppol, that is
    after the first attempt, because the mail says whether it is only a copy. `run_due` sends it after
    MAIL_WAITS, whatever became of the task.
    """
    mail = Dispatch(
        invoice=invoice,
        channel=Channel.MAIL,
        address=invoice.email,
        created_at=at,
        queued_at=at,
        next_at=at + MAIL_WAITS,
        by=by,
    )
    if not is_for_peppol(invoice):
        mail.save()
        dispatch_queued.send(Dispatch, dispatch_id=mail.pk)
        return
    peppol = Dispatch(**_by_peppol(invoice, at=at, by=by))
    Dispatch.objects.bulk_create([peppol, mail])
    _tell_queued(peppol, invoice, at=at, by=by)


@transaction.atomic
def send_peppol_again(*, invoice: Invoice, at: datetime, by: User | None) -> None:
    """Try Peppol once more, also for a document from before, and after a failure under a new key.

    What may have reached the access point keeps its key, so that it is sent once. Raises NotForPeppol and
    AlreadyOnPeppol.
    """
    invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
    if not is_for_peppol(invoice):
        raise NotForPeppol(invoice.number)
    rows = Dispatch.objects.filter(invoice=invoice, channel=Channel.PEPPOL).exclude(state=State.FAILED)
    if rows.filter(state__in=Dispatch.GONE).exists():
        raise AlreadyOnPeppol(invoice.number)
    if known := rows.first():
        Dispatch.objects.filter(pk=known.pk).update(**_queued(at, by))
    else:
        known = Dispatch.objects.create(**_by_peppol(invoice, at=at, by=by))
    _tell_queued(known, invoice, at=at, by=by)


@transaction.atomic
def send_invoice(*, invoice: Invoice, at: datetime, by: User | None) -> None:
    """Mail an invoice or credit note with its PDF and a private link to the customer's billing address.

    The PDF is made when the mail leaves. Text and PDF say that it is a copy where the document itself went by
    Peppol. A mail that waited is this one.
    """
    sheet = make_sheet(invoice, is_drawn=False)
    with translation.override(invoice.language):
        means_url = means_address(invoice.customer) if sheet.charge else ""
    context = {
        "invoice": invoice,
        "sheet": sheet,
        "url": private_url(invoice=invoice, at=at),
        "may_pay_online": sheet.asks_transfer and may_pay_online(invoice),
        "means_url": means_url,
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
    Invoice.documents.filter(pk=invoice.pk).update(mailed_at=at)
    invoice.mailed_at = at
    sent = {"state": State.SENT, "is_copy": bool(sheet.copy), "sent_at": at, "next_at": None}
    if not _waiting(invoice).update(**sent):
        Dispatch.objects.create(
            invoice=invoice,
            channel=Channel.MAIL,
            address=invoice.email,
            created_at=at,
            queued_at=at,
            by=by,
            **sent,
        )
    record(invoice, "billing.mail", by=by, at=at, data={"email": invoice.email})


def mail_seal(invoice: Invoice) -> str:
    """Return what tells one mail of a document from the next: a form that is sent twice mails once by it."""
    return f"{invoice.mailed_at.timestamp():.6f}" if invoice.mailed_at else ""


@transaction.atomic
def send_again(*, invoice: Invoice, seal: str, at: datetime, by: User | None) -> None:
    """Mail a document once more, as `send_invoice` does. Raises MailedMeanwhile where `seal` is older."""
    invoice = Invoice.documents.select_for_update().get(pk=invoice.pk)
    if mail_seal(invoice) != seal:
        raise MailedMeanwhile
    send_invoice(invoice=invoice, at=at, by=by)


@transaction.atomic
def send_waiting_mail(*, invoice: Invoice, at: datetime) -> bool:
    """Mail a document whose mail waited for Peppol, once. Returns whether it did."""
    waiting = _waiting(invoice).select_for_update().first()
    if waiting is None:
        return False
    send_invoice(invoice=invoice, at=at, by=waiting.by)
    return True


def _waiting(invoice: Invoice) -> QuerySet[Any]:
    return Dispatch.objects.filter(invoice=invoice, channel=Channel.MAIL, state=State.QUEUED)


def _by_peppol(invoice: Invoice, *, at: datetime, by: User | None) -> dict[str, Any]:
    return {
        "invoice": invoice,
        "channel": Channel.PEPPOL,
        "address": peppol_address(invoice),
        "created_at": at,
        **_queued(at, by),
    }


def _queued(at: datetime, by: User | None) -> dict[str, Any]:
    return {
        "state": State.QUEUED,
        "access_point": access_point().name,
        "error": "",
        "queued_at": at,
        "next_at": at + TRY_AGAIN,
        "by": by,
    }


def _tell_queued(dispatch: Dispatch, invoice: Invoice, *, at: datetime, by: User | None) -> None:
    """Write down that a document is to go by Peppol, before anybody outside hears of it."""
    data = {"state": State.QUEUED.value, "address": dispatch.address}
    record(invoice, "billing.peppol", by=by, at=at, data=data)
    dispatch_queued.send(Dispatch, dispatch_id=dispatch.pk)
