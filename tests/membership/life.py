"""A member whose years go by: joined by the operations, after which only `run_due --at` moves the clock."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

from django.utils import timezone

from accounts.models import User
from billing.models import Invoice
from billing.operations.invoices import record_payment
from billing.queries import open_amount
from cms.management.commands.run_due import Command
from cms.models import OutgoingMail
from cms.registries import due_work
from membership.models import Membership, Tier
from membership.operations.applicants import Applicant
from membership.operations.joining import apply_for_membership


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
) -> Membership:
    """Apply on a day, as somebody who is logged in or not."""
    applicant = Applicant(
        tier=Tier.objects.get(slug=tier),
        kind="company",
        employees=employees,
        name="Lantaarnwerk",
        enterprise_number=number,
        vat_number="",
        street="Lampstraat 1",
        postcode="9000",
        city="Gent",
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


def live(start: date, end: date, *, step: int = 1) -> None:
    """Let the clock run from a day to another: once every so many days, and on the last one, what is due
    of members and their invoices (the kernel's own work would only take time).
    """
    names = [entry.name for entry in due_work if entry.run.__module__.startswith(("membership.", "billing."))]
    run_due = Command(stdout=StringIO(), stderr=StringIO())  # its arguments are read once, not for each name
    for day in [*range(0, (end - start).days, step), (end - start).days]:
        moment = morning(start + timedelta(days=day))
        for name in names:
            run_due.handle(at=moment, only=name, verbosity=1)


FIRST = date(2027, 3, 1)


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
