"""What a member changes: a higher tier at once, a lower one at the end of the term, or leaving."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from billing.models import CheckoutAttempt, Invoice
from billing.queries import settled_amount
from cms.log import record
from membership.emails import mail_about
from membership.models import Charge, Membership, Tier
from membership.operations.access import update_access
from membership.operations.charges import charge, invoice_charge, lock, void
from membership.operations.ending import NotRunning
from membership.operations.terms import invoice_next_term, tell_changed
from membership.queries import (
    PriceMissing,
    charges_of_term,
    customer_of,
    last_charge_of,
    prices_of_upgrades,
    renewal_of,
    yearly_fee,
)
from membership.rules import last_day_of_engagement

Status = Membership.Status


class NotHigher(ValueError):
    """An upgrade goes to a higher tier that is open to this kind of organisation."""


class NotLower(ValueError):
    """What is announced for the next term is a lower tier, open to this kind of organisation."""


class QuoteChanged(ValueError):
    """The price is not the one that was shown; `quote` is what it is now."""

    def __init__(self, quote: "Quote") -> None:
        super().__init__(f"{quote.amount} EUR")
        self.quote = quote


class Engaged(ValueError):
    """Until `until` the tier does not go down: the engagement of several years runs."""

    def __init__(self, until: date) -> None:
        super().__init__(until.isoformat())
        self.until = until


class RenewalPaid(ValueError):
    """The next term is paid already, so it does not change any more."""


class AlreadyResigned(ValueError):
    """The membership ends at the end of its term: it was resigned."""


@dataclass(frozen=True)
class Quote:
    """What an upgrade costs, to the cent, from a day to the end of the term. EUR, VAT excluded."""

    tier: Tier
    from_on: date
    ends_on: date
    amount: Decimal
    yearly_fee: Decimal
    engaged_until: date | None


def quote_upgrade(*, membership: Membership, tier: Tier, at: datetime) -> Quote:
    """Return what moving to a higher tier today costs. Changes nothing.

    Raises NotRunning, AlreadyResigned, NotHigher, and PriceMissing.
    """
    quotes = quote_upgrades(membership=membership, tiers=[tier], at=at)
    if not quotes:
        raise PriceMissing(f"no price at {tier.slug} for {membership}")
    return quotes[0]


def quote_upgrades(*, membership: Membership, tiers: Sequence[Tier], at: datetime) -> list[Quote]:
    """Return what moving to each of some higher tiers today costs, those without a price left out.

    Changes nothing. Raises NotRunning, AlreadyResigned and NotHigher.
    """
    today = timezone.localdate(at)
    if membership.status != Status.ACTIVE or membership.ends_on is None or membership.ends_on < today:
        raise NotRunning
    if membership.resigned_at:
        raise AlreadyResigned
    kind = membership.organisation.kind
    if any(tier.rank <= membership.tier.rank or kind not in tier.kinds for tier in tiers):
        raise NotHigher
    charges = charges_of_term(membership)
    prices = prices_of_upgrades(charges, kind=kind, on=today)
    return [
        Quote(
            tier=tier,
            from_on=today,
            ends_on=membership.ends_on,
            amount=prices[tier.pk][1],
            yearly_fee=prices[tier.pk][0],
            engaged_until=_engaged_until(tier, charges[0]),
        )
        for tier in tiers
        if tier.pk in prices
    ]


def _engaged_until(tier: Tier, first: Charge) -> date | None:
    if tier.engagement_years == 1 or first.term_starts_on is None:
        return None
    return last_day_of_engagement(first.term_starts_on, tier.engagement_years)


@transaction.atomic
def upgrade_membership(
    *, membership: Membership, tier: Tier, quoted: Decimal, at: datetime, by: User | None
) -> Charge:
    """Move a membership to a higher tier from today on, and invoice the rest of the term.

    `quoted` is the amount that the person saw (EUR, VAT excluded): another one raises QuoteChanged. An
    invoice for the next term that is not paid yet is made anew at the new tier. Raises also what
    `quote_upgrade` and `issue_invoice` raise.
    """
    membership = lock(membership)
    quote = quote_upgrade(membership=membership, tier=tier, at=at)
    if quote.amount != quoted:
        raise QuoteChanged(quote)
    charges = charges_of_term(membership)
    made = charge(
        membership=membership,
        purpose=Charge.Purpose.UPGRADE,
        tier=tier,
        employees=charges[0].employees,
        yearly_fee=quote.yearly_fee,
        term_starts_on=charges[0].term_starts_on,
        from_on=quote.from_on,
    )
    invoice_charge(charge=made, customer=customer_of(membership), amount=quote.amount, at=at, by=by)
    before = membership.tier
    membership.tier, membership.next_tier = tier, None
    membership.engaged_until = quote.engaged_until or membership.engaged_until
    membership.save(update_fields=["tier", "next_tier", "engaged_until"])
    update_access(organisation=membership.organisation)
    data = {"from": before.slug, "to": tier.slug, "amount": str(quote.amount)}
    record(membership, "membership.upgrade", by=by, at=at, data=data)
    _renew_anew(membership, at=at, by=by)
    tell_changed(membership, at)
    return made


@transaction.atomic
def announce_tier(*, membership: Membership, tier: Tier, at: datetime, by: User | None) -> Membership:
    """Let a membership go to a lower tier from its next term on; its own tier takes that back.

    Raises NotRunning, NotLower, Engaged, AlreadyResigned and RenewalPaid.
    """
    membership = lock(membership)
    if not membership.is_running or membership.ends_on is None:
        raise NotRunning
    if membership.resigned_at:
        raise AlreadyResigned
    if tier.rank > membership.tier.rank or membership.organisation.kind not in tier.kinds:
        raise NotLower
    if tier != membership.tier and membership.engaged_until and membership.engaged_until > membership.ends_on:
        raise Engaged(membership.engaged_until)
    wanted = tier if tier != membership.tier else None
    if membership.next_tier == wanted:
        return membership
    membership.next_tier = wanted
    membership.save(update_fields=["next_tier"])
    data = {"from": membership.tier.slug, "to": tier.slug, "ends_on": membership.ends_on.isoformat()}
    record(membership, "membership.announce_tier", by=by, at=at, data=data)
    _renew_anew(membership, at=at, by=by, is_needed=True)
    mail_about("tier_announced", membership, at=at, tier=tier)
    tell_changed(membership, at)
    return membership


@transaction.atomic
def resign_membership(
    *, membership: Membership, because: str, note: str = "", at: datetime, by: User | None
) -> Membership:
    """Let a membership end with its term, or with its engagement. `because` is a Membership.Reason.

    An invoice for a term that does not come any more is credited when it is not paid. Raises NotRunning,
    AlreadyResigned, and RenewalPaid when the next term is paid.
    """
    membership = lock(membership)
    if not membership.is_running:
        raise NotRunning
    if membership.resigned_at:
        raise AlreadyResigned
    membership.resigned_at = at
    membership.resigned_because, membership.resigned_note = because, note
    membership.save(update_fields=["resigned_at", "resigned_because", "resigned_note"])
    renewal = renewal_of(membership)
    if renewal and membership.stays_until == membership.ends_on:
        _take_back(renewal, at=at, by=by)
    until = membership.stays_until
    data = {"because": because, "until": until.isoformat() if until else ""}
    record(membership, "membership.resign", by=by, at=at, data=data)
    mail_about("resigned", membership, at=at)
    tell_changed(membership, at)
    return membership


@transaction.atomic
def withdraw_resignation(*, membership: Membership, at: datetime, by: User | None) -> Membership:
    """Let a resigned membership go on after all. Raises NotRunning when it has ended, or was not resigned."""
    membership = lock(membership)
    if not membership.is_running or not membership.resigned_at:
        raise NotRunning
    membership.resigned_at, membership.resigned_because, membership.resigned_note = None, "", ""
    membership.save(update_fields=["resigned_at", "resigned_because", "resigned_note"])
    record(membership, "membership.stay", by=by, at=at)
    mail_about("stays", membership, at=at)
    tell_changed(membership, at)
    return membership


def _renew_anew(membership: Membership, *, at: datetime, by: User | None, is_needed: bool = False) -> None:
    """Replace the invoice for the next term by one that fits.

    One that is paid stays: the rest of a higher tier is invoiced beside it, and where it must change
    (`is_needed`) RenewalPaid is raised.
    """
    renewal = renewal_of(membership)
    if renewal is None:
        return
    if not _is_paid(renewal):
        _take_back(renewal, at=at, by=by)
        invoice_next_term(membership=membership, at=at, by=by)
    elif is_needed:
        raise RenewalPaid
    else:
        _raise_next_term(membership, renewal, at=at, by=by)


def _raise_next_term(membership: Membership, renewal: Charge, *, at: datetime, by: User | None) -> None:
    """Invoice what the new tier costs more in a term that is paid already."""
    starts_on = renewal.term_starts_on
    before = last_charge_of(membership, starts_on=starts_on) if starts_on else None
    if starts_on is None or before is None:
        return
    fee = yearly_fee(
        tier=membership.tier,
        employees=before.employees,
        kind=membership.organisation.kind,
        on=starts_on,
    )
    made = charge(
        membership=membership,
        purpose=Charge.Purpose.UPGRADE,
        tier=membership.tier,
        employees=before.employees,
        yearly_fee=fee,
        term_starts_on=starts_on,
        from_on=starts_on,
    )
    more = max(fee - before.yearly_fee, Decimal(0))
    invoice_charge(charge=made, customer=customer_of(membership), amount=more, at=at, by=by)


def _is_paid(renewal: Charge) -> bool:
    """Say whether something was paid for a charge, or a bank still works on it."""
    invoice = renewal.invoice
    if invoice is None or invoice.status == Invoice.Status.CREDITED:
        return False
    pending = invoice.checkout_attempts.filter(status=CheckoutAttempt.Status.PENDING)
    return invoice.status == Invoice.Status.PAID or bool(settled_amount(invoice)) or pending.exists()


def _take_back(renewal: Charge, *, at: datetime, by: User | None) -> None:
    """Take the charge of a term back that does not come like this. Raises RenewalPaid."""
    if _is_paid(renewal):
        raise RenewalPaid
    with override(settings.LANGUAGE_CODE):
        reason = _("The next term changes or does not come.")
    void(charge=renewal, reason=reason, at=at, by=by)
