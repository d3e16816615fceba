"""Sending one document by Peppol: look the receiver up, send, and let the mail that waits go.

An operation here speaks to the outside: never call it inside a transaction.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation

from accounts.models import User
from billing.documents import UblImpossible, make_ubl, ubl_file_name
from billing.gateways.peppol import (
    CANNOT,
    OUTBOX,
    SENT,
    UNKNOWN,
    AccessPoint,
    AccessPointRefused,
    AccessPointUnavailable,
    AlreadySubmitted,
    Submission,
    access_point,
)
from billing.models import Dispatch, Invoice, PeppolLookup
from billing.operations.delivery import send_waiting_mail
from billing.queries import peppol_dispatch
from billing.rules import next_look_up
from cms.log import record

ASK_EVERY = timedelta(hours=1)
"""How long between two questions how a document fared."""

State = Dispatch.State


class NothingToUpload(ValueError):
    """The document has no file in the outbox, or somebody noted already that it was uploaded."""


def send_by_peppol(*, dispatch: Dispatch, at: datetime) -> None:
    """Send a document by Peppol when its receiver can be reached, and mail it where the mail waits.

    The mail leaves whatever happens, marked as a copy only when the access point took the document. Repeated,
    it does nothing more: the key of the dispatch keeps the document from going twice. Raises
    AccessPointUnavailable where trying again helps.
    """
    dispatch = Dispatch.objects.select_related("invoice__credits").get(pk=dispatch.pk)
    try:
        if dispatch.state == State.QUEUED:
            _try(dispatch, access_point(), at)
    except AccessPointUnavailable as error:
        _note(dispatch, error)
        raise
    finally:
        send_waiting_mail(invoice=dispatch.invoice, at=at)


def mark_uploaded(*, invoice: Invoice, at: datetime, by: User | None) -> None:
    """Note that somebody uploaded the file of a document from the outbox. Raises NothingToUpload."""
    dispatch = peppol_dispatch(invoice)
    come_from = (State.OUTBOX,)
    if dispatch is None or not move_dispatch(
        dispatch=dispatch, state=State.SENT, at=at, come_from=come_from, by=by, sent_at=at
    ):
        raise NothingToUpload(invoice.number)


def move_dispatch(
    *,
    dispatch: Dispatch,
    state: str,
    at: datetime,
    come_from: tuple[str, ...],
    by: User | None = None,
    **fields: Any,
) -> bool:
    """Bring a dispatch to a state from one of others, with a line in the log. Returns whether it did."""
    with transaction.atomic():
        rows = Dispatch.objects.filter(pk=dispatch.pk, state__in=come_from)
        if not rows.update(state=state, **{"error": "", "next_at": None, **fields}):
            return False
        data = {"state": str(state), "address": dispatch.address, "error": fields.get("error", "")}
        record(dispatch.invoice, "billing.peppol", by=by, at=at, data=data)
    return True


def _try(dispatch: Dispatch, point: AccessPoint, at: datetime) -> None:
    invoice = dispatch.invoice
    try:
        with translation.override(settings.LANGUAGE_CODE):  # staff read what is missing
            document = make_ubl(invoice)
    except UblImpossible as refusal:
        _fail(dispatch, " ".join(refusal.problems), at)
        return
    try:
        if not _is_reached(dispatch, point, at):
            _wait(dispatch, at)
            return
        submission = _submit(dispatch, point, document)
    except AccessPointRefused as refusal:
        _fail(dispatch, str(refusal), at)
        return
    is_first = move_dispatch(
        dispatch=dispatch,
        state=submission.state,
        at=at,
        come_from=(State.QUEUED,),
        access_point=point.name,
        external_id=submission.external_id[:100],
        sent_at=at if submission.state != OUTBOX else None,
        next_at=at + ASK_EVERY if submission.state == SENT else None,
    )
    if not is_first:  # another worker was faster, perhaps without hearing the number
        nameless = Dispatch.objects.filter(pk=dispatch.pk, external_id="")
        nameless.update(external_id=submission.external_id[:100])


def _is_reached(dispatch: Dispatch, point: AccessPoint, at: datetime) -> bool:
    """Look the receiver up and keep the answer, whatever it is."""
    is_note = dispatch.invoice.kind == Invoice.Kind.CREDIT_NOTE
    try:
        found = point.look_up(participant=dispatch.address, is_note=is_note)
    except (AccessPointRefused, AccessPointUnavailable) as error:
        _keep(dispatch, point, UNKNOWN, str(error), at)
        raise
    _keep(dispatch, point, found.outcome, found.answer, at)
    return found.outcome != CANNOT


def _keep(dispatch: Dispatch, point: AccessPoint, outcome: str, answer: str, at: datetime) -> None:
    PeppolLookup.objects.create(
        dispatch=dispatch,
        participant=dispatch.address,
        access_point=point.name,
        outcome=outcome,
        answer=answer[:2000],
        looked_up_at=at,
    )


def _submit(dispatch: Dispatch, point: AccessPoint, document: bytes) -> Submission:
    """Hand the document over; one that was taken before is sent, though we never heard its number."""
    try:
        return point.send(
            document=document,
            participant=dispatch.address,
            key=str(dispatch.key),
            name=ubl_file_name(dispatch.invoice),
        )
    except AlreadySubmitted:
        return Submission(SENT, dispatch.external_id)


def _wait(dispatch: Dispatch, at: datetime) -> None:
    """Look the receiver up again later; after the last time the mail was the invoice, and that is all."""
    failed = dispatch.lookups.filter(outcome=CANNOT, looked_up_at__gte=dispatch.queued_at).count()
    move_dispatch(
        dispatch=dispatch,
        state=State.UNREACHABLE,
        at=at,
        come_from=(State.QUEUED,),
        next_at=next_look_up(dispatch.queued_at, failed=failed),
    )


def _fail(dispatch: Dispatch, error: str, at: datetime) -> None:
    move_dispatch(
        dispatch=dispatch,
        state=State.FAILED,
        at=at,
        come_from=(State.QUEUED,),
        error=error[:2000],
        settled_at=at,
    )


def _note(dispatch: Dispatch, error: Exception) -> None:
    """Write down why it is not sent yet: the list of what needs somebody shows it."""
    Dispatch.objects.filter(pk=dispatch.pk, state=State.QUEUED).update(error=str(error)[:2000])
