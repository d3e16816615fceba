"""From the join form to a running membership: apply, be invoiced, pay, start."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.operations.people import invite, open_account
from billing.models import Customer, Invoice
from billing.operations.invoices import DraftLine, issue_invoice
from cms.emails import queue_email
from cms.log import record
from membership.models import Affiliation, Application, Membership, Organisation, Tier
from membership.operations.access import update_access
from membership.queries import yearly_fee
from membership.rules import last_day_of_term
from membership.signals import membership_started

REFERENCE = "membership:"
"""How invoices for a membership are referred to: this and the membership's id."""
DOUBLE_SUBMIT = timedelta(minutes=15)
"""Within this time the very same form is a second click, not a second application."""


@dataclass(frozen=True, kw_only=True)
class Applicant:
    """What the join form asks; `enterprise_number` is ten digits or empty, `vat_number` checked or empty."""

    tier: Tier
    kind: str
    employees: int
    name: str
    enterprise_number: str
    vat_number: str
    street: str
    postcode: str
    city: str
    website: str
    first_name: str
    last_name: str
    email: str
    job_title: str
    billing_email: str
    po_number: str
    language: str


@transaction.atomic
def apply_for_membership(*, applicant: Applicant, at: datetime) -> Invoice:
    """Register an application and issue its first invoice; the membership starts when that is paid.

    An organisation whose membership runs already does not come here: see `member_with_number`.
    The same form sent twice gets the invoice that it has. Raises PriceMissing when the kind cannot join
    at the tier.
    """
    Tier.objects.select_for_update().get(pk=applicant.tier.pk)  # a second click waits for the first
    if sent_before := _invoice_of_same_form(applicant, at):
        return sent_before
    fee = yearly_fee(
        tier=applicant.tier, employees=applicant.employees, kind=applicant.kind, on=timezone.localdate(at)
    )
    organisation = _organisation_of(applicant)
    customer = _customer_of(applicant)
    membership = Membership.objects.create(
        organisation=organisation,
        tier=applicant.tier,
        status=Membership.Status.AWAITING_PAYMENT,
        applied_at=at,
        code_of_conduct_accepted_at=at,
    )
    with override(applicant.language):
        text = _("%(tier)s membership, 12 months from the day of payment") % {"tier": applicant.tier.name}
    invoice = issue_invoice(
        customer=customer,
        lines=[DraftLine(text=text, unit_price=fee)],
        reference=f"{REFERENCE}{membership.pk}",
        at=at,
        by=None,
    )
    Application.objects.create(
        membership=membership,
        first_name=applicant.first_name,
        last_name=applicant.last_name,
        email=applicant.email,
        job_title=applicant.job_title,
        language=applicant.language,
        employees=applicant.employees,
        yearly_fee=fee,
        invoice=invoice,
    )
    record(membership, "membership.apply", data={"tier": applicant.tier.slug, "fee": str(fee)})
    return invoice


@transaction.atomic
def pass_request_on(*, organisation: Organisation, applicant: Applicant, at: datetime) -> None:
    """Mail the main contacts of a member that somebody else asked to join with its number.

    The applicant learns only that the request was passed on: membership is not betrayed.
    """
    contacts = Affiliation.objects.filter(
        organisation=organisation, role=Affiliation.Role.MAIN_CONTACT, ended_at__isnull=True
    ).select_related("user")
    for contact in contacts:
        queue_email(
            template="membership/second_request",
            to=contact.user.email,
            language=contact.user.language,
            context={
                "organisation": organisation,
                "name": f"{applicant.first_name} {applicant.last_name}",
                "email": applicant.email,
            },
            key=f"{organisation.pk}:{applicant.email.lower()}:{timezone.localdate(at)}",
            at=at,
        )
    record(organisation, "membership.second_request")


@transaction.atomic
def start_membership(*, membership: Membership, at: datetime) -> Membership:
    """Start a membership whose first invoice is paid: 12 months from today, the contact gets an account.

    A second call changes nothing, so that a repeated signal does no harm.
    """
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    if membership.status != Membership.Status.AWAITING_PAYMENT:
        return membership
    application = membership.application
    membership.organisation = organisation = _confirmed(membership.organisation)
    membership.status = Membership.Status.ACTIVE
    membership.starts_on = timezone.localdate(at)
    membership.ends_on = last_day_of_term(membership.starts_on)
    membership.save()
    organisation.customer = application.invoice.customer
    organisation.save()
    user = open_account(
        email=application.email,
        first_name=application.first_name,
        last_name=application.last_name,
        language=application.language,
    )
    Affiliation.objects.get_or_create(
        organisation=organisation,
        user=user,
        ended_at=None,
        defaults={"role": Affiliation.Role.MAIN_CONTACT},
    )
    update_access(organisation=organisation)
    invite(user=user)
    record(membership, "membership.start", data={"ends_on": membership.ends_on.isoformat()})
    membership_started.send(Membership, membership_id=membership.pk, organisation_id=organisation.pk, at=at)
    return membership


def _confirmed(organisation: Organisation) -> Organisation:
    """Confirm who paid. Where another has been confirmed with the number meanwhile, that one is it.

    If that one has a membership of its own by now, both stay as they are for staff to look at: what
    was paid is never lost.
    """
    others = Organisation.objects.select_for_update().filter(
        is_confirmed=True, enterprise_number=organisation.enterprise_number
    )
    other = others.exclude(pk=organisation.pk).first() if organisation.enterprise_number else None
    if other is None:
        organisation.is_confirmed = organisation.is_listed = True
        return organisation
    has_own = other.memberships.filter(status__in=Membership.OPEN).exists()
    return organisation if has_own else other


def _invoice_of_same_form(applicant: Applicant, at: datetime) -> Invoice | None:
    """Return the open invoice of a form in which the same was typed just now."""
    same = Application.objects.filter(
        membership__status=Membership.Status.AWAITING_PAYMENT,
        membership__tier=applicant.tier,
        membership__applied_at__gt=at - DOUBLE_SUBMIT,
        first_name=applicant.first_name,
        last_name=applicant.last_name,
        email=applicant.email,
        job_title=applicant.job_title,
        language=applicant.language,
        employees=applicant.employees,
        **{f"invoice__customer__{name}": value for name, value in _customer_facts(applicant).items()},
    )
    application = same.select_related("invoice").first()
    return application.invoice if application else None


def _organisation_of(applicant: Applicant) -> Organisation:
    """Return the confirmed organisation with this number, else a new one that nobody has confirmed yet."""
    known = None
    if applicant.enterprise_number:
        known = (
            Organisation.objects.select_for_update()
            .filter(is_confirmed=True, enterprise_number=applicant.enterprise_number)
            .first()
        )
    if known:
        return known
    return Organisation.objects.create(
        kind=applicant.kind,
        name=applicant.name,
        enterprise_number=applicant.enterprise_number,
        employees=applicant.employees,
        street=applicant.street,
        postcode=applicant.postcode,
        city=applicant.city,
        website=applicant.website,
        is_listed=False,
    )


def _customer_of(applicant: Applicant) -> Customer:
    return Customer.objects.create(**_customer_facts(applicant))


def _customer_facts(applicant: Applicant) -> dict[str, str]:
    return {
        "name": applicant.name,
        "street": applicant.street,
        "postcode": applicant.postcode,
        "city": applicant.city,
        "email": applicant.billing_email or applicant.email,
        "vat_number": applicant.vat_number,
        "enterprise_number": applicant.enterprise_number,
        "po_number": applicant.po_number,
        "language": applicant.language,
    }
