"""What a treasurer meets in the demo: money from the bank, sent back, planned, late or in doubt."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from time import time as now

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, override

from accounts.models import User
from billing.models import Customer, Invoice, Payment, PaymentMeans, Reversal
from billing.operations.bank_files import import_bank_file
from billing.operations.bank_lines import set_aside_debits
from billing.operations.dunning import hold_dunning, send_due_reminders
from billing.operations.invoices import DraftLine, issue_invoice
from billing.operations.overdue import mark_overdue
from billing.operations.plans import plan_payment
from billing.operations.refunds import refund_payment
from billing.operations.stripe_events import apply_event, keep_event
from billing.operations.undoing import undo_payment
from billing.operations.vat_checks import decide_vat_number
from demo.operations.bank_file import Booked, write_bank_file
from demo.operations.invoices import SPONSORS, payers_by_bank
from demo.stand_in.store import FileStore
from demo.stand_in.stripe_account import StripeStandIn

TOO_MUCH = Decimal("10.00")
DAY = timedelta(days=1)
STAND = Decimal("250.00")
FIRST_REMINDER = timedelta(days=7)


def load_treasury(*, at: datetime) -> str:
    """Do in the order of the days what a treasurer, the clock, the bank and Stripe do."""
    treasurer = User.objects.get(email="penningmeester@demo.example")
    _remind(at=at, by=treasurer)
    lines = _import(at=at, by=treasurer)
    _confirm_vat_number(at=at - 5 * DAY, by=treasurer)
    _plan(at=at, by=treasurer)
    return f"a bank file of {lines} lines, and what a treasurer does"


def _remind(*, at: datetime, by: User) -> None:
    """Let the oldest sponsor be late and reminded, and hold the reminders of the next."""
    oldest, next_one = sorted(SPONSORS, reverse=True)[:2]
    late = {
        invoice.issued_on: invoice
        for invoice in Invoice.objects.filter(status__in=Invoice.OPEN, reference="")
    }
    today = timezone.localdate(at)
    first, second = (late[today - days * DAY] for days in (oldest, next_one))
    mark_overdue(_morning_after(first))
    send_due_reminders(_morning_after(first) + FIRST_REMINDER)
    mark_overdue(_morning_after(second))
    reason = "Wacht op een bestelbonnummer van de klant"
    hold_dunning(invoice=second, reason=reason, at=_morning_after(second), by=by)


def _morning_after(invoice: Invoice) -> datetime:
    """Return the first morning on which it is late."""
    return timezone.make_aware(datetime.combine(invoice.due_on + DAY, time(8)))


def _import(*, at: datetime, by: User) -> int:
    """Import a file of two days ago: lines that match, one in part, two that wait, and one in doubt.

    Its lines are matched within the one transaction of loading: nobody else is at work yet.
    """
    booked_at = at - 2 * DAY
    whole, by_message, partly, too_much, wrong = payers_by_bank(at=at)
    lines = [
        _line(whole),
        Booked(key="TEKST", amount=by_message.gross, name=by_message.name, text=by_message.communication),
        _line(partly, -partly.gross / 2),
        _line(too_much, TOO_MUCH),
        _line(wrong),
        Booked(key="GIFT", amount=Decimal("50.00"), name="Noor Peeters", text="Gift voor de vereniging"),
        Booked(
            key="ZONDER", amount=Decimal("120.00"), name="Voorbeeld & Zoon", text="Deelname, zie onze e-mail"
        ),
        Booked(key="KOSTEN", amount=Decimal("-9.80"), name="Voorbeeldbank", text="Beheerskosten rekening"),
    ]
    content = write_bank_file(lines, on=timezone.localdate(booked_at))
    name = f"camt053-{timezone.localdate(booked_at)}.xml"
    file = import_bank_file(content=content, name=name, at=booked_at + DAY, by=by).file
    set_aside_debits(file=file, reason="Kosten van de bank", at=booked_at + DAY, by=by)
    surplus, mistaken = (Payment.objects.get(invoice=each) for each in (too_much, wrong))
    refund_payment(
        payment=surplus,
        amount=TOO_MUCH,
        method=Payment.Method.TRANSFER,
        returned_on=timezone.localdate(at - DAY),
        reason="Te veel betaald",
        key="demo:surplus",
        at=at - DAY,
        by=by,
    )
    undo_payment(
        payment=mistaken,
        kind=Reversal.Kind.MISTAKE,
        returned_on=mistaken.received_on,
        reason="De mededeling hoort bij een andere factuur, zegt de klant",
        at=at - DAY,
        by=by,
    )
    return len(lines)


def _line(invoice: Invoice, more: Decimal = Decimal(0)) -> Booked:
    """A transfer with the reference of an invoice, of its amount or so much more."""
    return Booked(
        key=invoice.number,
        amount=invoice.gross + more,
        name=invoice.name,
        communication=invoice.structured_communication,
    )


def _confirm_vat_number(*, at: datetime, by: User) -> None:
    """Confirm by hand the VAT number of a Dutch customer, as where VIES is not asked."""
    customer = Customer.objects.create(
        name="Grachtmeting Voorbeeld (demo)",
        legal_form="bv",
        street="Voorbeeldgracht 1",
        postcode="9999 ZZ",
        city="Voorbeelddam",
        country="NL",
        email="facturen@grachtmeting.demo.example",
        vat_number="NL123456782B12",
        language="nl",
    )
    decide_vat_number(
        customer=customer,
        is_confirmed=True,
        reason="Nagekeken op de site van VIES; afdruk bij de boekhouding",
        at=at,
        by=by,
    )


def _plan(*, at: datetime, by: User) -> None:
    """Plan to charge an invoice to the saved card, of which Stripe has told that the bank renewed it."""
    means = PaymentMeans.objects.select_related("customer").first()
    if means is None:
        return
    stand_in = StripeStandIn(
        kept=FileStore(settings.DATA_DIR / "private" / "demo-stripe"),
        page_url=str,
        now=now,
        secret_key="",
        webhook_secret="",
    )
    message = stand_in.event("payment_method.automatically_updated", stand_in.kept[means.stripe_id])
    event = keep_event(event=message, at=at - 3 * DAY)
    if event is not None:
        apply_event(event=event, at=at - 3 * DAY)
    with override(means.customer.language):
        text = gettext("Stand at the yearly meeting")
    invoice = issue_invoice(
        customer=means.customer,
        lines=[DraftLine(text=text, unit_price=STAND)],
        reference="",
        at=at - DAY,
        by=by,
    )
    plan_payment(invoice=invoice, means=means, at=at - DAY, by=by)
