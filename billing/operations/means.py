"""Saving a card or direct debit for the renewals, and ending that: by its payer, by staff, by the bank."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from billing.gateways.stripe import CheckoutSession, SavedMeans, SetupRequest, connect
from billing.models import AutomaticPayment, CheckoutAttempt, Customer, Invoice, MeansSetup, PaymentMeans
from billing.operations.checkout import OPEN_FOR, OnlinePaymentOff, make_for
from billing.operations.means_mail import mail_of_means
from billing.operations.plans import drop_plans
from billing.queries import active_means
from billing.signals import means_let_go, means_saved
from cms.log import record

Because, Status = PaymentMeans.Because, PaymentMeans.Status
SHOWN = ("kind", "brand", "last4", "expires_year", "expires_month", "country")
MAILED = (Because.PAYER, Because.STAFF, Because.DETACHED, Because.MANDATE)
"""Of these ends the payer hears by a mail of its own; another mail tells of the others."""


class MeansEnded(ValueError):
    """It was ended before."""


def start_setup(*, customer: Customer, return_url: str, at: datetime, by: User | None) -> str:
    """Return the address of Stripe's page where a customer saves something without paying; it agreed to that.

    Raises OnlinePaymentOff, StripeUnavailable and StripeRefused. Never call it inside a transaction: it
    speaks to Stripe.
    """
    stripe = connect()
    if stripe is None:
        raise OnlinePaymentOff
    setup = _write_setup(customer=customer, at=at, by=by)
    separator = "&" if "?" in return_url else "?"

    def make(number: str, suffix: str) -> CheckoutSession:
        request = SetupRequest(
            metadata={"setup": str(setup.pk)},
            customer=number,
            locale=customer.language,
            success_url=f"{return_url}{separator}saved=1",
            cancel_url=return_url,
            expires_at=at + OPEN_FOR,
        )
        return stripe.create_setup(request=request, idempotency_key=f"{setup.idempotency_key}{suffix}")

    session = make_for(stripe, customer=customer, make=make)
    MeansSetup.objects.filter(pk=setup.pk).update(session_id=session.id)
    return session.url


@transaction.atomic
def _write_setup(*, customer: Customer, at: datetime, by: User | None) -> MeansSetup:
    setup: MeansSetup = MeansSetup.objects.create(customer=customer, agreed_by=by, agreed_at=at)
    record(customer, "billing.agree_means", by=by, at=at, data={"words": setup.words})
    return setup


def save_means_of_payment(*, attempt: CheckoutAttempt, at: datetime) -> PaymentMeans | None:
    """Keep what an invoice was paid with, where the payer agreed to that and it can be kept.

    Right when repeated or late. Raises StripeUnavailable. Never call it inside a transaction.
    """
    stripe = connect()
    if stripe is None or not (attempt.saves_means and attempt.intent_id):
        return None
    saved = stripe.find_saved(intent=attempt.intent_id)
    if saved is None:
        return None
    return keep_means(
        customer=attempt.invoice.customer,
        saved=saved,
        agreed_by=attempt.agreed_by,
        agreed_at=attempt.created_at,
        at=at,
    )


def save_means_of_setup(*, setup: MeansSetup, at: datetime) -> PaymentMeans | None:
    """Keep what was saved without paying. Right when repeated or late. Raises StripeUnavailable.

    Never call it inside a transaction.
    """
    stripe = connect()
    if stripe is None or not setup.intent_id:
        return None
    saved = stripe.find_saved(intent=setup.intent_id)
    if saved is None:
        return None
    return keep_means(
        customer=setup.customer,
        saved=saved,
        agreed_by=setup.agreed_by,
        agreed_at=setup.agreed_at,
        words=setup.words,
        at=at,
    )


@transaction.atomic
def keep_means(
    *, customer: Customer, saved: SavedMeans, at: datetime, agreed_at: datetime, **agreed: Any
) -> PaymentMeans | None:
    """Write down what a customer saved, in the place of what it saved before; the same one counts once.

    Of two the one agreed to last holds, whichever is heard of first. None for another customer's.
    """
    customer = _lock(customer)
    if saved.customer != customer.stripe_id:
        return None
    if known := PaymentMeans.objects.filter(stripe_id=saved.id).first():
        return known
    before = active_means(customer)
    is_late = before is not None and before.agreed_at > agreed_at
    if before and not is_late:
        _end(before, Because.REPLACED, "", at=at, by=agreed.get("agreed_by"))
    means: PaymentMeans = PaymentMeans.objects.create(
        customer=customer,
        stripe_id=saved.id,
        mandate_id=saved.mandate,
        mandate_reference=saved.mandate_reference,
        mandate_url=saved.mandate_url,
        agreed_at=agreed_at,
        saved_at=at,
        status=Status.ENDED if is_late else Status.ACTIVE,
        ended_at=at if is_late else None,
        ended_because=Because.REPLACED if is_late else "",
        **{name: getattr(saved, name) for name in SHOWN},
        **agreed,
    )
    data = {"means": str(means), "words": means.words}
    record(customer, "billing.save_means", by=means.agreed_by, at=at, data=data)
    if is_late:
        means_let_go.send(PaymentMeans, stripe_id=means.stripe_id)
        return means
    means_saved.send(PaymentMeans, means_id=means.pk, customer_id=customer.pk, at=at)
    mail_of_means("means_saved", means, at=at)
    return means


@transaction.atomic
def end_means(
    *, means: PaymentMeans, because: str, note: str = "", at: datetime, by: User | None
) -> PaymentMeans:
    """Charge a means of payment no more: what was planned with it is stopped, and Stripe is to forget it.

    What a bank works on already goes on. `because` is a PaymentMeans.Because. Raises MeansEnded.
    """
    _lock(means.customer)
    means = PaymentMeans.objects.select_for_update().get(pk=means.pk)
    if not means.is_active:
        raise MeansEnded
    _end(means, because, note, at=at, by=by)
    return means


@transaction.atomic
def end_means_of(*, customer: Customer, because: str, at: datetime, by: User | None) -> None:
    """End what a customer saved, if it saved anything."""
    if means := active_means(customer):
        end_means(means=means, because=because, at=at, by=by)


@transaction.atomic
def renew_means(*, means: PaymentMeans, year: int, month: int, last4: str, told_at: datetime) -> bool:
    """Note what the bank changed on a card. Older news than what is known changes nothing: False."""
    means = PaymentMeans.objects.select_for_update().get(pk=means.pk)
    if means.told_at and means.told_at >= told_at:
        return False
    means.expires_year, means.expires_month, means.told_at = year, month, told_at
    means.last4 = last4 or means.last4
    means.save(update_fields=["expires_year", "expires_month", "last4", "told_at"])
    record(
        means.customer, "billing.renew_means", at=told_at, data={"means": str(means), "until": means.expiry}
    )
    return True


def let_go(*, stripe_id: str) -> None:
    """Let Stripe forget what ended; nothing happens where it did. Raises StripeUnavailable and StripeRefused.

    Never call it inside a transaction.
    """
    if stripe := connect():
        stripe.detach_means(means=stripe_id)


def _lock(customer: Customer) -> Customer:
    """Lock what is open of a customer, then the customer: payments lock their invoice first as well."""
    invoices = Invoice.objects.filter(customer=customer, status__in=Invoice.OPEN).order_by("pk")
    list(invoices.select_for_update().values_list("pk", flat=True))
    return Customer.objects.select_for_update().get(pk=customer.pk)


def _end(means: PaymentMeans, because: str, note: str, *, at: datetime, by: User | None) -> None:
    plans = list(means.plans.filter(status=AutomaticPayment.Status.PLANNED).select_related("invoice"))
    means.status, means.ended_at = Status.ENDED, at
    means.ended_because, means.ended_note = because, note
    means.save(update_fields=["status", "ended_at", "ended_because", "ended_note"])
    said = means.get_kind_display() if because == Because.ERASED else str(means)
    data = {"means": str(said), "because": str(because), "reason": note}
    record(means.customer, "billing.end_means", by=by, at=at, data=data)
    drop_plans(plans=plans, because=AutomaticPayment.Because.MEANS, at=at, by=by)
    if because != Because.DETACHED:
        means_let_go.send(PaymentMeans, stripe_id=means.stripe_id)
    if because in MAILED:
        mail_of_means("means_ended", means, at=at, dropped=plans)
