"""The terms of a membership: what holds now, what comes next, what a change costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from billing.models import Invoice
from membership.models.membership import Charge, Membership
from membership.models.prices import Tier
from membership.money import Stretch, fee_of_term, with_change
from membership.queries.prices import PriceMissing, yearly_fee
from membership.rules import last_day_of_term


@dataclass(frozen=True)
class NextTerm:
    """What the next term of a membership will be, as things stand; the fee in EUR a year, VAT excluded."""

    starts_on: date
    ends_on: date
    tier: Tier
    employees: int
    yearly_fee: Decimal


def start_charge(membership: Membership) -> Charge:
    """Return the charge that a membership starts with. Raises Charge.DoesNotExist."""
    charges = membership.charges.select_related("tier", "invoice__customer")
    return charges.get(purpose=Charge.Purpose.START, voided_at__isnull=True)


def charges_of_term(membership: Membership) -> list[Charge]:
    """Return what holds of the current term, in order: its start or renewal, then the upgrades in it."""
    charges = membership.charges.filter(
        voided_at__isnull=True, term_starts_on__isnull=False, from_on__lte=membership.ends_on
    )
    newest = charges.order_by("-term_starts_on").values("term_starts_on")[:1]
    return list(charges.filter(term_starts_on=newest).select_related("tier", "invoice").order_by("pk"))


def stretches_of(charges: Sequence[Charge]) -> list[Stretch]:
    """Return the fees of a term day by day; of two charges from the same day the later one holds."""
    by_day = {charge.from_on: charge.yearly_fee for charge in charges if charge.from_on}
    return [Stretch(day, fee) for day, fee in sorted(by_day.items())]


def charged_net(charges: Sequence[Charge]) -> Decimal:
    """Return what was invoiced for some charges, in EUR without VAT, less what was credited."""
    invoices = [charge.invoice for charge in charges if charge.invoice]
    notes = Invoice.objects.filter(credits__in=invoices)
    return sum((invoice.net for invoice in invoices), Decimal(0)) - sum(
        (note.net for note in notes), Decimal(0)
    )


def unpaid_charges(membership: Membership) -> QuerySet[Charge]:
    """Return the charges of a membership whose invoice is not paid."""
    return membership.charges.filter(voided_at__isnull=True, invoice__status__in=Invoice.OPEN).select_related(
        "invoice"
    )


def renewal_of(membership: Membership) -> Charge | None:
    """Return the charge for the term after the current one, if it was made."""
    if membership.ends_on is None:
        return None
    return (
        membership.charges.filter(
            voided_at__isnull=True,
            purpose=Charge.Purpose.RENEWAL,
            term_starts_on=membership.ends_on + timedelta(days=1),
        )
        .select_related("tier", "invoice")
        .first()
    )


def next_term_of(membership: Membership) -> NextTerm:
    """Return what the term after the current one will be: the announced tier, today's size, that day's price.

    Raises PriceMissing when there is no price for it.
    """
    if membership.ends_on is None:
        raise PriceMissing(f"{membership} has no term yet")
    starts_on = membership.ends_on + timedelta(days=1)
    tier = membership.next_tier or membership.tier
    organisation = membership.organisation
    employees = organisation.employees or _employees_charged(membership)
    fee = yearly_fee(tier=tier, employees=employees, kind=organisation.kind, on=starts_on)
    return NextTerm(starts_on, last_day_of_term(starts_on), tier, employees, fee)


def _employees_charged(membership: Membership) -> int:
    last = membership.charges.filter(voided_at__isnull=True).order_by("pk").last()
    return last.employees if last else 1


def price_of_upgrade(membership: Membership, *, tier: Tier, on: date) -> Decimal:
    """Return what moving to a higher tier costs from a day to the end of the term, in EUR without VAT.

    The fees are those that were valid on the first day of the term: a new price counts from a renewal on.
    Raises PriceMissing when there is no such price.
    """
    charges = charges_of_term(membership)
    first = charges[0]
    if first.term_starts_on is None:
        raise PriceMissing(f"{membership} has no term yet")
    fee = fee_in_term(membership, tier=tier)
    whole = fee_of_term(
        starts_on=first.term_starts_on,
        ends_on=last_day_of_term(first.term_starts_on),
        stretches=with_change(stretches_of(charges), on=on, yearly_fee=fee),
    )
    return whole - charged_net(charges)


def fee_in_term(membership: Membership, *, tier: Tier) -> Decimal:
    """Return the yearly fee of a tier for this member in its current term. Raises PriceMissing."""
    first = charges_of_term(membership)[0]
    return yearly_fee(
        tier=tier,
        employees=first.employees,
        kind=membership.organisation.kind,
        on=first.term_starts_on or date.min,
    )


def upgrade_tiers(membership: Membership) -> QuerySet[Tier]:
    """Return the higher tiers that are open to the member's kind of organisation, the lowest first."""
    return _open_tiers(membership).filter(rank__gt=membership.tier.rank)


def lower_tiers(membership: Membership) -> QuerySet[Tier]:
    """Return the member's own tier and the lower ones that are open to its kind of organisation."""
    return _open_tiers(membership).filter(rank__lte=membership.tier.rank)


def _open_tiers(membership: Membership) -> QuerySet[Tier]:
    kind = membership.organisation.kind
    return Tier.objects.filter(slug__in=[tier.slug for tier in Tier.objects.all() if kind in tier.kinds])
