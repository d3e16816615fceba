"""What happens to a membership that is not paid: past due, in grace (read-only), lapsed or held for staff.

Each step may be done twice, late, or after months of standing still.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from billing.models import Invoice
from billing.operations.overdue import DEBIT_TAKES
from billing.queries import is_being_paid, is_under_way, with_open_amount
from cms.log import record
from membership.emails import mail_about, mail_desk
from membership.models import Lifecycle, Membership
from membership.operations.charges import lock_membership
from membership.operations.ending import end_membership
from membership.operations.terms import each_running, open_invoices, tell_changed
from membership.queries import NotRunning, numbers_of, unpaid_charges

Status = Membership.Status


def climb_ladder(at: datetime) -> int:
    """Make unpaid memberships read-only, then end or hold them, each on its day. Returns how many moved."""
    today, grace = timezone.localdate(at), timedelta(days=Lifecycle.load().grace_days)
    late = Q(status=Status.PAST_DUE, lapses_on__lte=today + grace)
    over = Q(status=Status.GRACE, lapses_on__lte=today)
    moving = Membership.objects.filter(late | over).order_by("lapses_on", "pk")
    return each_running(moving, lambda membership: _climb(membership, today, at))


@transaction.atomic
def fall_past_due(
    *,
    membership: Membership,
    invoice: Invoice | None = None,
    why: str = "",
    at: datetime,
    by: User | None,
) -> Membership:
    """Start the ladder of a membership with an overdue invoice; one on it already stays where it is.

    `why` says what opened the `invoice` again, where something did.
    """
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    if membership.status != Status.ACTIVE:
        return membership
    days = Lifecycle.load()
    membership.status = Status.PAST_DUE
    membership.lapses_on = timezone.localdate(at) + timedelta(days=days.past_due_days + days.grace_days)
    membership.save(update_fields=["status", "lapses_on"])
    data = {"lapses_on": membership.lapses_on.isoformat(), "why": why} | _of(invoice)
    record(membership, "membership.past_due", by=by, at=at, data=data)
    mail_about(
        "past_due",
        membership,
        at=at,
        read_only_on=membership.lapses_on - timedelta(days=days.grace_days),
        open_invoices=open_invoices(membership, at),
    )
    tell_changed(membership, at)
    return membership


@transaction.atomic
def recover_membership(
    *,
    membership: Membership,
    invoice: Invoice | None = None,
    why: str = "",
    at: datetime,
    by: User | None,
    is_waived: bool = False,
) -> Membership:
    """Make a membership active again once nothing of it is overdue: paid, or `is_waived` by staff.

    `invoice` is the last one that was, and `why` the reason of who waived it.
    """
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    is_late = unpaid_charges(membership).filter(invoice__status=Invoice.Status.OVERDUE).exists()
    if membership.status not in Membership.UNPAID or is_late:
        return membership
    membership.status, membership.lapses_on, membership.lapse_held_on = Status.ACTIVE, None, None
    membership.save(update_fields=["status", "lapses_on", "lapse_held_on"])
    action = "membership.waive" if is_waived else "membership.recover"
    record(membership, action, by=by, at=at, data={"why": why} | _of(invoice))
    tell_changed(membership, at)
    return membership


@transaction.atomic
def end_as_lapsed(*, membership: Membership, why: str, at: datetime, by: User) -> Membership:
    """End a membership that should have lapsed, on the word of staff, as `end_membership` does.

    Raises NotRunning where nobody is asked for that any more: it was paid, given more time, or ended.
    """
    membership = lock_membership(membership)
    if not membership.is_lapse_held:
        raise NotRunning
    return end_membership(membership=membership, status=Status.LAPSED, at=at, by=by, why=why)


def _climb(membership: Membership, today: date, at: datetime) -> bool:
    if membership.status not in Membership.UNPAID or membership.lapses_on is None:
        return False
    if membership.lapses_on <= today:
        return _lapse(membership, today, at)
    grace = timedelta(days=Lifecycle.load().grace_days)
    if membership.status != Status.PAST_DUE or membership.lapses_on > today + grace:
        return False
    membership.status = Status.GRACE
    membership.save(update_fields=["status"])
    record(membership, "membership.grace", at=at, data={"invoices": numbers_of(membership)})
    mail_about("grace", membership, at=at, open_invoices=open_invoices(membership, at))
    tell_changed(membership, at)
    return True


def _lapse(membership: Membership, today: date, at: datetime) -> bool:
    """End it; what a bank may still pay waits for the bank, what is paid in part for staff."""
    unpaid = unpaid_charges(membership)
    if unpaid.filter(is_under_way(since=at - DEBIT_TAKES)).exists():
        return False
    if not unpaid.filter(is_being_paid()).exists():
        end_membership(membership=membership, status=Status.LAPSED, at=at, by=None)
        return True
    if membership.is_lapse_held:
        return False  # staff were asked
    _hold_lapse(membership, today, at)
    return True


def _hold_lapse(membership: Membership, today: date, at: datetime) -> None:
    """Keep it read-only past its day, and ask staff once what becomes of it."""
    membership.status, membership.lapse_held_on = Status.GRACE, today
    membership.save(update_fields=["status", "lapse_held_on"])
    record(membership, "membership.hold_lapse", at=at, data={"invoices": numbers_of(membership)})
    asked = Invoice.objects.filter(pk__in=unpaid_charges(membership).values("invoice"))
    mail_desk("lapse_held", membership, at=at, unpaid=list(with_open_amount(asked).order_by("pk")))
    tell_changed(membership, at)


def _of(invoice: Invoice | None) -> dict[str, list[str]]:
    """Say in the log which invoice it is about."""
    return {"invoices": [invoice.number]} if invoice else {}
