"""What is owed and paid, by whom, and who may see it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.db.models import Case, DecimalField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Round

from billing.models import (
    ChargeTry,
    CheckoutAttempt,
    Customer,
    Invoice,
    Issuer,
    Payment,
    Reversal,
    VatTreatment,
)
from billing.models.vat import first_treatments
from billing.money import Totals, cents, totals
from billing.queries.vat_checks import usual_treatment
from billing.registries import customer_access
from billing.rules import DraftLine, InvalidLine

MONEY: DecimalField[Decimal, Decimal] = DecimalField(max_digits=12, decimal_places=2)
ZERO = Decimal("0.00")


@dataclass(frozen=True)
class TreatedLine:
    """A line to invoice with the treatment of VAT that holds for it."""

    draft: DraftLine
    treatment: VatTreatment

    @property
    def net(self) -> Decimal:
        """EUR without VAT."""
        return self.draft.net

    @property
    def vat_category(self) -> str:
        """Peppol's category."""
        return self.treatment.category

    @property
    def vat_rate(self) -> Decimal:
        """In percent."""
        return self.treatment.rate


def settled_amount(invoice: Invoice) -> Decimal:
    """Return what payments settled of an invoice, in EUR, without what was too much or went back."""
    paid = invoice.payments.aggregate(amount=Sum("amount"), surplus=Sum("surplus"))
    if paid["amount"] is None:
        return ZERO
    counting = Reversal.objects.filter(payment__invoice=invoice, status__in=Reversal.COUNTS)
    back = counting.aggregate(amount=Sum("amount"), surplus=Sum("of_surplus"))
    opened = (back["amount"] or ZERO) - (back["surplus"] or ZERO)
    return cents(paid["amount"] - paid["surplus"] - opened)


def credited_amount(invoice: Invoice) -> Decimal:
    """Return what credit notes took off an invoice, in EUR."""
    return invoice.credit_notes.aggregate(gross=Sum("gross"))["gross"] or ZERO


def surplus_amount(invoice: Invoice) -> Decimal:
    """Return what the payer paid too much and may still have back, in EUR."""
    surplus = invoice.payments.aggregate(surplus=Sum("surplus"))["surplus"] or ZERO
    counting = reversals_of(invoice).filter(status__in=Reversal.COUNTS)
    return surplus - (counting.aggregate(surplus=Sum("of_surplus"))["surplus"] or ZERO)


def kept_amount(invoice: Invoice) -> Decimal:
    """Return what came in for an invoice and did not go back, in EUR, with what was too much."""
    return settled_amount(invoice) + surplus_amount(invoice)


def refundable_amount(invoice: Invoice) -> Decimal:
    """Return what is to be paid back of an invoice, in EUR: paid too much, or credited afterwards."""
    return surplus_amount(invoice) + max(-open_amount(invoice), ZERO)


def left_of_payment(payment: Payment) -> Decimal:
    """Return what of a payment did not go back, in EUR."""
    counting = payment.reversals.filter(status__in=Reversal.COUNTS)
    return payment.amount - (counting.aggregate(amount=Sum("amount"))["amount"] or ZERO)


def reversals_of(invoice: Invoice) -> QuerySet[Reversal]:
    """Return what of an invoice's payments went back or should have, the last first."""
    return Reversal.objects.filter(payment__invoice=invoice).select_related("recorded_by")


def open_amount(
    invoice: Invoice, *, settled: Decimal | None = None, credited: Decimal | None = None
) -> Decimal:
    """Return what the customer still has to pay, in EUR.

    Negative when a paid invoice was credited, or a pro forma withdrawn for which money had come in: that much
    is to be paid back. A credit note is never open, nor is a pro forma that was followed by its invoice. The
    sums are asked unless the caller knows them.
    """
    if invoice.kind == Invoice.Kind.CREDIT_NOTE or invoice.status == Invoice.Status.INVOICED:
        return ZERO
    settled = settled_amount(invoice) if settled is None else settled
    if invoice.status == Invoice.Status.WITHDRAWN:
        return -settled
    return invoice.gross - settled - (credited_amount(invoice) if credited is None else credited)


def with_open_amount(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Annotate `settled`, `credited` and `left` (still to be paid, in EUR), as `open_amount` says, for lists.

    As it stands now, without what was paid too much; at the end of a day `open_items` knows.
    """
    payments = (
        Payment.objects.filter(invoice=OuterRef("pk"))
        .order_by()
        .values("invoice")
        .annotate(total=Sum(F("amount") - F("surplus")))
        .values("total")
    )
    returned = (
        Reversal.objects.filter(payment__invoice=OuterRef("pk"), status__in=Reversal.COUNTS)
        .order_by()
        .values("payment__invoice")
        .annotate(total=Sum(F("amount") - F("of_surplus")))
        .values("total")
    )
    credited = (
        Invoice.objects.filter(credits=OuterRef("pk"))
        .order_by()
        .values("credits")
        .annotate(total=Sum("gross"))
        .values("total")
    )
    return invoices.annotate(
        settled=Round(  # SQLite reckons in floating point
            Coalesce(Subquery(payments, output_field=MONEY), Value(ZERO), output_field=MONEY)
            - Coalesce(Subquery(returned, output_field=MONEY), Value(ZERO), output_field=MONEY),
            2,
            output_field=MONEY,
        ),
        credited=Coalesce(Subquery(credited, output_field=MONEY), Value(ZERO), output_field=MONEY),
    ).annotate(
        left=Case(
            When(Q(kind=Invoice.Kind.CREDIT_NOTE) | Q(status=Invoice.Status.INVOICED), then=Value(ZERO)),
            When(status=Invoice.Status.WITHDRAWN, then=ZERO - F("settled")),
            default=Round(F("gross") - F("settled") - F("credited"), 2),
            output_field=MONEY,
        )
    )


def is_under_way(invoice: str = "invoice", *, since: datetime | None = None) -> Q:
    """Return the condition that a bank works on a payment of an invoice, or that Stripe is asked for one.

    What is paid by its pro forma is a payment of the invoice. `invoice` names the invoice of the rows that
    are asked about. With `since` only what began later counts.
    """
    pending = CheckoutAttempt.objects.filter(status=CheckoutAttempt.Status.PENDING)
    visits = pending.filter(invoice=OuterRef(invoice))
    before = pending.filter(invoice__made=OuterRef(invoice))
    charges = ChargeTry.objects.filter(plan__invoice=OuterRef(invoice), status__in=ChargeTry.OPEN)
    if since:
        visits, before = visits.filter(created_at__gt=since), before.filter(created_at__gt=since)
        charges = charges.filter(tried_at__gt=since)
    return Q(Exists(visits)) | Q(Exists(before)) | Q(Exists(charges))


def is_being_paid(invoice: str = "invoice") -> Exists:
    """Return the condition that something was paid of an invoice, or that a bank still works on it.

    `invoice` names the invoice of the rows that are asked about.
    """
    asked = with_open_amount(Invoice.documents.filter(pk=OuterRef(invoice)))
    return Exists(asked.filter(Q(settled__gt=0) | is_under_way("pk")))


def issued_between(since: date | None, until: date | None) -> QuerySet[Invoice]:
    """Return what was issued from one day up to and including another, oldest first; None leaves it open."""
    invoices = Invoice.objects.select_related("credits").prefetch_related("lines")
    if since:
        invoices = invoices.filter(issued_on__gte=since)
    if until:
        invoices = invoices.filter(issued_on__lte=until)
    return invoices.order_by("issued_on", "pk")


def may_see_invoice(person: AbstractBaseUser | AnonymousUser, invoice: Invoice) -> bool:
    """Say whether a person may read an invoice: staff with that right, or who a higher app vouches for."""
    if not isinstance(person, AbstractBaseUser) or not person.is_active:
        return False
    if isinstance(person, PermissionsMixin) and person.has_perm("billing.view_invoice"):
        return True
    return any(entry.may_see(person, invoice.customer) for entry in customer_access)


def vat_treatments() -> dict[str, VatTreatment]:
    """Return the treatments of VAT by slug; one that no set-up has loaded yet is as it would be loaded."""
    known = {treatment.slug: treatment for treatment in VatTreatment.objects.all()}
    return {treatment.slug: treatment for treatment in first_treatments()} | known


def treat_lines(
    lines: Iterable[DraftLine], *, issuer: Issuer, country: str, vat_number: str, at: datetime
) -> list[TreatedLine]:
    """Return the lines with the treatment that holds for each: the one it names, or the customer's at a time.

    Raises InvalidLine when a line names none that exists, or may not be invoiced.
    """
    treatments = vat_treatments()
    usual = usual_treatment(regime=issuer.vat_regime, country=country, vat_number=vat_number, at=at)
    treated = []
    for line in lines:
        line.check()
        slug = line.vat_treatment or usual
        if slug not in treatments:
            raise InvalidLine(f"there is no VAT treatment {slug}")
        treated.append(TreatedLine(line, treatments[slug]))
    return treated


def preview_choices(customer: Customer, lines: Iterable[DraftLine], *, at: datetime) -> list[Totals]:
    """Return what an invoice to this customer with each of these lines alone would come to, in EUR.

    Two queries, three for a business elsewhere in the EU; writes nothing, and the customer need not be saved.
    Raises InvalidLine.
    """
    facts = {"country": customer.country, "vat_number": customer.vat_number}
    return [totals([line]) for line in treat_lines(lines, issuer=Issuer.load(), **facts, at=at)]


def preview_total(customer: Customer, lines: Iterable[DraftLine], *, at: datetime) -> Totals:
    """Return what an invoice to this customer with all these lines comes to, as `preview_choices` does."""
    facts = {"country": customer.country, "vat_number": customer.vat_number}
    return totals(treat_lines(lines, issuer=Issuer.load(), **facts, at=at))
