"""What billing does when an invoice is settled, a bank file came in, or somebody outside is to be asked."""

from datetime import datetime
from typing import Any

from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver
from django.utils import timezone
from wagtail.log_actions import get_active_log_context

from billing.models import CheckoutAttempt, Issuer
from billing.operations.account import note_new_account
from billing.operations.charge_outcomes import close_plan
from billing.signals import (
    bank_file_kept,
    charge_queued,
    checkout_asked,
    dispatch_asked,
    dispatch_queued,
    invoice_credited,
    invoice_issued,
    invoice_paid,
    invoice_reduced,
    means_let_go,
    means_promised,
    pro_forma_withdrawn,
    refund_queued,
    vat_check_wanted,
)
from billing.tasks import (
    ask_about_checkout,
    ask_about_dispatch,
    ask_vies,
    close_stripe_checkouts,
    let_means_go,
    match_bank_file,
    save_attempt_means,
    save_setup_means,
    send_dispatch,
    send_stripe_charge,
    send_stripe_refund,
)


@receiver(
    [invoice_paid, invoice_credited, invoice_reduced, pro_forma_withdrawn],
    dispatch_uid="billing_close_checkouts",
)
def close_pay_pages(sender: type, invoice_id: int, **words: Any) -> None:
    """Let nobody pay online for what needs no payment any more, or less of it."""
    if CheckoutAttempt.objects.filter(invoice_id=invoice_id, status=CheckoutAttempt.Status.OPEN).exists():
        close_stripe_checkouts.enqueue(invoice_id)


@receiver(invoice_issued, dispatch_uid="billing_close_checkouts_of_pro_forma")
def close_pay_pages_before(sender: type, pro_forma_id: int | None = None, **words: Any) -> None:
    """Let nobody pay online by a pro forma whose invoice is there."""
    if pro_forma_id is not None:
        close_pay_pages(sender, invoice_id=pro_forma_id)


@receiver([invoice_paid, invoice_credited], dispatch_uid="billing_close_plan")
def charge_no_more(sender: type, invoice_id: int, at: datetime, **words: Any) -> None:
    """Charge nothing automatically of what needs no payment any more."""
    close_plan(invoice_id=invoice_id, at=at)


@receiver(checkout_asked, dispatch_uid="billing_ask_about_checkout")
def ask_about_visit(sender: type, attempt_id: int, **words: Any) -> None:
    """Ask Stripe in the worker how a visit went, after the commit."""
    ask_about_checkout.enqueue(attempt_id)


@receiver(means_promised, dispatch_uid="billing_save_means")
def save_later(sender: type, attempt_id: int = 0, setup_id: int = 0, **words: Any) -> None:
    """Ask Stripe in the worker what was saved, after the commit."""
    if attempt_id:
        save_attempt_means.enqueue(attempt_id)
    else:
        save_setup_means.enqueue(setup_id)


@receiver(means_let_go, dispatch_uid="billing_let_go")
def let_go_later(sender: type, stripe_id: str, **words: Any) -> None:
    """Let Stripe forget a means of payment in the worker, after the commit."""
    let_means_go.enqueue(stripe_id)


@receiver(charge_queued, dispatch_uid="billing_charge")
def charge_later(sender: type, try_id: int, **words: Any) -> None:
    """Ask Stripe for a charge in the worker, after the commit."""
    send_stripe_charge.enqueue(try_id)


@receiver(refund_queued, dispatch_uid="billing_send_refund")
def refund_later(sender: type, reversal_id: int, **words: Any) -> None:
    """Speak to Stripe in the worker, after the commit."""
    send_stripe_refund.enqueue(reversal_id)


@receiver(bank_file_kept, dispatch_uid="billing_match_bank_file")
def match_later(sender: type, file_id: int, **words: Any) -> None:
    """Match in the worker what the upload itself did not, because there was too much or it was cut off."""
    match_bank_file.enqueue(file_id)


@receiver(dispatch_queued, dispatch_uid="billing_send_dispatch")
def send_later(sender: type, dispatch_id: int, **words: Any) -> None:
    """Speak to the access point in the worker, after the commit."""
    send_dispatch.enqueue(dispatch_id)


@receiver(dispatch_asked, dispatch_uid="billing_ask_about_dispatch")
def ask_later(sender: type, dispatch_id: int, **words: Any) -> None:
    """Ask the access point in the worker, after the commit."""
    ask_about_dispatch.enqueue(dispatch_id)


@receiver(vat_check_wanted, dispatch_uid="billing_ask_vies")
def ask_vies_later(
    sender: type, customer_id: int, vat_number: str, since: datetime | None = None, **words: Any
) -> None:
    """Speak to VIES in the worker, after the commit."""
    ask_vies.enqueue(customer_id, vat_number, since.isoformat() if since else "")


@receiver(pre_save, sender=Issuer, dispatch_uid="billing_keep_account")
def keep_account(sender: type, instance: Any, **words: Any) -> None:
    """Keep the account of before, wherever it is changed: in the settings or by a command."""
    instance.before = Issuer.objects.filter(pk=instance.pk).first() or Issuer()


@receiver(post_save, sender=Issuer, dispatch_uid="billing_note_account")
def note_account(sender: type, instance: Any, **words: Any) -> None:
    """Note another account, by whoever is at work in the back office."""
    if instance.before.iban != instance.iban:
        by = get_active_log_context().user
        note_new_account(issuer=instance, before=instance.before, at=timezone.now(), by=by)
