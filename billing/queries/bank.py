"""Which invoice a bank line may be for."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from billing.bank.references import invoice_numbers_in, references_in, telling_word
from billing.models import BankAllocation, BankEntry, BankFile, Invoice, Reversal
from billing.queries.invoices import with_open_amount

CANDIDATES = 10


def entries_by_reference() -> list[tuple[int, int]]:
    """Return the bank lines that wait and name an invoice, oldest first, each as (line, invoice)."""
    waiting = _undoubted().exclude(structured_communication="")
    invoices = Invoice.documents.exclude(kind=Invoice.Kind.CREDIT_NOTE).filter(
        structured_communication=OuterRef("structured_communication")
    )
    found = waiting.annotate(invoice=Subquery(invoices.values("pk")[:1])).filter(invoice__isnull=False)
    return list(found.values_list("pk", "invoice"))


def entries_by_amount() -> list[tuple[int, int]]:
    """Return the bank lines that wait and fit one open invoice to the cent, oldest first, as (line, invoice).

    The account must have paid for the customer before, and among the open invoices of all whom it paid for
    only one may have this amount open. A line whose words name another invoice is left out, and an invoice
    is offered to one line only.
    """
    paid_by = _standing().filter(entry__counterparty_iban=OuterRef("counterparty_iban"))
    waiting = (
        _undoubted()
        .filter(structured_communication="")
        .exclude(counterparty_iban="")
        .filter(Exists(paid_by))
        .values_list("pk", "counterparty_iban", "amount", "remittance")
    )
    lines = list(waiting)
    if not lines:
        return []
    pairs = (
        _standing()
        .filter(entry__counterparty_iban__in=_undoubted().values("counterparty_iban"))
        .values_list("entry__counterparty_iban", "payment__invoice__customer")
    )
    customers: dict[str, set[int]] = defaultdict(set)
    for iban, customer in pairs.order_by().distinct():
        customers[iban].add(customer)
    is_open = Invoice.documents.filter(status__in=Invoice.OPEN).exclude(kind=Invoice.Kind.CREDIT_NOTE)
    invoices: dict[tuple[int, Decimal], list[tuple[int, str]]] = defaultdict(list)
    payable: QuerySet[Any] = with_open_amount(
        is_open.filter(customer__in=pairs.values("payment__invoice__customer"))
    )
    for pk, number, customer, left in payable.values_list("pk", "number", "customer", "left"):
        invoices[customer, left].append((pk, number))
    found, taken = [], set()
    for entry, iban, amount, text in lines:
        fitting = [each for customer in customers[iban] for each in invoices[customer, amount]]
        named = invoice_numbers_in(text)
        if len(fitting) == 1 and fitting[0][0] not in taken and not references_in([text]):
            invoice, number = fitting[0]
            if not named or named == [number]:
                found.append((entry, invoice))
                taken.add(invoice)
    return found


def follows_known_file(file: BankFile) -> bool:
    """Say whether a bank file goes on where another one ended, overlaps one, or is the first of its account.

    If not, a file in between was never uploaded.
    """
    is_before = Q(from_on__lt=file.from_on) | Q(from_on=file.from_on, pk__lt=file.pk)
    others = BankFile.objects.filter(is_before, iban=file.iban)
    if file.known_count or not others.exists():
        return True
    return others.filter(closing=file.opening, to_on__lte=file.to_on).exists()


def is_named_by(entry: BankEntry, invoice: str = "") -> Q:
    """Return the condition that the words of a bank line name an invoice, or the pro forma before it.

    `invoice` names the invoice of the rows that are asked about, such as "invoice__".
    """
    communications = references_in([entry.structured_communication, entry.remittance])
    numbers = invoice_numbers_in(entry.remittance)
    found = Q()
    for document in (invoice, f"{invoice}pro_forma__"):
        found |= Q((f"{document}structured_communication__in", communications))
        found |= Q((f"{document}number__in", numbers))
    return found


def candidate_invoices(entry: BankEntry) -> list[tuple[Invoice, Decimal, str]]:
    """Return open invoices that a bank line may be for, the likeliest first, each with what is open and why.

    At most CANDIDATES for each reason: "named" in its words, "account" that paid for the customer before,
    "amount" open to the cent, or the payer's "name". Nothing for what went out.
    """
    if not entry.left:
        return []
    payable = Invoice.documents.filter(status__in=Invoice.OPEN).exclude(kind=Invoice.Kind.CREDIT_NOTE)
    customers = (
        _standing()
        .exclude(entry__counterparty_iban="")
        .filter(entry__counterparty_iban=entry.counterparty_iban)
    )
    reasons: dict[str, QuerySet[Any]] = {
        "named": with_open_amount(payable.filter(is_named_by(entry))),
        "account": with_open_amount(
            payable.filter(customer__in=customers.values("payment__invoice__customer"))
        ),
        "amount": with_open_amount(payable.filter(gross__gte=entry.left)),
    }
    word = telling_word(entry.counterparty_name)
    if word:
        reasons["name"] = with_open_amount(payable.filter(name__icontains=word))
    reasons["amount"] = reasons["amount"].filter(left=entry.left)
    found: dict[int, tuple[Invoice, Decimal, str]] = {}
    for reason, invoices in reasons.items():
        for invoice in invoices.order_by("due_on", "pk")[:CANDIDATES]:
            found.setdefault(invoice.pk, (invoice, invoice.left, reason))
    return list(found.values())


def _standing() -> QuerySet[BankAllocation]:
    """Return what tells for whom an account pays: not what was undone as booked in error."""
    undone = Reversal.objects.filter(payment=OuterRef("payment"), kind=Reversal.Kind.MISTAKE)
    allocations: QuerySet[BankAllocation] = BankAllocation.objects.exclude(Exists(undone))
    return allocations


def _undoubted() -> QuerySet[BankEntry]:
    """Return what came in, waits, and may be matched without somebody looking, oldest first."""
    waiting: QuerySet[BankEntry] = BankEntry.objects.filter(
        status=BankEntry.Status.WAITING, doubt="", amount__gt=0, assigned=0
    )
    return waiting.order_by("booked_on", "pk")
