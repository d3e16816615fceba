"""Work of billing that leaves the process or must not fail with its cause. Every task may run twice."""

from contextlib import suppress
from datetime import datetime

from django.utils import timezone
from django_tasks import task

from billing.models import (
    BankFile,
    ChargeTry,
    CheckoutAttempt,
    Customer,
    Dispatch,
    Invoice,
    MeansSetup,
    Reversal,
    StripeEvent,
)
from billing.operations.bank_lines import match_entries
from billing.operations.charges import look_up_charge, send_charge
from billing.operations.checkout import close_checkouts
from billing.operations.delivery import send_waiting_mail
from billing.operations.means import let_go, save_means_of_payment, save_means_of_setup
from billing.operations.peppol import send_by_peppol
from billing.operations.peppol_news import ask_state, read_news
from billing.operations.refunds import send_refund
from billing.operations.stripe_events import EventRefused, apply_event
from billing.operations.vat_checks import check_vat_number
from billing.operations.visits import look_up_visit


@task(priority=50)  # somebody waits for it; indexing may wait
def apply_stripe_event(event_id: int) -> None:
    """Apply a kept message of Stripe. One that contradicts our books waits in the back office."""
    try:
        apply_event(event=StripeEvent.objects.get(pk=event_id), at=timezone.now())
    except EventRefused:
        return  # written on the message; trying again does not help


@task(priority=50)  # nobody may pay twice meanwhile
def close_stripe_checkouts(invoice_id: int) -> None:
    """Close the pay pages of an invoice that was settled or credited otherwise."""
    close_checkouts(invoice=Invoice.documents.get(pk=invoice_id))


@task
def ask_about_checkout(attempt_id: int) -> None:
    """Ask Stripe how a visit to its page went. What contradicts our books waits in the back office."""
    attempt = CheckoutAttempt.objects.get(pk=attempt_id)
    with suppress(EventRefused):  # written on the answer that is kept; trying again does not help
        look_up_visit(attempt=attempt, at=timezone.now())


@task
def send_stripe_refund(reversal_id: int) -> None:
    """Ask Stripe to pay something back."""
    send_refund(reversal=Reversal.objects.get(pk=reversal_id), at=timezone.now())


@task
def save_attempt_means(attempt_id: int) -> None:
    """Ask Stripe what an invoice was paid with, and keep it for the renewals."""
    attempt = CheckoutAttempt.objects.select_related("invoice__customer", "agreed_by").get(pk=attempt_id)
    save_means_of_payment(attempt=attempt, at=timezone.now())


@task(priority=50)  # somebody waits for it
def save_setup_means(setup_id: int) -> None:
    """Ask Stripe what was saved without paying; nothing for a customer who is gone."""
    if setup := MeansSetup.objects.select_related("customer", "agreed_by").filter(pk=setup_id).first():
        save_means_of_setup(setup=setup, at=timezone.now())


@task
def let_means_go(stripe_id: str) -> None:
    """Let Stripe forget a means of payment."""
    let_go(stripe_id=stripe_id)


@task
def send_stripe_charge(try_id: int) -> None:
    """Ask Stripe to charge an invoice, or how that stands where it waits for the bank."""
    charge, at = ChargeTry.objects.get(pk=try_id), timezone.now()
    if charge.status == ChargeTry.Status.PENDING:
        look_up_charge(charge=charge, at=at)
    else:
        send_charge(charge=charge, at=at)


@task
def match_bank_file(file_id: int) -> None:
    """Match the bank lines that wait, in the name of who uploaded the file."""
    file = BankFile.objects.select_related("uploaded_by").get(pk=file_id)
    match_entries(at=timezone.now(), by=file.uploaded_by)


@task(priority=50)  # the mail waits for it
def send_dispatch(dispatch_id: int) -> None:
    """Look the receiver up, send by Peppol, and let the mail go; or the mail alone."""
    dispatch = Dispatch.objects.select_related("invoice").get(pk=dispatch_id)
    if dispatch.channel == Dispatch.Channel.MAIL:
        send_waiting_mail(invoice=dispatch.invoice, at=timezone.now())
    else:
        send_by_peppol(dispatch=dispatch, at=timezone.now())


@task
def ask_about_dispatch(dispatch_id: int) -> None:
    """Ask the access point how a document fared, and first what else it has to tell."""
    at = timezone.now()
    read_news(at=at)
    ask_state(dispatch=Dispatch.objects.get(pk=dispatch_id), at=at)


@task
def ask_vies(customer_id: int, vat_number: str, since: str = "") -> None:
    """Ask VIES about a VAT number of a customer; nothing for one that is gone.

    `since` (ISO 8601): older answers do not count.
    """
    if customer := Customer.objects.filter(pk=customer_id).first():
        newer = datetime.fromisoformat(since) if since else None
        check_vat_number(customer=customer, vat_number=vat_number, at=timezone.now(), since=newer)
