"""Ending a membership: everything that hangs on it ends in the same transaction."""

from contextlib import suppress
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from billing.models import Invoice, Payment, PaymentMeans
from billing.operations.means import end_means_of
from billing.queries import is_being_paid, kept_amount, settled_amount
from cms.log import record
from cms.operations.periodic import each
from membership.emails import mail_about
from membership.models import Charge, Lifecycle, Membership, Organisation
from membership.operations.access import update_access
from membership.operations.charges import lock_membership, void_charge
from membership.queries import NotRunning, held_invoice, is_held, paid_ahead, unpaid_charges
from membership.rules import read_only_from
from membership.signals import membership_ended


class NotAwaitingPayment(ValueError):
    """The application is not open any more."""


class AlreadySoLong(ValueError):
    """The membership would lapse later than that already, or the day has passed."""


class AlreadyExtended(ValueError):
    """The membership lapses on another day than the person saw."""


class BeingPaid(ValueError):
    """Something was paid, or a bank works on it: staff look at it first."""


@transaction.atomic
def end_membership(
    *, membership: Membership, status: str, at: datetime, by: User | None, why: str = ""
) -> Membership:
    """End a running membership as lapsed or resigned: member zone, members page, prices and mails follow.

    Of a lapsed membership what is not paid in full is credited, and what was paid for a term that does not
    come; what was paid of either is then to be paid back. Within an engagement of several years all stays
    owed, as does what is unpaid of one that was resigned. Raises NotRunning.

    What asks whether a membership runs (`membership.queries.standing`) needs no ending here; see
    docs/architecture.md, which names all that hangs on a membership.
    """
    membership = lock_membership(membership)
    if not membership.is_running:
        raise NotRunning
    today = timezone.localdate(at)
    is_engaged = membership.engaged_until is not None and membership.engaged_until >= today
    unpaid = list(unpaid_charges(membership))
    stays_owed = is_engaged or status == Membership.Status.RESIGNED
    is_paid = False
    if not stays_owed:
        for charge in [*unpaid, *paid_ahead(membership, after=today)]:
            is_paid |= charge.invoice is not None and settled_amount(charge.invoice) > 0
            void_charge(charge=charge, reason=_why_credited(), at=at, by=by)
    membership.status = status
    membership.lapses_on = membership.lapse_held_on = membership.next_tier = None
    if membership.ends_on and membership.ends_on >= today:
        yesterday = today - timedelta(days=1)
        membership.ends_on = max(yesterday, membership.starts_on or yesterday)
    membership.save(update_fields=["status", "lapses_on", "lapse_held_on", "next_tier", "ends_on"])
    organisation = membership.organisation
    if organisation.customer:
        end_means_of(customer=organisation.customer, because=PaymentMeans.Because.OVER, at=at, by=by)
    update_access(organisation=organisation)
    organisation.invitations.all().delete()
    organisation.email_domains.all().delete()
    is_lapsed = status == Membership.Status.LAPSED
    numbers = [charge.invoice.number for charge in unpaid if charge.invoice and is_lapsed]
    record(membership, f"membership.{status}", by=by, at=at, data={"why": why, "invoices": numbers})
    membership_ended.send(Membership, membership_id=membership.pk, organisation_id=organisation.pk, at=at)
    mail_about("ended", membership, at=at, is_owed=stays_owed and bool(unpaid), is_paid=is_paid)
    return membership


@transaction.atomic
def close_application(
    *,
    membership: Membership,
    at: datetime,
    by: User | None,
    why: str = "",
    is_mailed: bool = True,
    is_reason_mailed: bool = True,
) -> Membership:
    """Close an application that is not paid, or not approved; the applicant gets a mail that says why.

    With `is_reason_mailed` off, `why` stands in the histories only.

    Its invoice is credited in full, so that what was paid of one that was held is to be paid back, or its pro
    forma is withdrawn. Raises NotAwaitingPayment when the membership started or was closed meanwhile.
    """
    membership = lock_membership(membership)
    if membership.status not in (Membership.Status.APPLIED, Membership.Status.AWAITING_PAYMENT):
        raise NotAwaitingPayment
    was_invoiced = is_credited = is_paid = False
    for charge in membership.charges.filter(voided_at__isnull=True).select_related("invoice"):
        document = charge.invoice
        was_invoiced |= document is not None
        is_credited |= document is not None and not document.is_pro_forma
        is_paid |= document is not None and kept_amount(document) > 0
        void_charge(charge=charge, reason=why or _why_credited(), at=at, by=by)
    membership.status = Membership.Status.CLOSED
    membership.save(update_fields=["status"])
    _let_go_of_customer(membership.organisation)
    record(membership, "membership.close", by=by, at=at, data={"why": why})
    if is_mailed:
        template = "application_closed" if was_invoiced else "application_declined"
        words = {"is_unpaid": not why, "is_credited": is_credited, "is_paid": is_paid}
        mail_about(template, membership, at=at, why=why if is_reason_mailed else "", **words)
    return membership


def _let_go_of_customer(organisation: Organisation) -> None:
    """Take the customer away that was kept only to ask about the VAT number of an application.

    One that was invoiced stays among the customers; any other is asked about no more.
    """
    customer = organisation.customer
    was_member = organisation.memberships.exclude(status=Membership.Status.CLOSED).exists()
    if customer is None or organisation.is_confirmed or was_member:
        return
    organisation.customer = None
    organisation.save(update_fields=["customer"])
    with suppress(ProtectedError), transaction.atomic():
        customer.delete()


@transaction.atomic
def withdraw_application(*, membership: Membership, at: datetime) -> Membership:
    """Close an application on the word of who applied, and confirm it by mail.

    Raises NotAwaitingPayment, and BeingPaid where money is on its way or there already.
    """
    membership = lock_membership(membership)
    waiting = (*Invoice.OPEN, Invoice.Status.RECEIVED)
    charges = membership.charges.filter(voided_at__isnull=True, invoice__status__in=waiting)
    if charges.filter(is_being_paid()).exists() or is_held(membership):
        raise BeingPaid
    is_asked = membership.status == Membership.Status.AWAITING_PAYMENT
    was_invoiced = is_asked or held_invoice(membership) is not None
    is_credited = charges.exclude(invoice__kind=Invoice.Kind.PRO_FORMA).exists()
    with override(settings.LANGUAGE_CODE):
        why = _("The applicant withdrew the application.")
    membership = close_application(membership=membership, at=at, by=None, why=why, is_mailed=False)
    words = {"was_invoiced": was_invoiced, "is_credited": is_credited}
    mail_about("application_withdrawn", membership, at=at, **words)
    return membership


def close_unpaid_applications(at: datetime) -> int:
    """Close the applications whose first invoice or pro forma is not paid by its cut-off. Returns how many.

    One on which something was paid, or on which a bank still works, waits for staff. Where a payment went
    back the days count from when the invoice was mailed again (`approve_application`).
    """
    cut_off = timezone.localdate(at) - timedelta(days=Lifecycle.load().application_days)
    late = Charge.objects.filter(
        purpose=Charge.Purpose.START,
        voided_at__isnull=True,
        membership__status=Membership.Status.AWAITING_PAYMENT,
        invoice__issued_on__lt=cut_off,
        invoice__status__in=Invoice.OPEN,
    )
    was_paid = Exists(Payment.objects.filter(invoice=OuterRef("invoice")))
    late = late.exclude(was_paid, invoice__mailed_at__date__gte=cut_off)

    def close(membership: Membership) -> bool:
        lock_membership(membership)
        # And not paid meanwhile. Asked of each only: there are few, and most often none.
        is_late = late.filter(membership=membership).exclude(is_being_paid()).exists()
        if is_late:
            close_application(membership=membership, at=at, by=None)
        return is_late

    return each(Membership.objects.filter(charges__in=late).distinct(), close)


@transaction.atomic
def extend_grace(
    *,
    membership: Membership,
    days: int,
    reason: str,
    at: datetime,
    by: User,
    seen: date | None = None,
) -> Membership:
    """Let an unpaid membership lapse so many days later. Nobody is mailed.

    `seen` is the day on which it lapsed when the person decided: sent twice, it counts once. Raises
    NotRunning, AlreadySoLong and AlreadyExtended.
    """
    membership = lock_membership(membership)
    if membership.status not in Membership.UNPAID or membership.lapses_on is None:
        raise NotRunning
    if seen is not None and membership.lapses_on != seen:
        raise AlreadyExtended
    today = timezone.localdate(at)
    membership.lapses_on += timedelta(days=days)
    if days < 1 or membership.lapses_on <= today:
        raise AlreadySoLong
    if today < read_only_from(membership.lapses_on, grace_days=Lifecycle.load().grace_days):
        membership.status = Membership.Status.PAST_DUE
    membership.lapse_held_on = None
    membership.save(update_fields=["lapses_on", "lapse_held_on", "status"])
    data = {"days": days, "lapses_on": membership.lapses_on.isoformat(), "why": reason}
    record(membership, "membership.extend", by=by, at=at, data=data)
    return membership


def _why_credited() -> str:
    """Say it in the language of the association's books."""
    with override(settings.LANGUAGE_CODE):
        return _("The membership was not paid in time.")
