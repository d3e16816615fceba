"""The charge for the next term, made anew when what it is for changes before it begins."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from cms.log import record
from membership.models import Charge, Membership, Tier
from membership.operations.charges import add_charge, invoice_charge, void_charge
from membership.operations.terms import invoice_next_term
from membership.queries import (
    charges_of_next_term,
    customer_of,
    extra_seats_of,
    is_charge_paid,
    yearly_fee,
)


class RenewalPaid(ValueError):
    """The next term is paid already, so it does not change any more."""


def renew_anew(
    membership: Membership,
    *,
    at: datetime,
    by: User | None,
    raised_to: Tier | None = None,
    is_needed: bool = False,
) -> None:
    """Replace what was charged for the next term by what fits.

    Where something of it is paid it stays: what the term costs more at a higher tier (`raised_to`), or with
    the places that are taken, is invoiced beside it. Raises RenewalPaid where it must change (`is_needed`).
    """
    charges = charges_of_next_term(membership)
    if not charges:
        return
    if not any(map(is_charge_paid, charges)):
        take_back(charges, at=at, by=by)
        invoice_next_term(membership=membership, at=at, by=by)
    elif is_needed:
        raise RenewalPaid
    else:
        _raise_next_term(membership, charges[-1], tier=raised_to, at=at, by=by)


def fit_places(membership: Membership, *, at: datetime, by: User | None, is_only_less: bool = False) -> bool:
    """Let the next term, where it is invoiced already, cost the places that are taken now.

    What was paid for a place that is free again stays. With `is_only_less` nothing is asked that nobody was
    told of. Returns whether something changed.
    """
    charges = charges_of_next_term(membership)
    if not charges:
        return False
    extra, _fee = extra_seats_of(membership.organisation, charges[-1].tier)
    paid = any(map(is_charge_paid, charges))
    is_more, is_less = extra > charges[-1].extra_seats, extra < charges[-1].extra_seats and not paid
    if is_less or (is_more and not is_only_less):
        renew_anew(membership, at=at, by=by)
        return True
    return False


def take_back(charges: Sequence[Charge], *, at: datetime, by: User | None) -> None:
    """Take the charges of a term back that does not come like this. Raises RenewalPaid."""
    if any(map(is_charge_paid, charges)):
        raise RenewalPaid
    with override(settings.LANGUAGE_CODE):
        reason = _("The next term changes or does not come.")
    for each in charges:
        void_charge(charge=each, reason=reason, at=at, by=by)


def _raise_next_term(
    membership: Membership, before: Charge, *, tier: Tier | None, at: datetime, by: User | None
) -> None:
    """Invoice what the next term costs more than what was charged for it, which never goes down."""
    organisation, starts_on = membership.organisation, before.term_starts_on
    if starts_on is None:
        return
    to, fee = tier or before.tier, before.yearly_fee
    if tier:
        new = yearly_fee(tier=tier, employees=before.employees, kind=organisation.kind, on=starts_on)
        fee = max(fee, new)
    taken, _fee = extra_seats_of(organisation, to)
    extra = max(taken, before.extra_seats)
    seats_fee = before.seats_fee + (extra - before.extra_seats) * (to.seat_fee or Decimal(0))
    more = fee + seats_fee - before.total_fee
    if tier is None and not more:
        return
    made = add_charge(
        membership=membership,
        purpose=Charge.Purpose.UPGRADE if tier else Charge.Purpose.SEATS,
        tier=to,
        employees=before.employees,
        yearly_fee=fee,
        extra_seats=extra,
        seats_fee=seats_fee,
        term_starts_on=starts_on,
        from_on=starts_on,
    )
    invoice_charge(charge=made, customer=customer_of(membership), amount=more, at=at, by=by)
    data = {"amount": str(more), "starts_on": starts_on.isoformat()}
    record(membership, "membership.raise_next_term", by=by, at=at, data=data)
