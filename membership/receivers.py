"""What memberships do when billing says that something was paid or was not, and when an address changes."""

from datetime import datetime
from typing import Any

from allauth.account.signals import email_changed
from django.dispatch import receiver
from django.utils import timezone

from accounts.models import User
from accounts.signals import address_changed
from billing.models import Customer, Invoice
from billing.operations.plans import plan_payment
from billing.signals import (
    invoice_credited,
    invoice_issued,
    invoice_overdue,
    invoice_paid,
    invoice_reopened,
    means_saved,
    pro_forma_withdrawn,
)
from membership.models import Charge, Membership
from membership.operations.charges import void_charge
from membership.operations.ending import close_application
from membership.operations.ladder import fall_past_due, recover_membership
from membership.operations.people import close_links_of
from membership.operations.starting import start_membership
from membership.queries import open_renewals


@receiver(invoice_issued, dispatch_uid="membership_follow_pro_forma")
def follow_pro_forma(sender: type, invoice_id: int, pro_forma_id: int | None = None, **words: Any) -> None:
    """Let a charge point at the invoice that follows the pro forma by which it was asked."""
    if pro_forma_id is not None:
        Charge.objects.filter(invoice=pro_forma_id).update(invoice=invoice_id)


@receiver(pro_forma_withdrawn, dispatch_uid="membership_follow_withdrawal")
def follow_withdrawal(
    sender: type, invoice_id: int, reason: str, at: datetime, by_id: int | None, **words: Any
) -> None:
    """Close the application whose pro forma staff withdraw."""
    charge = _charge_of(invoice_id)
    if charge and charge.membership.status == Membership.Status.AWAITING_PAYMENT:
        close_application(membership=charge.membership, at=at, by=_person(by_id), why=reason)


@receiver(invoice_paid, dispatch_uid="membership_follow_payment")
def follow_payment(sender: type, invoice_id: int, at: datetime, by_id: int | None, **words: Any) -> None:
    """Start or recover the membership that the paid invoice is for, in the transaction of the payment."""
    if charge := _charge_of(invoice_id):
        membership, by = charge.membership, _person(by_id)
        if membership.status == Membership.Status.AWAITING_PAYMENT:
            start_membership(membership=membership, at=at, by=by)
        else:
            recover_membership(membership=membership, invoice=charge.invoice, at=at, by=by)


@receiver(invoice_overdue, dispatch_uid="membership_follow_overdue")
def follow_overdue(sender: type, invoice_id: int, at: datetime, **words: Any) -> None:
    """Put a running membership on the ladder; an application waits for its cut-off."""
    if charge := _charge_of(invoice_id):
        fall_past_due(membership=charge.membership, invoice=charge.invoice, at=at, by=None)


@receiver(invoice_reopened, dispatch_uid="membership_follow_reopening")
def follow_reopening(
    sender: type, invoice_id: int, reason: str, at: datetime, by_id: int | None, **words: Any
) -> None:
    """Put a running membership on the ladder when money of it went back after the day to pay.

    Before that day nothing happens: the invoice is simply to be paid by it.
    """
    charge = _charge_of(invoice_id)
    if charge and charge.invoice and charge.invoice.status == Invoice.Status.OVERDUE:
        fall_past_due(
            membership=charge.membership, invoice=charge.invoice, why=reason, at=at, by=_person(by_id)
        )


@receiver(means_saved, dispatch_uid="membership_plan_renewals")
def plan_renewals(sender: type, customer_id: int, at: datetime, **words: Any) -> None:
    """Charge the renewal that is to be paid with what was saved just now; the mail of that announces it."""
    for charge in open_renewals(Customer.objects.get(pk=customer_id)):
        if charge.invoice:
            plan_payment(invoice=charge.invoice, at=at, by=None)


@receiver(invoice_credited, dispatch_uid="membership_follow_credit")
def follow_credit(
    sender: type, invoice_id: int, reason: str, at: datetime, by_id: int | None, **words: Any
) -> None:
    """Take what staff credit in full by hand as waived, or as taken back where its term has not begun.

    A part that is credited (`invoice_reduced`) takes nothing back: the charge holds, for less money. An
    application closes, and its applicant does not read why: the reason is the treasurer's. A member is not
    late any more with what is waived.
    """
    charge = _charge_of(invoice_id)
    if charge is None:
        return
    membership, by = charge.membership, _person(by_id)
    if membership.status in (Membership.Status.APPLIED, Membership.Status.AWAITING_PAYMENT):
        close_application(membership=membership, at=at, by=by, why=reason, is_reason_mailed=False)
        return
    if charge.term_starts_on and membership.ends_on and charge.term_starts_on > membership.ends_on:
        void_charge(charge=charge, reason=reason, at=at, by=by)
    recover_membership(
        membership=membership, invoice=charge.invoice, why=reason, at=at, by=by, is_waived=True
    )


@receiver(address_changed, dispatch_uid="membership_follow_address")
def follow_address(sender: type, user_id: int, **words: Any) -> None:
    """Close the links that lie in the old mailbox."""
    close_links_of(user_id=user_id, at=timezone.now())


@receiver(email_changed, dispatch_uid="membership_follow_own_address")
def follow_own_address(sender: type, user: User, **words: Any) -> None:
    """The same where the person changed it."""
    close_links_of(user_id=user.pk, at=timezone.now())


def _charge_of(invoice_id: int) -> Charge | None:
    return Charge.objects.filter(invoice=invoice_id, voided_at__isnull=True).first()


def _person(by_id: int | None) -> User | None:
    """Return who did it; None for the platform, and for who is gone."""
    return User.objects.filter(pk=by_id).first() if by_id else None
