"""One more place for a colleague, where those of the tier are all taken."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from cms.log import record
from membership.models import Charge, Membership
from membership.operations.charges import add_charge, invoice_charge
from membership.queries import SeatQuote, charges_of_term, customer_of, seat_quote, seats_of


class NoSeatLeft(ValueError):
    """All places are taken. `quote` is what one more costs, or None where there is none to be had."""

    def __init__(self, quote: SeatQuote | None) -> None:
        super().__init__(str(quote.amount) if quote else "no more places")
        self.quote = quote


@transaction.atomic
def take_seat(
    *, membership: Membership, quoted: Decimal | None, at: datetime, by: User | None
) -> Charge | None:
    """Make sure that one more person has a place: a free one, else one that is invoiced to the term's end.

    `membership` is locked. `quoted` is the total that the person saw (EUR, VAT excluded); NoSeatLeft is
    raised where a place costs another amount, or something while nothing was seen. Who calls this lets the
    next term follow (`fit_places`). Returns what was charged. Raises what `issue_invoice` raises.
    """
    quote = seat_quote(membership=membership, at=at)
    if quote is None or (quote.total and quoted != quote.total):
        raise NoSeatLeft(quote)
    if seats_of(membership).left != 0:
        return None
    last = charges_of_term(membership)[-1]
    made = add_charge(
        membership=membership,
        purpose=Charge.Purpose.SEATS,
        tier=last.tier,
        employees=last.employees,
        yearly_fee=last.yearly_fee,
        extra_seats=last.extra_seats + 1,
        seats_fee=last.seats_fee + quote.yearly_fee,
        term_starts_on=last.term_starts_on,
        from_on=timezone.localdate(at),
    )
    invoice_charge(charge=made, customer=customer_of(membership), amount=quote.amount, at=at, by=by)
    record(membership, "membership.buy_seat", by=by, at=at, data={"amount": str(quote.amount)})
    return made
