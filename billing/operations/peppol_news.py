"""How documents fared by Peppol: what the clock does, what the access point tells, what we ask it."""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from billing.gateways.peppol import DELIVERED, FAILED, News, access_point
from billing.models import Dispatch
from billing.operations.delivery import TRY_AGAIN, send_invoice, send_waiting_mail
from billing.operations.peppol import ASK_EVERY, move_dispatch
from billing.signals import dispatch_asked, dispatch_queued
from cms.operations.periodic import each

NO_PROOF_AFTER = timedelta(days=3)
"""A document of which the access point has no evidence by then is as good as lost."""
MOST_NEWS = 200
"""So much is read at one time; the rest waits for the next."""

Channel, State = Dispatch.Channel, Dispatch.State


def follow_dispatches(at: datetime) -> int:
    """Take up the dispatches whose time has come: mail that waited too long, look-ups to repeat, documents to
    ask about. Speaks to nobody outside: tasks do. Returns how many.
    """
    due = Dispatch.objects.filter(next_at__lte=at).order_by("next_at", "pk")
    return each(due.values_list("pk", flat=True), lambda pk: _follow(pk, at))


def read_news(*, at: datetime) -> int:
    """Read what the access point has to tell, and do what it says, each in a transaction of its own.

    News is dropped after it was applied: read twice, it changes nothing more. Returns how much was read.
    """
    point = access_point()
    count = 0
    while count < MOST_NEWS and (news := point.next_news()):
        _apply(news, at)
        point.drop_news(news_id=news.id)
        count += 1
    return count


def ask_state(*, dispatch: Dispatch, at: datetime) -> None:
    """Ask the access point that has a document how it stands, and write it down.

    Raises AccessPointUnavailable and AccessPointRefused.
    """
    point = access_point()
    dispatch = Dispatch.objects.select_related("invoice").get(pk=dispatch.pk)
    if dispatch.state != State.SENT or point.name != dispatch.access_point:
        return
    # Without a number the answer to us was lost: only news can tell.
    if dispatch.external_id and point.state(external_id=dispatch.external_id).state == DELIVERED:
        _deliver(dispatch, dispatch.external_id, at)


@transaction.atomic
def _follow(pk: int, at: datetime) -> bool:
    dispatch = Dispatch.objects.select_for_update(of=("self",)).select_related("invoice").get(pk=pk)
    if dispatch.next_at is None or dispatch.next_at > at:
        return False  # somebody was faster
    if dispatch.channel == Channel.MAIL:
        return send_waiting_mail(invoice=dispatch.invoice, at=at)
    if dispatch.state in (State.QUEUED, State.UNREACHABLE):
        Dispatch.objects.filter(pk=pk).update(state=State.QUEUED, next_at=at + TRY_AGAIN)
        dispatch_queued.send(Dispatch, dispatch_id=pk)
    elif dispatch.state == State.SENT and dispatch.sent_at and dispatch.sent_at + NO_PROOF_AFTER <= at:
        with override(settings.LANGUAGE_CODE):  # staff read it
            error = _("No proof of delivery after three days: look at the access point what became of it.")
        _fail(dispatch, error, at)  # it may have arrived: somebody must look before anything is sent
    else:
        Dispatch.objects.filter(pk=pk).update(next_at=at + ASK_EVERY)
        dispatch_asked.send(Dispatch, dispatch_id=pk)
    return True


def _apply(news: News, at: datetime) -> None:
    named = Q(pk__in=())
    if news.external_id:
        named |= Q(external_id=news.external_id)
    with suppress(ValueError):  # not one of our keys
        named |= Q(key=UUID(news.key))
    dispatch = Dispatch.objects.select_related("invoice").filter(named, channel=Channel.PEPPOL).first()
    if dispatch is None:
        return
    if news.state == DELIVERED:
        _deliver(dispatch, news.external_id, at)
    elif news.state == FAILED:
        _lose(dispatch, news.detail or news.state, at)


def _deliver(dispatch: Dispatch, external_id: str, at: datetime) -> None:
    """Note that the receiver's access point has it, whatever we thought before.

    One that had failed for us stays so where the document was sent once more since.
    """
    come_from: tuple[str, ...] = (State.QUEUED, State.SENT)
    others = Dispatch.objects.filter(invoice=dispatch.invoice, channel=Channel.PEPPOL).exclude(pk=dispatch.pk)
    if not others.exclude(state=State.FAILED).exists():
        come_from = (*come_from, State.FAILED)
    move_dispatch(
        dispatch=dispatch,
        state=State.DELIVERED,
        at=at,
        come_from=come_from,
        external_id=external_id[:100],
        sent_at=dispatch.sent_at or at,
        settled_at=at,
    )


def _fail(dispatch: Dispatch, error: str, at: datetime) -> bool:
    return move_dispatch(
        dispatch=dispatch,
        state=State.FAILED,
        at=at,
        come_from=(State.QUEUED, State.SENT),
        error=error[:2000],
        settled_at=at,
    )


@transaction.atomic
def _lose(dispatch: Dispatch, error: str, at: datetime) -> None:
    """Note that a document did not arrive; who got a mail that calls itself a copy gets another one."""
    is_moved = _fail(dispatch, error, at)
    copies = Dispatch.objects.filter(invoice=dispatch.invoice, channel=Channel.MAIL, is_copy=True)
    if is_moved and copies.filter(sent_at__gte=dispatch.created_at).exists():
        send_invoice(invoice=dispatch.invoice, at=at, by=None)
