"""Confirming the VAT numbers of customers elsewhere in the EU: by VIES, or by staff where it gives no answer.

`check_vat_number` speaks to the outside: never call it inside a transaction.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from billing.gateways.vies import KEPT, ViesAnswer, ViesUnavailable, connect
from billing.models import Customer, Issuer, VatCheck
from billing.queries import ABROAD, customers_abroad, needs_vat_check, vat_standing, vat_standings
from billing.signals import vat_check_wanted
from cms.emails import queue_email
from cms.log import record
from cms.operations.periodic import each

ASK_EVERY = timedelta(days=1)
"""How long until a number is asked anew that got no answer and that the queue gave up."""

Outcome = VatCheck.Outcome


class NothingToDecide(ValueError):
    """Reverse charge does not hang on this customer's VAT number: it has none of another member state."""


@transaction.atomic
def want_vat_check(*, customer: Customer, at: datetime, vat_number: str = "") -> bool:
    """Let VIES be asked about a customer's VAT number (or another that it gives) where that is due.

    Speaks to nobody outside: a task does. Where VIES is not asked at all, staff are. Returns whether it was
    due.
    """
    if customer.country not in ABROAD:
        return False
    number = vat_number or customer.vat_number
    if not needs_vat_check(customer, regime=Issuer.load().vat_regime, vat_number=number):
        return False
    if not vat_standing(number, at=at).is_due(at):
        return False
    Customer.objects.filter(pk=customer.pk).update(vat_asked_at=at)
    if connect() is None:
        _ask_staff(customer, number, at)
    else:
        vat_check_wanted.send(Customer, customer_id=customer.pk, vat_number=number)
    return True


@transaction.atomic
def ask_vies_again(*, customer: Customer, at: datetime, by: User | None) -> None:
    """Have VIES asked about a customer's VAT number, whatever is known of it; the newest answer counts.

    Speaks to nobody outside: a task does. Raises NothingToDecide, also where VIES is not asked at all.
    """
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    if connect() is None or not needs_vat_check(customer, regime=Issuer.load().vat_regime):
        raise NothingToDecide
    number = customer.vat_number
    Customer.objects.filter(pk=customer.pk).update(vat_asked_at=at)
    record(customer, "billing.ask_vies", by=by, at=at, data={"number": number})
    vat_check_wanted.send(Customer, customer_id=customer.pk, vat_number=number, since=at)


def want_due_checks(at: datetime) -> int:
    """Let VIES be asked about each number whose answer is missing or lapses soon, at most once a day."""
    abroad = customers_abroad()
    found = vat_standings({customer.vat_number for customer in abroad}, at=at)
    due = [customer.pk for customer in abroad if found[customer.vat_number].is_due(at)]
    return each(due, lambda pk: _want_once(pk, at))


def check_vat_number(
    *, customer: Customer, vat_number: str, at: datetime, since: datetime | None = None
) -> None:
    """Ask VIES about a VAT number of a customer and keep its answer, once.

    Done before, or by another worker meanwhile, it does nothing; with `since`, only an answer from then on
    counts as done. Raises ViesUnavailable where there was no answer, which is kept too.
    """
    service = connect()
    if service is None or not _is_due(vat_number, at, since):
        return
    words: dict[str, Any] = {"requester": Issuer.load().vat_number, "at": at, "since": since}
    try:
        answer = service.check(vat_number=vat_number, requester=words["requester"])
    except ViesUnavailable as error:
        _keep(customer, vat_number, ViesAnswer(False, "", "", "", str(error)), is_answer=False, **words)
        raise
    _keep(customer, vat_number, answer, **words)


@transaction.atomic
def decide_vat_number(
    *, customer: Customer, is_confirmed: bool, reason: str, at: datetime, by: User | None
) -> VatCheck:
    """Confirm or reject a customer's VAT number by hand, with a reason; it counts for a year.

    A rejected number counts as none: the customer is invoiced with Belgian VAT. Raises NothingToDecide.
    """
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    if not needs_vat_check(customer, regime=Issuer.load().vat_regime):
        raise NothingToDecide
    decision: VatCheck = VatCheck.objects.create(
        customer=customer,
        vat_number=customer.vat_number,
        outcome=Outcome.VALID if is_confirmed else Outcome.INVALID,
        reason=reason,
        checked_at=at,
        by=by,
    )
    data = {"number": customer.vat_number, "outcome": str(decision.outcome), "reason": reason}
    record(customer, "billing.decide_vat_number", by=by, at=at, data=data)
    return decision


def _is_due(vat_number: str, at: datetime, since: datetime | None) -> bool:
    if since is None:
        return vat_standing(vat_number, at=at).is_due(at)
    answers = VatCheck.objects.filter(vat_number=vat_number, reason="", checked_at__gte=since)
    return not answers.exclude(outcome=Outcome.UNAVAILABLE).exists()


def _want_once(pk: int, at: datetime) -> bool:
    """Let one be asked, unless somebody did so less than a day ago."""
    long_ago = Q(vat_asked_at__isnull=True) | Q(vat_asked_at__lte=at - ASK_EVERY)
    customer = Customer.objects.select_for_update().filter(long_ago, pk=pk).first()
    return customer is not None and want_vat_check(customer=customer, at=at)


@transaction.atomic
def _keep(
    customer: Customer,
    vat_number: str,
    answer: ViesAnswer,
    *,
    requester: str,
    at: datetime,
    since: datetime | None,
    is_answer: bool = True,
) -> None:
    """Keep what came, unless another worker or a person knew it sooner; ask staff where that is needed."""
    locked = Customer.objects.select_for_update().filter(pk=customer.pk).first()
    if locked is None or not _is_due(vat_number, at, since):
        return
    outcome = (Outcome.VALID if answer.is_valid else Outcome.INVALID) if is_answer else Outcome.UNAVAILABLE
    VatCheck.objects.create(
        customer=locked,
        vat_number=vat_number,
        requester=requester,
        outcome=outcome,
        consultation_number=answer.consultation_number[:60],
        name=answer.name[:300],
        address=answer.address[:500],
        answer=answer.text[:KEPT],
        checked_at=at,
    )
    data = {"number": vat_number, "outcome": str(outcome), "consultation": answer.consultation_number[:60]}
    record(locked, "billing.check_vat_number", at=at, data=data)
    if vat_standing(vat_number, at=at).needs_staff(is_asked=True):
        _ask_staff(locked, vat_number, at)


def _ask_staff(customer: Customer, vat_number: str, at: datetime) -> None:
    """Mail the association that somebody must decide, at most once a month about a number."""
    issuer = Issuer.load()
    if not issuer.email:
        return
    standing = vat_standing(vat_number, at=at)
    queue_email(
        template="billing/vat_number_waits",
        to=issuer.email,
        language=settings.LANGUAGE_CODE,
        context={"customer": customer, "vat_number": vat_number, "is_refused": standing.check is not None},
        key=f"{customer.pk}:{vat_number}:{at:%Y-%m}",
        at=at,
    )
