"""What of an invoice was credited, line by line, and what a credit note may still take."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from billing.models import Invoice, InvoiceLine
from billing.money import Totals, add_up, cents, credit_fits, is_part, spread_vat

COPIED = tuple(
    field.name
    for field in InvoiceLine._meta.concrete_fields
    if field.name not in ("id", "invoice", "position", "vat", "credits")
)
ZERO = Decimal("0.00")


class CreditTooHigh(ValueError):
    """More than what is left of a line, of the net amount of a rate, or of the invoice; or no whole cents.

    `position` is that of the line; None where the lines together are too much.
    """

    def __init__(self, number: str, position: int | None = None) -> None:
        super().__init__(number, position)
        self.position = position


def credited_lines(invoice: Invoice) -> list[InvoiceLine]:
    """Return the lines of the credit notes of an invoice, in the order in which they were issued."""
    return list(InvoiceLine.objects.filter(invoice__credits=invoice).order_by("invoice", "position"))


def creditable_lines(invoice: Invoice) -> list[tuple[InvoiceLine, Decimal]]:
    """Return each line of an invoice with what of it was not credited yet, in EUR without VAT."""
    taken: dict[int | None, Decimal] = defaultdict(lambda: ZERO)
    for line in credited_lines(invoice):
        taken[line.credits_id] += line.net
    return [(line, line.net - taken[line.pk]) for line in invoice.lines.all()]


def credit_lines(invoice: Invoice, amounts: Mapping[int, Decimal] | None = None) -> list[InvoiceLine]:
    """Return the lines of a credit note of an invoice, not saved: of all that is left, or of the amounts.

    `amounts` are EUR without VAT, by the position of the line. A line that is credited at once is repeated
    as it was invoiced; a part of one is one piece at that price. Raises CreditTooHigh.
    """
    left = creditable_lines(invoice)
    is_new = all(line.net == rest for line, rest in left)
    if amounts is None:
        chosen = [(line, rest) for line, rest in left if rest or is_new]
    else:
        for line, rest in left:
            amount = amounts.get(line.position, ZERO)
            if amount != cents(amount) or not is_part(amount, rest):
                raise CreditTooHigh(invoice.number, line.position)
        if unknown := set(amounts) - {line.position for line, _rest in left}:
            raise CreditTooHigh(invoice.number, min(unknown))
        chosen = [(line, amounts[line.position]) for line, _rest in left if amounts.get(line.position)]
    lines = [_credit(line, amount) for line, amount in chosen]
    whole = [line for line, _rest in left]
    if not credit_fits(invoiced=whole, credited=[*credited_lines(invoice), *lines]):
        raise CreditTooHigh(invoice.number)
    return lines


def preview_credit(invoice: Invoice, amounts: Mapping[int, Decimal] | None = None) -> Totals:
    """Return what a credit note would come to, in EUR; writes nothing. Raises CreditTooHigh."""
    lines = credit_lines(invoice, amounts)
    for line, vat in zip(lines, spread_vat(lines, after=credited_lines(invoice)), strict=True):
        line.vat = vat
    return add_up(lines)


def _credit(line: InvoiceLine, amount: Decimal) -> InvoiceLine:
    copy = InvoiceLine(**{name: getattr(line, name) for name in COPIED}, credits=line)
    if amount != line.net:
        copy.quantity, copy.unit, copy.unit_price, copy.net = Decimal(1), "C62", amount, amount
    return copy
