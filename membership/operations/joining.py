"""From the join form to the first invoice: apply, be approved where the tier asks it, be invoiced."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from billing.models import Customer, Invoice
from billing.operations.customers import change_customer
from billing.operations.delivery import send_invoice
from billing.operations.invoices import VatUnconfirmed
from billing.operations.vat_checks import want_vat_check
from billing.vat import EU, is_foreign_business
from cms.log import record
from membership.emails import mail_about, mail_desk
from membership.models import Application, Charge, Membership, Organisation, Tier
from membership.operations.applicants import Applicant
from membership.operations.charges import add_charge, invoice_charge, lock_membership
from membership.operations.holding import NumberTaken, OtherKind
from membership.operations.passing_on import give_way, pass_request_on, was_passed_on
from membership.operations.starting import start_membership
from membership.queries import (
    acting_for,
    acts_for,
    engagement_above,
    has_open_membership,
    is_asked_first,
    known_organisation,
    number_holder,
    other_kind,
    start_charge,
    yearly_fee,
)

DOUBLE_SUBMIT = timedelta(minutes=15)
"""Within this time the very same form is a second click, not a second application."""


class PriceChanged(ValueError):
    """The fee is not the one that was shown; `fee` is what it is now, in EUR a year."""

    def __init__(self, fee: Decimal) -> None:
        super().__init__(f"{fee} EUR")
        self.fee = fee


class MemberAlready(Exception):
    """The `organisation` with this number is a member, or about to be: the request is passed on to it."""

    def __init__(self, organisation: Organisation) -> None:
        super().__init__(str(organisation))
        self.organisation = organisation


class NotApplied(ValueError):
    """No application is waiting for approval: it was approved or closed meanwhile."""


@transaction.atomic
def apply_for_membership(
    *, applicant: Applicant, at: datetime, by: User | None = None, quoted: Decimal | None = None
) -> Membership:
    """Register an application; unless it is to be approved first, its first invoice is issued.

    Who pays online, or everybody where the association wants it so (`Lifecycle.asks_payment_first`), is asked
    for the money by a pro forma, and gets the invoice when it is there.

    Staff approve where the tier asks it, where the organisation has no number to know it by or is outside
    the EU (its invoice bears no VAT), and where somebody applies for one that we know: anybody can type
    its number. Only `by`, a person logged in who acts for it, goes on at once (`give_way`), if the kind
    is the one that we know, by which it is renewed, and the tier not below that of an engagement which
    still runs. Whose invoice waits for a VAT number of another member state is left to staff too: nobody
    waits for VIES at the form.

    The membership starts when its invoice is paid, and at once when its fee is 0. The same form sent
    twice gets the application that it has. `quoted` is the yearly fee that the person saw, in EUR: another
    one raises PriceChanged. Raises MemberAlready, PriceMissing when the kind cannot join at the tier, and
    what `issue_invoice` raises.
    """
    list(Tier.objects.select_for_update().order_by("pk"))  # a second click waits for the first
    known = known_organisation(applicant.enterprise_number, country=applicant.country)
    sender = by if known and by and acts_for(by, known) else None
    sent_before = _same_form(applicant, at)
    if sent_before and not (sender and was_passed_on(sent_before, applicant=applicant, sender=sender, at=at)):
        return sent_before
    if known and sender:
        give_way(organisation=known, at=at, by=sender)
    if known and has_open_membership(known):
        raise MemberAlready(known)
    is_vouched_for = known is None or sender is not None
    waits = applicant.tier.needs_approval or not is_vouched_for or _is_unsure(applicant, known, at)
    fee = yearly_fee(
        tier=applicant.tier, employees=applicant.employees, kind=applicant.kind, on=timezone.localdate(at)
    )
    if quoted is not None and quoted != fee:
        raise PriceChanged(fee)
    membership: Membership = Membership.objects.create(
        organisation=known or _add_organisation(applicant),
        tier=applicant.tier,
        status=Membership.Status.APPLIED if waits else Membership.Status.AWAITING_PAYMENT,
        applied_at=at,
        code_of_conduct_accepted_at=at,
    )
    application: Application = Application.objects.create(
        membership=membership,
        first_name=applicant.first_name,
        last_name=applicant.last_name,
        email=applicant.email,
        job_title=applicant.job_title,
        language=applicant.language,
        pays_online=applicant.pays_online,
        kind=applicant.kind,
        details=applicant.details,
    )
    first = add_charge(
        membership=membership,
        purpose=Charge.Purpose.START,
        tier=applicant.tier,
        employees=applicant.employees,
        yearly_fee=fee,
    )
    data = {"tier": applicant.tier.slug, "fee": str(fee)}
    record(membership, "membership.apply", by=by, at=at, data=data)
    if waits:
        if is_vouched_for and is_foreign_business(applicant.vat_number):
            want_vat_check(customer=_customer_of(application, at=at, by=sender), at=at)
        return _leave_to_staff(membership, applicant, at=at, by=sender)
    try:
        # Only a number of another member state can be unconfirmed: the others need no way back.
        with transaction.atomic(savepoint=known is not None or is_foreign_business(applicant.vat_number)):
            return _ask_payment(first, application, at=at, by=by)
    except VatUnconfirmed as unconfirmed:
        membership.refresh_from_db()
        membership.status = Membership.Status.APPLIED
        membership.save(update_fields=["status"])
        customer = _customer_of(application, at=at, by=sender)
        want_vat_check(customer=customer, vat_number=str(unconfirmed), at=at)
        return _leave_to_staff(membership, applicant, at=at, by=sender, vat_number=str(unconfirmed))


@transaction.atomic
def approve_application(*, membership: Membership, at: datetime, by: User) -> Membership:
    """Approve an application, so that its first invoice or pro forma goes out.

    One that is paid already (`hold_application`) starts; where the payment went back since, its invoice is
    mailed again. Raises NotApplied, VatUnconfirmed, NumberTaken as
    long as another member has its enterprise number, and OtherKind as long as the organisation is of another
    kind than was applied for.
    """
    membership = lock_membership(membership)
    if membership.status != Membership.Status.APPLIED:
        raise NotApplied
    if holder := number_holder(membership.organisation):
        raise NumberTaken(holder)
    if other := other_kind(membership):
        raise OtherKind(other)
    record(membership, "membership.approve", by=by, at=at)
    membership.status = Membership.Status.AWAITING_PAYMENT
    membership.save(update_fields=["status"])
    first = start_charge(membership)
    if first.invoice is None:
        return _ask_payment(first, membership.application, at=at, by=by)
    if first.invoice.status == Invoice.Status.PAID:
        return start_membership(membership=membership, at=at, by=by)
    send_invoice(invoice=first.invoice, at=at, by=by)
    return membership


def _is_unsure(applicant: Applicant, known: Organisation | None, at: datetime) -> bool:
    """Say whether something of an application, apart from who sent it, is for staff to look at."""
    if known is None:
        return not applicant.enterprise_number or applicant.country not in EU
    is_lower = engagement_above(known, tier=applicant.tier, on=timezone.localdate(at)) is not None
    return known.kind != applicant.kind or is_lower


def _leave_to_staff(
    membership: Membership, applicant: Applicant, *, at: datetime, by: User | None, vat_number: str = ""
) -> Membership:
    """Tell the applicant and the association that somebody looks at it first.

    Of an organisation that we know, `by` acts for it; without one those who do are asked, and the applicant
    learns no more than a stranger who types the number of a member. `vat_number` is one that was not
    confirmed yet, where that is what it waits for.
    """
    organisation = membership.organisation
    is_stranger = organisation.is_confirmed and by is None
    if is_stranger:
        pass_request_on(organisation=organisation, applicant=applicant, at=at, is_desk_asked=True)
    else:
        mail_about("application_received", membership, at=at, vat_number=vat_number)
    mail_desk(
        "approval_wanted",
        membership,
        at=at,
        applicant=membership.application,
        other_kind=other_kind(membership),
        engagement=engagement_above(organisation, tier=membership.tier, on=timezone.localdate(at)),
        is_stranger=is_stranger,
        has_contact=bool(acting_for(organisation)),
        sent_by=by,
        vat_number=vat_number,
    )
    return membership


def _ask_payment(first: Charge, application: Application, *, at: datetime, by: User | None) -> Membership:
    """Invoice the first term to what was typed, or ask for the money first; a free one starts at once.

    Who was invoiced before, elsewhere, is so here from now on, unless staff have put its number right since.
    """
    membership, details = first.membership, application.details
    organisation = membership.organisation
    customer = organisation.customer
    if customer is None:
        customer = Customer.objects.create(**details)
    elif details["enterprise_number"] == organisation.enterprise_number:
        customer = change_customer(customer=customer, details=details, at=at, by=by)
    if not invoice_charge(
        charge=first,
        customer=customer,
        amount=first.yearly_fee,
        details=details,
        is_asked_first=is_asked_first(application),
        at=at,
        by=by,
    ):
        return start_membership(membership=membership, at=at, by=by)
    return membership


def _customer_of(application: Application, *, at: datetime, by: User | None) -> Customer:
    """Return who is invoiced, as typed, so that a VAT number can be asked about; keep who is new."""
    organisation, details = application.membership.organisation, application.details
    if organisation.customer is None:
        organisation.customer = Customer.objects.create(**details)
        organisation.save(update_fields=["customer"])
        return organisation.customer
    return change_customer(customer=organisation.customer, details=details, at=at, by=by)


def _same_form(applicant: Applicant, at: datetime) -> Membership | None:
    """Return the application of a form in which the same was typed just now."""
    same = Membership.objects.filter(
        status__in=(Membership.Status.APPLIED, Membership.Status.AWAITING_PAYMENT),
        tier=applicant.tier,
        applied_at__gt=at - DOUBLE_SUBMIT,
        charges__employees=applicant.employees,
        application__first_name=applicant.first_name,
        application__last_name=applicant.last_name,
        application__email=applicant.email,
        application__job_title=applicant.job_title,
        application__language=applicant.language,
        application__pays_online=applicant.pays_online,
        application__kind=applicant.kind,
        application__details=applicant.details,
    )
    return same.first()


def _add_organisation(applicant: Applicant) -> Organisation:
    """Make an organisation that nobody has confirmed yet."""
    return Organisation.objects.create(
        kind=applicant.kind,
        name=applicant.name,
        enterprise_number=applicant.enterprise_number,
        employees=applicant.employees,
        street=applicant.street,
        postcode=applicant.postcode,
        city=applicant.city,
        country=applicant.country,
        website=applicant.website,
        is_listed=False,
    )
