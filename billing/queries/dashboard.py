"""What the treasurer sees at a glance: what is open and overdue, what came in, what waits for somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from billing.models import (
    BankEntry,
    Invoice,
    InvoiceLine,
    Issuer,
    Payment,
    Reversal,
    StripeEvent,
    VatTreatment,
)
from billing.money import cents
from billing.queries.dispatches import stuck_dispatches
from billing.queries.invoices import ZERO, is_under_way, vat_treatments, with_open_amount
from billing.queries.pro_formas import pro_formas, with_money
from billing.queries.refundable import with_refundable
from billing.queries.vat_checks import usual_treatment, vat_standings
from billing.registries import ExpectedCharge
from billing.rules import AGES, month_of


@dataclass(frozen=True)
class Figure:
    """So many things, which together come to so much in EUR."""

    count: int
    amount: Decimal


@dataclass(frozen=True)
class Receivables:
    """What is to be paid to the association; amounts are what is open, VAT included.

    `overdue` has a figure for each of AGES, the youngest first; `due_this_month` is due from today to the
    end of the month, and part of `not_due`. `pending` are those that a bank is about to pay, `held` those of
    which nobody is reminded.
    """

    not_due: Figure
    overdue: tuple[Figure, ...]
    due_this_month: Figure
    pending: Figure
    held: Figure

    @property
    def all_overdue(self) -> Figure:
        """What is overdue, of any age."""
        return Figure(
            sum(each.count for each in self.overdue), sum((each.amount for each in self.overdue), ZERO)
        )

    @property
    def all_open(self) -> Figure:
        """All that is open."""
        late = self.all_overdue
        return Figure(self.not_due.count + late.count, self.not_due.amount + late.amount)


@dataclass(frozen=True)
class Waiting:
    """What waits for somebody: bank lines (with what came in and is not assigned), dispatches by Peppol that
    did not get through, messages of Stripe, invoices of which something is to be paid back, pro formas with
    money that stands on no invoice, and documents with a VAT treatment that is not signed off.
    """

    bank_lines: Figure
    dispatches: int
    stripe_events: int
    refundable: Figure
    pro_formas: Figure
    unsigned: int


def open_invoices() -> QuerySet[Invoice]:
    """Return the invoices and payment requests that somebody still has to pay."""
    invoices: QuerySet[Invoice] = Invoice.objects.filter(status__in=Invoice.OPEN)
    return invoices.exclude(kind=Invoice.Kind.CREDIT_NOTE)


def pending_debits() -> QuerySet[Invoice, int]:
    """Return the ids of the invoices that a bank is about to pay, by direct debit."""
    return Invoice.objects.filter(is_under_way("pk")).order_by().values_list("pk", flat=True)


def due_between(since: date | None, until: date | None) -> Q:
    """Return the condition of invoices due from one day up to and including another; None leaves it open."""
    found = Q()
    if since:
        found &= Q(due_on__gte=since)
    if until:
        found &= Q(due_on__lte=until)
    return found


def overdue_days(today: date) -> list[tuple[date | None, date]]:
    """Return for each of AGES the first and the last due date of what is overdue so long."""
    return [
        (None if to is None else today - timedelta(days=to), today - timedelta(days=since))
        for since, to in AGES
    ]


def receivables(today: date) -> Receivables:
    """Return what is open on a day, by its due date, in one query."""
    wanted = {
        "not_due": due_between(today, None),
        "this_month": due_between(today, month_of(today)[1]),
        "pending": Q(pk__in=pending_debits()),
        "held": Q(dunning_hold__isnull=False),
        **{f"late_{index}": due_between(*days) for index, days in enumerate(overdue_days(today))},
    }
    asked: dict[str, Any] = {}
    for name, condition in wanted.items():
        asked[f"{name}_count"] = Count("pk", filter=condition)
        asked[f"{name}_amount"] = Sum("left", filter=condition)
    found = with_open_amount(open_invoices()).order_by().aggregate(**asked)
    figures = {name: Figure(found[f"{name}_count"], found[f"{name}_amount"] or ZERO) for name in wanted}
    return Receivables(
        not_due=figures["not_due"],
        overdue=tuple(figures[f"late_{index}"] for index in range(len(AGES))),
        due_this_month=figures["this_month"],
        pending=figures["pending"],
        held=figures["held"],
    )


def received(today: date) -> dict[str, tuple[Decimal, Decimal]]:
    """Return by each method what was received this month and this year, in EUR, in two queries.

    What was booked in error was not received there: it is taken off again.
    """
    mistakes = Reversal.objects.filter(kind=Reversal.Kind.MISTAKE)
    found = dict.fromkeys(Payment.Method.values, (ZERO, ZERO))
    for rows, day, sign in ((Payment.objects.all(), "received_on", 1), (mistakes, "returned_on", -1)):
        of_year = rows.filter(Q((f"{day}__year", today.year))).order_by().values_list("method")
        for method, month, year in of_year.annotate(**_this_month_and_year(day, today)):
            known = found[method]
            found[method] = (known[0] + sign * (month or ZERO), known[1] + sign * (year or ZERO))
    return found


def returned(today: date) -> tuple[Decimal, Decimal]:
    """Return what went back to payers, or is about to, this month and this year, in EUR, in one query."""
    counting = Reversal.objects.filter(
        status__in=Reversal.COUNTS, kind__in=Reversal.WENT_BACK, returned_on__year=today.year
    )
    sums = counting.order_by().aggregate(**_this_month_and_year("returned_on", today))
    return sums["in_month"] or ZERO, sums["in_year"] or ZERO


def _this_month_and_year(day: str, today: date) -> dict[str, Sum]:
    """Return the sums of amounts of a year: those of this month, then all."""
    return {
        "in_month": Sum("amount", filter=Q((f"{day}__month", today.month))),
        "in_year": Sum("amount"),
    }


def waiting_for_somebody() -> Waiting:
    """Return what waits for somebody, in six queries."""
    lines = waiting_bank_lines()
    refundable = with_refundable(with_open_amount(Invoice.objects.all())).filter(refundable__gt=0)
    back = refundable.order_by().aggregate(count=Count("pk"), sum=Sum("refundable"))
    return Waiting(
        bank_lines=lines,
        dispatches=stuck_dispatches().count(),
        stripe_events=StripeEvent.objects.filter(applied_at__isnull=True).count(),
        refundable=Figure(back["count"], back["sum"] or ZERO),
        pro_formas=held_money(),
        unsigned=unsigned_invoices().count(),
    )


def held_money() -> Figure:
    """Return of how many pro formas money came in that stands on no invoice, and how much, in EUR."""
    held = with_money(pro_formas()).filter(money__gt=0).order_by()
    found = held.aggregate(count=Count("pk"), sum=Sum("money"))
    return Figure(found["count"], found["sum"] or ZERO)


def waiting_bank_lines() -> Figure:
    """Return how many bank lines wait, and what of them came in and went to no invoice yet, in EUR."""
    left = Sum(F("amount") - F("assigned"), filter=Q(amount__gt=0))
    waiting = BankEntry.objects.filter(status=BankEntry.Status.WAITING)
    found = waiting.order_by().aggregate(count=Count("pk"), left=left)
    return Figure(found["count"], found["left"] or ZERO)


def unsigned_invoices() -> QuerySet[Invoice]:
    """Return the documents with a line whose VAT treatment the accountant has not signed off."""
    unsigned = VatTreatment.objects.filter(signed_off_on__isnull=True).values("slug")
    lines = InvoiceLine.objects.filter(invoice=OuterRef("pk"), vat_treatment__in=unsigned)
    documents: QuerySet[Invoice] = Invoice.objects.filter(Exists(lines))
    return documents


def gross_of(charges: Sequence[ExpectedCharge], *, at: datetime) -> list[Decimal]:
    """Return what each would come to with VAT, in EUR, at the treatment that holds for its customer.

    Three queries. Each is one document with one rate, so VAT is rounded once, as on an invoice.
    """
    regime, treatments = Issuer.load().vat_regime, vat_treatments()
    standings = vat_standings({each.customer.vat_number for each in charges}, at=at)
    found = []
    for each in charges:
        facts = {"country": each.customer.country, "vat_number": each.customer.vat_number}
        slug = usual_treatment(regime=regime, **facts, at=at, standings=standings)
        rate = treatments[slug].rate
        found.append(each.net + cents(each.net * rate / 100))
    return found
