"""The terms of a membership: what was charged for each, and what a change within one costs."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from billing.models import Invoice
from billing.queries import is_being_paid
from membership.models.application import Application
from membership.models.lifecycle import Lifecycle
from membership.models.membership import Charge, Membership
from membership.models.prices import Tier
from membership.money import Stretch, price_of_change
from membership.queries.prices import yearly_fees
from membership.rules import last_day_of_term


def start_charge(membership: Membership) -> Charge:
    """Return the charge that a membership starts with. Raises Charge.DoesNotExist."""
    charges = membership.charges.select_related("tier", "invoice__customer")
    return charges.get(purpose=Charge.Purpose.START, voided_at__isnull=True)


def is_asked_first(application: Application) -> bool:
    """Say whether a pro forma asks for the first payment: it is paid online, or the association wants it."""
    return application.pays_online or Lifecycle.load().asks_payment_first


def charges_of_term(membership: Membership) -> list[Charge]:
    """Return what holds of the current term, in order: its start or renewal, then the upgrades in it."""
    charges = membership.charges.filter(
        voided_at__isnull=True, term_starts_on__isnull=False, from_on__lte=membership.ends_on
    )
    newest = charges.order_by("-term_starts_on").values("term_starts_on")[:1]
    return list(charges.filter(term_starts_on=newest).select_related("tier", "invoice").order_by("pk"))


def stretches_of(charges: Sequence[Charge]) -> list[Stretch]:
    """Return the fees of a term day by day; of two charges from the same day the later one holds."""
    by_day = {charge.from_on: charge.total_fee for charge in charges if charge.from_on}
    return [Stretch(day, fee) for day, fee in sorted(by_day.items())]


def unpaid_charges(membership: Membership) -> QuerySet[Charge]:
    """Return the charges of a membership whose invoice is not paid."""
    return membership.charges.filter(voided_at__isnull=True, invoice__status__in=Invoice.OPEN).select_related(
        "invoice"
    )


def numbers_of(membership: Membership) -> list[str]:
    """Return the numbers of the invoices of a membership that are not paid."""
    return list(unpaid_charges(membership).order_by("pk").values_list("invoice__number", flat=True))


def paid_ahead(membership: Membership, *, after: date) -> QuerySet[Charge]:
    """Return the charges that are paid for terms that begin after a day."""
    paid = membership.charges.filter(voided_at__isnull=True, invoice__status=Invoice.Status.PAID)
    return paid.filter(term_starts_on__gt=after).select_related("invoice")


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


def charges_of_next_term(membership: Membership) -> list[Charge]:
    """Return what was charged for the term after the current one: its renewal, then what was added."""
    if membership.ends_on is None:
        return []
    charges = membership.charges.filter(
        voided_at__isnull=True, term_starts_on=membership.ends_on + timedelta(days=1)
    )
    return list(charges.select_related("tier", "invoice").order_by("pk"))


def is_charge_paid(charge: Charge) -> bool:
    """Say whether something was paid for a charge, or a bank still works on it."""
    invoice = charge.invoice
    if invoice is None or invoice.status == Invoice.Status.CREDITED:
        return False
    is_paid: bool = invoice.status == Invoice.Status.PAID
    return is_paid or Charge.objects.filter(is_being_paid(), pk=charge.pk).exists()


def is_next_term_kept(membership: Membership) -> bool:
    """Say whether what follows on this term is paid, at least in part, so that nobody leaves with this one.

    Within an engagement of several years the next term comes anyway, and paying it keeps nobody.
    """
    ends_now = membership.stays_until == membership.ends_on
    return ends_now and any(map(is_charge_paid, charges_of_next_term(membership)))


def may_resign(membership: Membership) -> bool:
    """Say whether a membership can be resigned as things stand: mail, page, link and form ask it alike."""
    return membership.is_running and not membership.resigned_at and not is_next_term_kept(membership)


def last_charge_of(membership: Membership, *, starts_on: date) -> Charge | None:
    """Return what holds at last of the term that starts on a day: its renewal, or an upgrade of it."""
    charges = membership.charges.filter(voided_at__isnull=True, term_starts_on=starts_on)
    return charges.select_related("tier", "invoice").order_by("pk").last()


def prices_of_upgrades(
    charges: Sequence[Charge], *, kind: str, on: date
) -> dict[int, tuple[Decimal, Decimal]]:
    """Return by the id of each tier its yearly fee, and what it costs from a day to the end of the term.

    Both in EUR without VAT; `charges` are those of the term. The fees are those that were valid on the first
    day of the term: a new price counts from a renewal on. Extra places stay as they are. What was paid or
    credited makes no difference.
    """
    if not charges or charges[0].term_starts_on is None:
        return {}
    starts_on, stretches, seats_fee = charges[0].term_starts_on, stretches_of(charges), charges[-1].seats_fee
    return {
        tier: (
            fee,
            price_of_change(
                starts_on=starts_on,
                ends_on=last_day_of_term(starts_on),
                stretches=stretches,
                on=on,
                yearly_fee=fee + seats_fee,
            ),
        )
        for tier, fee in yearly_fees(employees=charges[0].employees, kind=kind, on=starts_on).items()
    }


def upgrade_tiers(membership: Membership) -> list[Tier]:
    """Return the higher tiers that are open to the member's kind of organisation, the lowest first."""
    kind, rank = membership.organisation.kind, membership.tier.rank
    return [tier for tier in Tier.objects.filter(rank__gt=rank) if kind in tier.kinds]


def lower_tiers(membership: Membership) -> QuerySet[Tier]:
    """Return the member's own tier and the lower ones that are open to its kind of organisation."""
    return _open_tiers(membership).filter(rank__lte=membership.tier.rank)


def _open_tiers(membership: Membership) -> QuerySet[Tier]:
    kind = membership.organisation.kind
    return Tier.objects.filter(slug__in=[tier.slug for tier in Tier.objects.all() if kind in tier.kinds])
