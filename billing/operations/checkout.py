"""Paying an invoice on Stripe's page: starting a visit, and closing those that are left open."""

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from billing.gateways.stripe import (
    CheckoutRequest,
    CheckoutSession,
    CustomerDetails,
    Stripe,
    StripeRefused,
    StripeUnavailable,
    connect,
)
from billing.models import ChargeRules, CheckoutAttempt, Customer, Invoice
from billing.money import to_minor_units
from billing.queries import is_under_way, open_amount
from billing.rules import is_payable_online
from cms.log import record

log = logging.getLogger(__name__)
OPEN_FOR = timedelta(hours=1)
"""Stripe takes 30 minutes to 24 hours."""
STILL_USABLE = timedelta(minutes=10)


class NothingToPay(ValueError):
    """The invoice is paid or credited, is a credit note, or a pro forma that nobody has to pay any more."""


class PaymentUnderWay(RuntimeError):
    """The payer has paid already; Stripe or the bank has still to confirm it."""


class OnlinePaymentOff(RuntimeError):
    """There are no Stripe keys, or Stripe does not take such an amount."""


def may_pay_online(invoice: Invoice, *, left: Decimal | None = None) -> bool:
    """Say whether what is left to pay of an invoice can be paid online: whoever offers it asks this.

    `left`, in EUR, is asked unless the caller knows it.
    """
    if not invoice.is_open or connect() is None:
        return False
    return is_payable_online(open_amount(invoice) if left is None else left)


def start_checkout(
    *,
    invoice: Invoice,
    return_url: str,
    at: datetime,
    saves_means: bool = False,
    by: User | None = None,
) -> CheckoutAttempt:
    """Return a visit to Stripe's page for what is open; its `url` is where to send the payer.

    A visit for the same amount that is still open is used again. `return_url` is where Stripe sends the payer
    afterwards, with `paid` or `stopped` behind it; coming back confirms nothing, the signed message does.
    With `saves_means` the payer, who is `by` where somebody is logged in, agreed that what is paid with is
    kept for the renewals.

    Raises NothingToPay, PaymentUnderWay, OnlinePaymentOff, StripeUnavailable and StripeRefused. Never call it
    inside a transaction: it speaks to Stripe.
    """
    stripe = connect()
    if stripe is None:
        raise OnlinePaymentOff
    words: dict[str, Any] = {"saves_means": saves_means, "by": by}
    attempt = _begin(invoice=invoice, at=at, **words)
    _close_others(stripe, attempt)
    if attempt.status == CheckoutAttempt.Status.OPEN:
        status = _status_of(stripe, attempt)
        if status == "open":
            return attempt
        if status == "complete":
            raise PaymentUnderWay(invoice.number)
        _close(attempt)
        attempt = _begin(invoice=invoice, at=at, **words)
    with translation.override(invoice.language):
        text = _("Pro forma invoice %(number)s") if invoice.is_pro_forma else _("Invoice %(number)s")
        description = text % {"number": invoice.number}
    separator = "&" if "?" in return_url else "?"
    highest_debit = ChargeRules.load().highest_debit

    def make(number: str, suffix: str) -> CheckoutSession:
        request = CheckoutRequest(
            amount=to_minor_units(attempt.amount),
            description=description,
            client_reference_id=invoice.number,
            metadata={"invoice": str(invoice.pk), "attempt": str(attempt.number)},
            customer=number,
            locale=invoice.language,
            success_url=f"{return_url}{separator}paid=1",
            cancel_url=f"{return_url}{separator}stopped=1",
            expires_at=at + OPEN_FOR,
            saves_means=saves_means,
            takes_debit=attempt.amount <= highest_debit,
        )
        return stripe.create_checkout(request=request, idempotency_key=f"{attempt.idempotency_key}{suffix}")

    session = make_for(stripe, customer=invoice.customer, make=make)
    # A message of Stripe can be here already: it is not undone.
    CheckoutAttempt.objects.filter(pk=attempt.pk, status=CheckoutAttempt.Status.STARTED).update(
        status=CheckoutAttempt.Status.OPEN
    )
    attempt.session_id, attempt.url, attempt.expires_at = session.id, session.url, session.expires_at
    attempt.save(update_fields=["session_id", "url", "expires_at"])
    return _leave_one(stripe, attempt)


def _leave_one(stripe: Stripe, attempt: CheckoutAttempt) -> CheckoutAttempt:
    """Return the newest of the visits begun at the same time, and close those before it: one is paid in."""
    visits = attempt.invoice.checkout_attempts.filter(status=CheckoutAttempt.Status.OPEN)
    newer = visits.filter(number__gt=attempt.number, session_id__isnull=False)
    newest = newer.order_by("-number").first() or attempt
    try:
        _expire(stripe, visits.filter(number__lt=newest.number))
    except StripeUnavailable:
        log.warning("older visits than %s are still open", newest)
    return newest


def _status_of(stripe: Stripe, attempt: CheckoutAttempt) -> str:
    """Ask how a visit stands; one that Stripe does not know (the keys were changed) is over."""
    try:
        return stripe.retrieve_checkout(session_id=attempt.session_id or "").status
    except StripeRefused as refused:
        if refused.code != "resource_missing":
            raise
        return "expired"


def make_for(
    stripe: Stripe, *, customer: Customer, make: Callable[[str, str], CheckoutSession]
) -> CheckoutSession:
    """Make a session for a customer, who is made known anew where Stripe lost them.

    `make` gets Stripe's number of the customer, and what to put behind the idempotency key, since another
    request needs another key. Raises StripeUnavailable and StripeRefused.
    """
    try:
        return make(known_at_stripe(stripe, customer=customer), "")
    except StripeRefused as refused:
        if refused.code != "resource_missing":
            raise
    # Deleted there, or the keys are of another account.
    Customer.objects.filter(pk=customer.pk).update(stripe_details={})
    customer.refresh_from_db(fields=["stripe_details"])
    return make(known_at_stripe(stripe, customer=customer), "-anew")


def known_at_stripe(stripe: Stripe, *, customer: Customer) -> str:
    """Return Stripe's number of a customer, who is made known there, or told of anew where something changed.

    Two at it at once make one, by the key; one who is called otherwise by then is another request. One that
    Stripe does not have (it was deleted there, or the keys are of another account) is made anew. Raises
    StripeUnavailable and StripeRefused.
    """
    details = CustomerDetails(name=customer.name, email=customer.email, locale=customer.language)
    known, told = customer.stripe_id, asdict(details)
    if known and customer.stripe_details == told:
        return known
    key = f"customer-{customer.pk}-{sha256(repr(details).encode()).hexdigest()[:12]}"
    if known:
        try:
            stripe.update_customer(customer_id=known, details=details)
        except StripeRefused as refused:
            if refused.code != "resource_missing":
                raise
            known, key = None, f"{key}-after-{known}"
    if known is None:
        metadata = {"customer": str(customer.pk)}
        known = stripe.create_customer(details=details, metadata=metadata, idempotency_key=key)
    Customer.objects.filter(pk=customer.pk).update(stripe_id=known, stripe_details=told)
    return known


def close_checkouts(*, invoice: Invoice) -> int:
    """Close the open visits for another amount than what is still open, and return how many there were.

    Raises StripeUnavailable; one that was paid or closed meanwhile is left to its message.
    """
    stripe = connect()
    if stripe is None:
        return 0
    return _expire(stripe, invoice.checkout_attempts.exclude(amount=open_amount(invoice)))


def _close_others(stripe: Stripe, attempt: CheckoutAttempt) -> None:
    """Close the open visits of who now agrees to save, or does not any more: one of them is to be paid in."""
    _expire(stripe, attempt.invoice.checkout_attempts.filter(saves_means=not attempt.saves_means))


def _expire(stripe: Stripe, attempts: QuerySet[CheckoutAttempt]) -> int:
    count = 0
    for attempt in attempts.filter(status=CheckoutAttempt.Status.OPEN, session_id__isnull=False):
        try:
            stripe.expire_checkout(session_id=attempt.session_id or "")
        except StripeRefused:
            continue
        _close(attempt)
        count += 1
    return count


def _close(attempt: CheckoutAttempt) -> None:
    """Note that nobody can pay in this visit any more, unless a message was faster."""
    CheckoutAttempt.objects.filter(pk=attempt.pk, status=CheckoutAttempt.Status.OPEN).update(
        status=CheckoutAttempt.Status.FAILED
    )


@transaction.atomic
def _begin(*, invoice: Invoice, at: datetime, saves_means: bool, by: User | None) -> CheckoutAttempt:
    """Write the attempt down before Stripe hears of it; the invoice's row is the lock."""
    invoice = Invoice.documents.select_for_update().get(pk=invoice.pk)
    amount: Decimal = open_amount(invoice)
    if not invoice.is_open or amount <= 0:
        raise NothingToPay(invoice.number)
    if not is_payable_online(amount):
        raise OnlinePaymentOff(invoice.number)
    attempts = invoice.checkout_attempts.order_by("-number")
    if Invoice.documents.filter(is_under_way("pk"), pk=invoice.pk).exists():
        raise PaymentUnderWay(invoice.number)
    usable = attempts.filter(
        status=CheckoutAttempt.Status.OPEN,
        amount=amount,
        saves_means=saves_means,
        expires_at__gt=at + STILL_USABLE,
    ).first()
    if usable:
        return usable
    last = attempts.first()
    attempt = CheckoutAttempt.objects.create(
        invoice=invoice,
        number=last.number + 1 if last else 1,
        amount=amount,
        created_at=at,
        saves_means=saves_means,
        agreed_by=by if saves_means else None,
    )
    data = {"attempt": attempt.number, "amount": str(amount), "saves_means": saves_means}
    record(invoice, "billing.checkout", by=by, at=at, data=data)
    return attempt
