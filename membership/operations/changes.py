"""What a member changes: a higher tier at once, a lower one at the end of the term, or leaving."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from cms.log import record
from membership.emails import mail_about
from membership.models import Charge, Membership, Tier
from membership.operations.access import update_access
from membership.operations.charges import add_charge, invoice_charge, lock_membership
from membership.operations.renewing import renew_anew, take_back
from membership.operations.rights import check_changeable, check_right
from membership.operations.terms import tell_changed
from membership.queries import (
    AlreadyResigned,
    NotRunning,
    Quote,
    charges_of_next_term,
    charges_of_term,
    customer_of,
    upgrade_quote,
)

Status = Membership.Status


class NotLower(ValueError):
    """What is announced for the next term is a lower tier, open to this kind of organisation."""


class QuoteChanged(ValueError):
    """The price is not the one that was shown; `quote` is what it is now."""

    def __init__(self, quote: Quote) -> None:
        super().__init__(f"{quote.amount} EUR")
        self.quote = quote


class Engaged(ValueError):
    """Until `until` the tier does not go down: the engagement of several years runs."""

    def __init__(self, until: date) -> None:
        super().__init__(until.isoformat())
        self.until = until


@transaction.atomic
def upgrade_membership(
    *, membership: Membership, tier: Tier, quoted: Decimal, at: datetime, by: User | None
) -> Charge:
    """Move a membership to a higher tier from today on, and invoice the rest of the term.

    `quoted` is the amount that the person saw (EUR, VAT excluded): another one raises QuoteChanged. An
    invoice for the next term that is not paid yet is made anew at the new tier. Raises MayNotChange, and what
    `upgrade_quote` and `issue_invoice` raise.
    """
    membership = lock_membership(membership)
    check_right(membership, by)
    quote = upgrade_quote(membership=membership, tier=tier, at=at)
    if quote.amount != quoted:
        raise QuoteChanged(quote)
    charges = charges_of_term(membership)
    made = add_charge(
        membership=membership,
        purpose=Charge.Purpose.UPGRADE,
        tier=tier,
        employees=charges[0].employees,
        yearly_fee=quote.yearly_fee,
        extra_seats=charges[-1].extra_seats,
        seats_fee=charges[-1].seats_fee,
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
    renew_anew(membership, at=at, by=by, raised_to=tier)
    tell_changed(membership, at)
    return made


@transaction.atomic
def announce_tier(*, membership: Membership, tier: Tier, at: datetime, by: User | None) -> Membership:
    """Let a membership go to a lower tier from its next term on; its own tier takes that back.

    Raises MayNotChange, NotRunning, ReadOnly, NotLower, Engaged, AlreadyResigned and RenewalPaid.
    """
    membership = lock_membership(membership)
    check_right(membership, by)
    check_changeable(membership, by)
    if membership.ends_on is None:
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
    renew_anew(membership, at=at, by=by, is_needed=True)
    mail_about("tier_announced", membership, at=at, tier=tier)
    tell_changed(membership, at)
    return membership


@transaction.atomic
def resign_membership(
    *,
    membership: Membership,
    because: str,
    note: str = "",
    at: datetime,
    by: User | None,
    is_by_link: bool = False,
) -> Membership:
    """Let a membership end with its term, or with its engagement. `because` is a Membership.Reason.

    `is_by_link` says that `by` was not logged in, but held the private link of a mail: the log tells it.
    An invoice for a term that does not come any more is credited when it is not paid. Raises MayNotChange,
    NotRunning, AlreadyResigned, and RenewalPaid when the next term is paid.
    """
    membership = lock_membership(membership)
    check_right(membership, by)
    if not membership.is_running:
        raise NotRunning
    if membership.resigned_at:
        raise AlreadyResigned
    membership.resigned_at = at
    membership.resigned_because, membership.resigned_note = because, note
    membership.save(update_fields=["resigned_at", "resigned_because", "resigned_note"])
    if membership.stays_until == membership.ends_on:
        take_back(charges_of_next_term(membership), at=at, by=by)
    until = membership.stays_until
    data = {"because": because, "until": until.isoformat() if until else ""}
    if is_by_link:
        data["link"] = "mail"
    record(membership, "membership.resign", by=by, at=at, data=data)
    mail_about("resigned", membership, at=at)
    tell_changed(membership, at)
    return membership


@transaction.atomic
def withdraw_resignation(*, membership: Membership, at: datetime, by: User | None) -> Membership:
    """Let a resigned membership go on after all.

    Raises MayNotChange, and NotRunning when it has ended, or was not resigned.
    """
    membership = lock_membership(membership)
    check_right(membership, by)
    if not membership.is_running or not membership.resigned_at:
        raise NotRunning
    membership.resigned_at, membership.resigned_because, membership.resigned_note = None, "", ""
    membership.save(update_fields=["resigned_at", "resigned_because", "resigned_note"])
    record(membership, "membership.stay", by=by, at=at)
    mail_about("stays", membership, at=at)
    tell_changed(membership, at)
    return membership
