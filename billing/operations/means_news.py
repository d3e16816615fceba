"""What Stripe tells of saved means of payment and of charges without their payer, in whatever order."""

from datetime import datetime
from typing import Any

from billing.models import ChargeTry, MeansSetup, PaymentMeans
from billing.operations.charge_outcomes import ChargeContradicts, book_charge, follow_charge, refuse_charge
from billing.operations.means import MeansEnded, end_means, renew_means
from billing.rules import is_final_refusal
from billing.signals import means_promised

Because = PaymentMeans.Because

OF_CHARGES = ("payment_intent.succeeded", "payment_intent.processing", "payment_intent.payment_failed")
OF_MEANS = (
    "payment_method.detached",
    "payment_method.automatically_updated",
    "payment_method.card_automatically_updated",
    "mandate.updated",
)


def hear_of_charge(*, kind: str, intent: dict[str, Any], told_at: datetime, at: datetime) -> str:
    """Do what Stripe says about a charge. Returns what became of it. Raises ChargeContradicts."""
    metadata = intent.get("metadata") or {}
    if "try" not in metadata:
        return "not a charge of ours: what is paid on the pay page is told otherwise"
    charge = _charge_of(metadata)
    number = charge.plan.invoice.number
    if kind == "payment_intent.processing":
        is_news = follow_charge(charge=charge, intent=intent["id"])
        return f"{number}: waiting for the bank" if is_news else f"{number}: more is known by now"
    if kind == "payment_intent.payment_failed":
        error = intent.get("last_payment_error") or {}
        code = str(error.get("decline_code") or error.get("code") or "")
        is_news = refuse_charge(
            charge=charge,
            code=code,
            is_final=is_final_refusal(code, str(error.get("advice_code") or "")),
            error=str(error.get("message") or ""),
            intent=intent["id"],
            at=at,
        )
        return f"{number} is refused: {code}" if is_news else f"{number}: the outcome is known"
    payment = book_charge(
        charge=charge,
        amount=intent["amount"],
        currency=intent["currency"],
        intent=intent["id"],
        told_at=told_at,
        at=at,
    )
    return f"{payment.amount} EUR recorded on {number}"


def hear_of_means(*, kind: str, thing: dict[str, Any], told_at: datetime, at: datetime) -> str:
    """Do what Stripe says about a card, a bank account or a mandate. Returns what became of it."""
    by_what = {"mandate_id": thing["id"]} if thing["object"] == "mandate" else {"stripe_id": thing["id"]}
    means = PaymentMeans.objects.filter(**by_what).first()
    if means is None:
        return "not about a means of payment that we know"
    if kind == "mandate.updated" and thing.get("status") != "inactive":
        return f"{means}: the mandate is {thing.get('status')}"
    if kind in ("mandate.updated", "payment_method.detached"):
        because = Because.MANDATE if kind == "mandate.updated" else Because.DETACHED
        try:
            end_means(means=means, because=because, at=at, by=None)
        except MeansEnded:
            return f"{means}: ended before"
        return f"{means}: ended"
    card = thing.get("card") or {}
    if not (card.get("exp_year") and card.get("exp_month")):
        return f"{means}: nothing that we keep"
    is_news = renew_means(
        means=means,
        year=card["exp_year"],
        month=card["exp_month"],
        last4=str(card.get("last4") or ""),
        told_at=told_at,
    )
    return f"{means}: renewed" if is_news else f"{means}: newer is known"


def hear_of_setup(*, session: dict[str, Any]) -> str:
    """Ask later what was saved, where somebody is through Stripe's page. Raises ChargeContradicts."""
    number = str((session.get("metadata") or {}).get("setup", ""))
    setup = MeansSetup.objects.filter(
        pk=int(number) if number.isdecimal() and len(number) < 10 else 0
    ).first()
    if setup is None or setup.session_id not in (None, session["id"]):
        raise ChargeContradicts(f"no such visit to save: {number}")
    MeansSetup.objects.filter(pk=setup.pk).update(is_done=True, intent_id=session.get("setup_intent") or "")
    means_promised.send(MeansSetup, setup_id=setup.pk)
    return "what was saved is asked"


def _charge_of(metadata: dict[str, Any]) -> ChargeTry:
    try:
        return ChargeTry.objects.select_related("plan__invoice").get(
            plan__invoice=int(metadata["invoice"]), number=int(metadata["try"])
        )
    except (ChargeTry.DoesNotExist, KeyError, ValueError, OverflowError) as error:
        raise ChargeContradicts(f"no such charge: {metadata}") from error
