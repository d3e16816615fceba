"""What the clock does to the terms of memberships: announce, invoice and begin the next one.

What is unpaid climbs the ladder (`membership.operations.ladder`).

Each step may be done twice, late, or after months of standing still.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from billing.documents.sheet import spaced
from billing.models import AutomaticPayment, Invoice, Issuer
from billing.operations.delivery import private_url
from billing.operations.invoices import VatUnconfirmed
from billing.operations.overdue import DEBIT_TAKES
from billing.operations.plans import announce_payment, is_too_much, means_to_charge
from billing.queries import is_under_way, open_amount, plan_of
from billing.rules import due_date
from cms.log import record
from cms.operations.periodic import each
from membership.emails import mail_about, mail_desk
from membership.models import Charge, Lifecycle, Membership, Notice
from membership.operations.access import update_access
from membership.operations.charges import add_charge, invoice_charge, lock_membership
from membership.operations.ending import end_membership
from membership.queries import (
    PriceMissing,
    charges_of_next_term,
    customer_of,
    is_next_term_kept,
    last_charge_of,
    means_page,
    next_term_of,
    renewal_of,
    renewals_to_invoice,
    renewing_memberships,
    unpaid_charges,
)
from membership.rules import last_day_of_term, notice_due
from membership.signals import membership_changed

Status = Membership.Status


class OpenInvoice(NamedTuple):
    """An invoice to pay: what is still open of it (EUR), a private address of it, and how it is charged."""

    invoice: Invoice
    left: Decimal
    url: str
    plan: AutomaticPayment | None = None

    @property
    def charged(self) -> Decimal:
        """What is charged automatically of it, in EUR."""
        announced = self.plan.announced_amount if self.plan else None
        return self.left if announced is None else min(self.left, announced)

    @property
    def iban(self) -> str:
        """The account to pay to, as it is printed."""
        return spaced(self.invoice.issuer["iban"])


def announce_renewals(at: datetime) -> int:
    """Mail the notices that are due: day, amount, how to pay and how to stop. Returns how many members.

    Whose next term is invoiced hears of it, so also who is late with another invoice.
    """
    levels = Lifecycle.load().notice_days
    last_day = timezone.localdate(at) + timedelta(days=levels[0])
    ending = renewing_memberships().filter(ends_on__lte=last_day)
    ending = ending.prefetch_related("notices")
    due = [membership for membership in ending if _level(membership, levels, at) is not None]
    return each_running(due, lambda membership: _announce(membership, levels, at))


def invoice_renewals(at: datetime) -> int:
    """Invoice the next term of each member whose term ends soon. Returns how many."""
    due = renewals_to_invoice(until=timezone.localdate(at), days=Lifecycle.load().invoice_days)
    return each_running(due, lambda membership: _invoice_once(membership, at))


def turn_terms(at: datetime) -> int:
    """Begin the next term of who stays and end the membership of who resigned. Returns how many."""
    over = Membership.objects.filter(status__in=Membership.RUNNING, ends_on__lt=timezone.localdate(at))
    return each_running(over.order_by("ends_on", "pk"), lambda membership: _turn(membership, at))


def each_running(memberships: Iterable[Membership], do: Callable[[Membership], object]) -> int:
    """Lock each and do something while it runs; returns for how many that did something."""

    def do_locked(membership: Membership) -> bool:
        locked = lock_membership(membership)
        return bool(locked.is_running and do(locked))

    return each(memberships, do_locked)


def _goes_on(membership: Membership) -> bool:
    """Say whether another term follows, as `renewing_memberships` does."""
    is_leaving = membership.resigned_at and membership.stays_until == membership.ends_on
    return not is_leaving and not membership.is_lapse_held


def _level(membership: Membership, levels: tuple[int, ...], at: datetime) -> int | None:
    if membership.ends_on is None:
        return None
    sent = [each.days for each in membership.notices.all() if each.ends_on == membership.ends_on]
    left = (membership.ends_on - timezone.localdate(at)).days
    return notice_due(days_left=left, levels=levels, sent=sent)


def _announce(membership: Membership, levels: tuple[int, ...], at: datetime) -> bool:
    level = _level(membership, levels, at)
    if level is None or membership.ends_on is None or not _goes_on(membership):
        return False
    try:
        term, renewal = next_term_of(membership), renewal_of(membership)
    except PriceMissing:
        return _tell_no_price(membership, at)
    Notice.objects.create(membership=membership, ends_on=membership.ends_on, days=level, sent_at=at)
    record(membership, "membership.announce", at=at, data={"days": level, "fee": str(term.total_fee)})
    plan = plan_of(renewal.invoice) if renewal and renewal.invoice else None
    if plan:
        announce_payment(plan=plan, at=at)
    customer, unpaid = membership.organisation.customer, open_invoices(membership, at)
    means = means_to_charge(customer)
    ahead = {charge.invoice_id for charge in charges_of_next_term(membership)}
    mail_about(
        "renewal_notice",
        membership,
        at=at,
        term=term,
        renewal=renewal,
        means=means,
        is_too_much=is_too_much(means, term.total_fee, at=at),
        means_url=means_page(customer) if customer else "",
        is_kept=is_next_term_kept(membership),
        invoice_on=membership.ends_on - timedelta(days=Lifecycle.load().invoice_days),
        open_invoices=[each for each in unpaid if each.invoice.pk in ahead],
        other_invoices=[each for each in unpaid if each.invoice.pk not in ahead],
    )
    return True


def _invoice_once(membership: Membership, at: datetime) -> bool:
    if renewal_of(membership) or not _goes_on(membership):
        return False
    return _renewal(membership, at) is not None


def _renewal(membership: Membership, at: datetime) -> Charge | None:
    """Return the charge for the next term, made if needed; None as long as it waits for somebody.

    That is for a VAT number, of which VIES and staff were asked (`billing.operations.vat_checks`), or for a
    price, of which staff are told: the membership runs on meanwhile.
    """
    try:
        with suppress(VatUnconfirmed):
            return renewal_of(membership) or invoice_next_term(membership=membership, at=at, by=None)
    except PriceMissing:
        _tell_no_price(membership, at)
    return None


def _tell_no_price(membership: Membership, at: datetime) -> bool:
    """Tell the association once a term that nothing says what the next one costs. Returns False: not done."""
    mail_desk("price_missing", membership, at=at, key=f"{membership.pk}:{membership.ends_on}")
    return False


@transaction.atomic
def invoice_next_term(*, membership: Membership, at: datetime, by: User | None) -> Charge:
    """Invoice the term after the current one; due on the day before it, or after the usual days to pay.

    Raises PriceMissing, CustomerMissing and what `issue_invoice` raises.
    """
    term = next_term_of(membership)
    usual = due_date(timezone.localdate(at), Issuer.load().payment_days)
    made = add_charge(
        membership=membership,
        purpose=Charge.Purpose.RENEWAL,
        tier=term.tier,
        employees=term.employees,
        yearly_fee=term.yearly_fee,
        extra_seats=term.extra_seats,
        seats_fee=term.seats_fee,
        term_starts_on=term.starts_on,
        from_on=term.starts_on,
    )
    invoice_charge(
        charge=made,
        customer=customer_of(membership),
        amount=term.total_fee,
        due_on=max(term.starts_on - timedelta(days=1), usual),
        is_charged=True,
        at=at,
        by=by,
    )
    data = {"tier": term.tier.slug, "fee": str(term.total_fee), "starts_on": term.starts_on.isoformat()}
    record(membership, "membership.invoice", by=by, at=at, data=data)
    return made


def _turn(membership: Membership, at: datetime) -> bool:
    today = timezone.localdate(at)
    while membership.is_running and membership.ends_on and membership.ends_on < today:
        stays_until = membership.stays_until or today
        if membership.resigned_at and stays_until < today:
            end_membership(membership=membership, status=Status.RESIGNED, at=at, by=None)
            return True
        renewal = renewal_of(membership) if membership.is_lapse_held else _renewal(membership, at)
        if membership.is_lapse_held and not _is_settled(renewal):
            return _end_held(membership, at)
        if renewal is None:
            return False
        starts_on = membership.ends_on + timedelta(days=1)
        membership.ends_on = last_day_of_term(starts_on)
        last = last_charge_of(membership, starts_on=starts_on) or renewal
        membership.tier, membership.next_tier = last.tier, None
        if membership.engaged_until and membership.engaged_until < starts_on:
            membership.engaged_until = None
        membership.save(update_fields=["ends_on", "tier", "next_tier", "engaged_until"])
        update_access(organisation=membership.organisation)
        data = {"tier": last.tier.slug, "ends_on": membership.ends_on.isoformat()}
        record(membership, "membership.renew", at=at, data=data)
        tell_changed(membership, at)
    return True


def _is_settled(renewal: Charge | None) -> bool:
    """Say whether the next term was invoiced before the lapse was held, and is paid or let go."""
    return renewal is not None and not (renewal.invoice and renewal.invoice.status in Invoice.OPEN)


def _end_held(membership: Membership, at: datetime) -> bool:
    """End what should have lapsed, nobody having decided; returns False while a bank works on a payment."""
    if unpaid_charges(membership).filter(is_under_way(since=at - DEBIT_TAKES)).exists():
        return False
    why = _why_not_renewed()
    end_membership(membership=membership, status=Status.LAPSED, at=at, by=None, why=why)
    return True


def _why_not_renewed() -> str:
    """Say it in the language of the association's books."""
    with override(settings.LANGUAGE_CODE):
        return _("The term was over, and what was overdue was not paid in full.")


def open_invoices(membership: Membership, at: datetime) -> list[OpenInvoice]:
    """Return what is to be paid for a membership, each with a private link to see and pay it."""
    return [
        OpenInvoice(
            each.invoice,
            open_amount(each.invoice),
            private_url(invoice=each.invoice, at=at),
            plan_of(each.invoice),
        )
        for each in unpaid_charges(membership)
        if each.invoice
    ]


def tell_changed(membership: Membership, at: datetime) -> None:
    """Tell the apps above, in the transaction that made it so."""
    words = {"membership_id": membership.pk, "organisation_id": membership.organisation_id}
    membership_changed.send(Membership, **words, at=at)
