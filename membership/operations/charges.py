"""What a membership is invoiced: one charge at a time, with its invoice, and taking one back."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from accounts.models import User
from billing import rules
from billing.models import Customer, Invoice
from billing.operations.invoices import DraftLine, credit_invoice
from billing.operations.issuing import issue_invoice
from billing.operations.pro_formas import ask_payment_first, withdraw_pro_forma
from membership.models import Charge, Membership, Tier
from membership.rules import last_day_of_term

NOTHING = Decimal(0)
REFERENCE = "membership:"
"""How invoices for a membership are referred to: this and the membership's id."""


def lock_membership(membership: Membership) -> Membership:
    """Lock what is open of a membership, then the membership itself, and return it as it is now.

    A payment locks in this order too: its invoice first, and a pro forma before its invoice.
    """
    charges = membership.charges.filter(voided_at__isnull=True)
    is_moving = Q(status__in=Invoice.OPEN) | Q(kind=rules.PRO_FORMA)
    ahead = charges.filter(term_starts_on__gt=F("membership__ends_on"))
    is_moving |= Q(status=Invoice.Status.PAID, pk__in=ahead.values("invoice"))  # see `end_membership`
    if membership.status == Membership.Status.APPLIED:  # paid, and held for staff, who may credit it
        is_moving |= Q(status=Invoice.Status.PAID)
    moving = Invoice.documents.filter(is_moving, pk__in=charges.values("invoice")).order_by("pk")
    kinds = list(moving.select_for_update().values_list("kind", flat=True))
    if rules.PRO_FORMA in kinds:  # while we waited for it, its invoice may have come
        list(moving.select_for_update().values_list("pk", flat=True))
    return Membership.objects.select_for_update().get(pk=membership.pk)


@transaction.atomic(savepoint=False)
def add_charge(
    *,
    membership: Membership,
    purpose: str,
    tier: Tier,
    employees: int,
    yearly_fee: Decimal,
    extra_seats: int = 0,
    seats_fee: Decimal = NOTHING,
    term_starts_on: date | None = None,
    from_on: date | None = None,
) -> Charge:
    """Write down what a membership costs from a day on; `invoice_charge` asks for it.

    The operation that causes the charge writes the line in the log.
    """
    made: Charge = Charge.objects.create(
        membership=membership,
        purpose=purpose,
        tier=tier,
        employees=employees,
        yearly_fee=yearly_fee,
        extra_seats=extra_seats,
        seats_fee=seats_fee,
        term_starts_on=term_starts_on,
        from_on=from_on,
    )
    return made


@transaction.atomic(savepoint=False)
def invoice_charge(
    *,
    charge: Charge,
    customer: Customer,
    amount: Decimal,
    at: datetime,
    by: User | None,
    due_on: date | None = None,
    details: dict[str, str] | None = None,
    is_asked_first: bool = False,
    is_charged: bool = False,
) -> Invoice | None:
    """Invoice an amount (EUR, VAT excluded) for a charge; nothing is invoiced for 0.

    With `is_asked_first` a pro forma asks for the money, and the invoice follows when that is there.
    With `is_charged` its automatic payment is planned where the customer saved a means of payment.
    `details` stand on the document instead of the customer's own. Raises what `issue_invoice` raises.
    """
    if not amount:
        return None
    with override((details or {}).get("language") or customer.language):
        lines = _lines(charge, amount)
    reference = f"{REFERENCE}{charge.membership_id}"
    if is_asked_first:
        charge.invoice = ask_payment_first(
            customer=customer, lines=lines, reference=reference, details=details, at=at, by=by
        )
    else:
        charge.invoice = issue_invoice(
            customer=customer,
            lines=lines,
            reference=reference,
            due_on=due_on,
            details=details,
            is_charged=is_charged,
            at=at,
            by=by,
        )
    charge.save(update_fields=["invoice"])
    return charge.invoice


@transaction.atomic
def void_charge(*, charge: Charge, reason: str, at: datetime, by: User | None) -> None:
    """Take a charge back: its invoice is credited in full, or its pro forma withdrawn.

    `reason` stands in the history of that document.
    """
    charge.voided_at = at
    charge.save(update_fields=["voided_at"])  # first: who hears of the credit note looks at what still holds
    document = charge.invoice
    if document is None:
        return
    if document.is_pro_forma:
        if document.status in Invoice.UNDECIDED:
            withdraw_pro_forma(pro_forma=document, reason=reason, at=at, by=by)
    elif document.status != Invoice.Status.CREDITED:
        credit_invoice(invoice=document, reason=reason, at=at, by=by)


def _lines(charge: Charge, amount: Decimal) -> list[DraftLine]:
    """Say what is paid for; the extra places of a renewal stand on a line of their own."""
    starts_on = charge.term_starts_on
    ends_on = last_day_of_term(starts_on) if starts_on else None
    texts = {_say(charge.purpose, charge.tier): amount}
    if charge.purpose == Charge.Purpose.RENEWAL and charge.extra_seats:
        seats = ngettext(
            "%(count)d extra place for a colleague",
            "%(count)d extra places for colleagues",
            charge.extra_seats,
        ) % {"count": charge.extra_seats}
        texts = {_say(charge.purpose, charge.tier): amount - charge.seats_fee, seats: charge.seats_fee}
    return [
        DraftLine(text=text, unit_price=price, period_from=charge.from_on, period_to=ends_on)
        for text, price in texts.items()
        if price
    ]


def _say(purpose: str, tier: Tier) -> str:
    if purpose == Charge.Purpose.START:
        return _("%(tier)s membership, 12 months from the day of payment") % {"tier": tier.name}
    if purpose == Charge.Purpose.UPGRADE:
        return _("Upgrade to %(tier)s membership") % {"tier": tier.name}
    if purpose == Charge.Purpose.SEATS:
        return _("Extra place for a colleague")
    return _("%(tier)s membership, 12 months") % {"tier": tier.name}
