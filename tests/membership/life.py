"""A member whose years go by: joined by the operations, after which only `run_due --at` moves the clock."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

from django.utils import timezone

from accounts.models import User
from billing.models import AutomaticPayment, Dunning, Invoice
from billing.operations.invoices import record_payment
from billing.queries import open_amount
from cms.management.commands.run_due import Command
from cms.models import OutgoingMail
from cms.registries import due_work
from membership.models import Lifecycle, Membership, Tier
from membership.operations.applicants import Applicant
from membership.operations.joining import apply_for_membership

ONE = timedelta(days=1)
FIRST = date(2027, 3, 1)
LONGEST = 45 * ONE
"""So long nobody looks, where nothing is due."""


def morning(day: date) -> datetime:
    """Six in the morning in Brussels."""
    return timezone.make_aware(datetime.combine(day, time(6)))


def join(
    on: date,
    *,
    tier: str = "connect",
    number: str = "0999101384",
    employees: int = 25,
    by: User | None = None,
    street: str = "Lampstraat 1",
    postcode: str = "9000",
    city: str = "Gent",
) -> Membership:
    """Apply on a day, as somebody who is logged in or not."""
    applicant = Applicant(
        tier=Tier.objects.get(slug=tier),
        kind="company",
        employees=employees,
        name="Lantaarnwerk",
        enterprise_number=number,
        vat_number="",
        street=street,
        postcode=postcode,
        city=city,
        website="",
        first_name="Noor",
        last_name="Lanterman",
        email="noor@lantaarnwerk.example",
        job_title="",
        billing_email="",
        po_number="",
        language="nl",
    )
    return apply_for_membership(applicant=applicant, at=morning(on), by=by)


def pay_all(on: date) -> list[Decimal]:
    """Pay each open invoice by transfer; returns the amounts, the oldest invoice first."""
    paid = []
    for invoice in Invoice.objects.filter(status__in=Invoice.OPEN).exclude(kind="credit_note").order_by("pk"):
        paid.append(pay_invoice(invoice, on))
    return paid


def pay_invoice(invoice: Invoice, on: date, amount: Decimal | None = None) -> Decimal:
    """Pay what is open of an invoice by transfer, or an amount, and return it."""
    amount = open_amount(invoice) if amount is None else amount
    record_payment(
        invoice=invoice,
        amount=amount,
        method="transfer",
        received_on=on,
        external_reference=f"transfer-{invoice.pk}-{on}",
        by=None,
        at=morning(on),
    )
    return amount


def live(start: date, end: date, *, step: int = 0) -> None:
    """Let the clock run from a day to another, on both: what is due of members and their invoices (the
    kernel's own work would only take time). In between on the days that matter (`next_due_day`), or once
    every so many.
    """
    names = [entry.name for entry in due_work if entry.run.__module__.startswith(("membership.", "billing."))]
    run_due = Command(stdout=StringIO(), stderr=StringIO())  # its arguments are read once, not for each name
    day = start
    while True:
        for name in names:
            run_due.handle(at=morning(day), only=name, verbosity=1)
        if day >= end:
            return
        day = min(day + step * ONE, end) if step else next_due_day(day, end)


def next_due_day(today: date, last: date) -> date:
    """Return the next day on which something may be due, at most `last`. The days left out change nothing:
    test_whole_lives lives them all.
    """
    return min([*(day for day in due_days() if day > today), today + LONGEST, last])


def due_days() -> set[date]:
    """Return the days on which the rows by themselves say that something is due, and those around them."""
    days, lives = set[date](), Lifecycle.load()
    before = {*lives.notice_days, lives.invoice_days, 0}
    running = Membership.objects.filter(status__in=Membership.RUNNING, ends_on__isnull=False)
    for ends_on, lapses_on in running.values_list("ends_on", "lapses_on"):
        if ends_on:
            days |= {ends_on - number * ONE for number in before} | {ends_on + ONE}
        if lapses_on:
            days |= {lapses_on, lapses_on - lives.grace_days * ONE}
    late = {1, *Dunning.load().days}
    for invoice in Invoice.documents.filter(status__in=Invoice.OPEN):
        days |= {invoice.due_on + number * ONE for number in late}
        days.add(invoice.issued_on + (lives.application_days + 1) * ONE)
    planned = AutomaticPayment.objects.filter(status="planned", next_on__isnull=False)
    for next_on in planned.values_list("next_on", flat=True):
        if next_on:
            days |= {next_on, next_on - 7 * ONE}
    return {day + number * ONE for day in days for number in (-1, 0, 1)}


def member(on: date = FIRST, **words: Any) -> Membership:
    """Join and pay on the same day."""
    membership = join(on, **words)
    pay_all(on)
    membership.refresh_from_db()
    assert membership.status == "active"
    return membership


def groups() -> set[str]:
    return groups_of("noor@lantaarnwerk.example")


def groups_of(email: str) -> set[str]:
    """The tiers that are open to somebody."""
    names = User.objects.get(email=email).groups.values_list("name", flat=True)
    return {name.removeprefix("tier-") for name in names}


def mails(name: str) -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(template=f"membership/{name}").order_by("queued_at", "pk"))
