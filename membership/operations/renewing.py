"""The charge for the next term, made anew when what it is for changes before it begins."""

from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from billing.models import CheckoutAttempt, Invoice
from billing.queries import settled_amount
from membership.models import Charge, Membership, Tier
from membership.operations.charges import add_charge, invoice_charge, void_charge
from membership.operations.terms import invoice_next_term
from membership.queries import customer_of, extra_seats_of, last_charge_of, renewal_of, yearly_fee


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
    """Replace the invoice for the next term by one that fits.

    One that is paid stays: what it costs more at a higher tier (`raised_to`), or with the places that are
    taken, is invoiced beside it. Where it must change (`is_needed`) RenewalPaid is raised.
    """
    renewal = renewal_of(membership)
    if renewal is None:
        return
    if not _is_paid(renewal):
        take_back(renewal, at=at, by=by)
        invoice_next_term(membership=membership, at=at, by=by)
    elif is_needed:
        raise RenewalPaid
    else:
        _raise_next_term(membership, renewal, tier=raised_to, at=at, by=by)


def _raise_next_term(
    membership: Membership, renewal: Charge, *, tier: Tier | None, at: datetime, by: User | None
) -> None:
    """Invoice what the next term costs more than what was paid for it."""
    starts_on = renewal.term_starts_on
    before = last_charge_of(membership, starts_on=starts_on) if starts_on else None
    if starts_on is None or before is None:
        return
    organisation, fee = membership.organisation, before.yearly_fee
    if tier:
        fee = yearly_fee(tier=tier, employees=before.employees, kind=organisation.kind, on=starts_on)
    extra, seats_fee = extra_seats_of(organisation, tier or before.tier)
    more = fee + seats_fee - before.total_fee
    if tier is None and more <= 0:
        return
    made = add_charge(
        membership=membership,
        purpose=Charge.Purpose.UPGRADE if tier else Charge.Purpose.SEATS,
        tier=tier or before.tier,
        employees=before.employees,
        yearly_fee=fee,
        extra_seats=extra,
        seats_fee=seats_fee,
        term_starts_on=starts_on,
        from_on=starts_on,
    )
    invoice_charge(charge=made, customer=customer_of(membership), amount=max(more, Decimal(0)), at=at, by=by)


def _is_paid(renewal: Charge) -> bool:
    """Say whether something was paid for a charge, or a bank still works on it."""
    invoice = renewal.invoice
    if invoice is None or invoice.status == Invoice.Status.CREDITED:
        return False
    pending = invoice.checkout_attempts.filter(status=CheckoutAttempt.Status.PENDING)
    return invoice.status == Invoice.Status.PAID or bool(settled_amount(invoice)) or pending.exists()


def take_back(renewal: Charge, *, at: datetime, by: User | None) -> None:
    """Take the charge of a term back that does not come like this. Raises RenewalPaid."""
    if _is_paid(renewal):
        raise RenewalPaid
    with override(settings.LANGUAGE_CODE):
        reason = _("The next term changes or does not come.")
    void_charge(charge=renewal, reason=reason, at=at, by=by)
