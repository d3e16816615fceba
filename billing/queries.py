"""Answers about what is owed and paid."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.db.models import Case, DecimalField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from billing.bank.references import invoice_numbers_in, references_in, telling_word
from billing.models import BankAllocation, BankEntry, BankFile, Customer, Invoice, Payment
from billing.registries import customer_access

MONEY: DecimalField[Decimal, Decimal] = DecimalField(max_digits=12, decimal_places=2)
ZERO = Decimal("0.00")
CANDIDATES = 10
CUSTOMER_FACTS = ("street", "postcode", "city", "country", "email", "vat_number", "enterprise_number")


def settled_amount(invoice: Invoice) -> Decimal:
    """Return what payments settled of an invoice, in EUR; what was paid too much does not count."""
    sums = invoice.payments.aggregate(amount=Sum("amount"), surplus=Sum("surplus"))
    return (sums["amount"] or ZERO) - (sums["surplus"] or ZERO)


def credited_amount(invoice: Invoice) -> Decimal:
    """Return what credit notes took off an invoice, in EUR."""
    return invoice.credit_notes.aggregate(gross=Sum("gross"))["gross"] or ZERO


def surplus_amount(invoice: Invoice) -> Decimal:
    """Return what the payer paid too much and may have back, in EUR."""
    return invoice.payments.aggregate(surplus=Sum("surplus"))["surplus"] or ZERO


def open_amount(invoice: Invoice) -> Decimal:
    """Return what the customer still has to pay, in EUR.

    Negative when a paid invoice was credited: that much is to be paid back. A credit note is never open.
    """
    if invoice.kind == Invoice.Kind.CREDIT_NOTE:
        return ZERO
    return invoice.gross - settled_amount(invoice) - credited_amount(invoice)


def with_open_amount(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Annotate `settled` and `left` (what is still to be paid, in EUR), as `open_amount` says, for lists."""
    payments = (
        Payment.objects.filter(invoice=OuterRef("pk"))
        .order_by()
        .values("invoice")
        .annotate(total=Sum(F("amount") - F("surplus")))
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
        settled=Coalesce(Subquery(payments, output_field=MONEY), Value(ZERO), output_field=MONEY),
        credited=Coalesce(Subquery(credited, output_field=MONEY), Value(ZERO), output_field=MONEY),
    ).annotate(
        left=Case(
            When(kind=Invoice.Kind.CREDIT_NOTE, then=Value(ZERO)),
            default=F("gross") - F("settled") - F("credited"),
            output_field=MONEY,
        )
    )


def entries_by_reference() -> list[tuple[int, int]]:
    """Return the bank lines that wait and name an invoice, oldest first, each as (line, invoice)."""
    waiting = _undoubted().exclude(structured_communication="")
    invoices = Invoice.objects.exclude(kind=Invoice.Kind.CREDIT_NOTE).filter(
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
    paid_by = BankAllocation.objects.filter(entry__counterparty_iban=OuterRef("counterparty_iban"))
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
    pairs = BankAllocation.objects.filter(
        entry__counterparty_iban__in=_undoubted().values("counterparty_iban")
    ).values_list("entry__counterparty_iban", "payment__invoice__customer")
    customers: dict[str, set[int]] = defaultdict(set)
    for iban, customer in pairs.order_by().distinct():
        customers[iban].add(customer)
    is_open = Invoice.objects.filter(status__in=Invoice.OPEN).exclude(kind=Invoice.Kind.CREDIT_NOTE)
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


def candidate_invoices(entry: BankEntry) -> list[tuple[Invoice, Decimal, str]]:
    """Return open invoices that a bank line may be for, the likeliest first, each with what is open and why.

    At most CANDIDATES for each reason: "named" in its words, "account" that paid for the customer before,
    "amount" open to the cent, or the payer's "name". Nothing for what went out.
    """
    if not entry.left:
        return []
    payable = Invoice.objects.filter(status__in=Invoice.OPEN).exclude(kind=Invoice.Kind.CREDIT_NOTE)
    texts = [entry.structured_communication, entry.remittance]
    named = Q(structured_communication__in=references_in(texts)) | Q(
        number__in=invoice_numbers_in(entry.remittance)
    )
    customers = BankAllocation.objects.exclude(entry__counterparty_iban="").filter(
        entry__counterparty_iban=entry.counterparty_iban
    )
    reasons: dict[str, QuerySet[Any]] = {
        "named": with_open_amount(payable.filter(named)),
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


def _undoubted() -> QuerySet[BankEntry]:
    """Return what came in, waits, and may be matched without somebody looking, oldest first."""
    waiting: QuerySet[BankEntry] = BankEntry.objects.filter(
        status=BankEntry.Status.WAITING, doubt="", amount__gt=0, assigned=0
    )
    return waiting.order_by("booked_on", "pk")


def customers_of(person: AbstractBaseUser) -> QuerySet[Customer]:
    """Return the customers that are invoiced at a person's own address."""
    return Customer.objects.filter(email__iexact=getattr(person, "email", ""))


def personal_data_of(person: AbstractBaseUser) -> dict[str, Any]:
    """Return what the app knows of a person who is invoiced at their own address, as plain data."""
    invoices = Invoice.objects.filter(customer__in=customers_of(person)).prefetch_related(
        "payments__bank_allocation__entry"
    )
    return {
        "customers": [
            {name: getattr(customer, name) for name in ("name", *CUSTOMER_FACTS)}
            for customer in customers_of(person)
        ],
        "invoices": [
            {
                "number": invoice.number,
                "kind": invoice.kind,
                "issued_on": invoice.issued_on.isoformat(),
                "due_on": invoice.due_on.isoformat(),
                "gross": str(invoice.gross),
                "status": invoice.status,
                "payments": [
                    {
                        "amount": str(payment.amount),
                        "received_on": payment.received_on.isoformat(),
                        **_bank_facts(payment),
                    }
                    for payment in invoice.payments.all()
                ],
            }
            for invoice in invoices
        ],
    }


def _bank_facts(payment: Payment) -> dict[str, str]:
    """Return what the bank told of the payer, for a payment that came in by a bank file."""
    allocation = getattr(payment, "bank_allocation", None)
    if allocation is None:
        return {}
    entry = allocation.entry
    return {
        "payer": entry.counterparty_name,
        "account": entry.counterparty_iban,
        "message": entry.remittance or entry.structured_communication,
    }


def may_see_invoice(person: AbstractBaseUser | AnonymousUser, invoice: Invoice) -> bool:
    """Say whether a person may read an invoice: staff with that right, or who a higher app vouches for."""
    if not isinstance(person, AbstractBaseUser) or not person.is_active:
        return False
    if isinstance(person, PermissionsMixin) and person.has_perm("billing.view_invoice"):
        return True
    return any(entry.may_see(person, invoice.customer) for entry in customer_access)
