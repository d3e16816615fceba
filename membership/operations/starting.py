"""The start of a membership, once its first invoice is paid."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.operations.people import invite, open_account
from billing.models import Customer
from billing.numbers import BELGIUM
from billing.operations.vat_checks import want_vat_check
from cms.log import record
from membership.emails import mail_desk
from membership.models import Affiliation, Charge, Membership, Organisation
from membership.operations.access import update_access
from membership.operations.holding import hold_application
from membership.operations.organisations import lock_number
from membership.queries import known_organisation, number_holder, other_kind, start_charge
from membership.rules import last_day_of_engagement, last_day_of_term
from membership.signals import membership_started


@transaction.atomic
def start_membership(*, membership: Membership, at: datetime, by: User | None) -> Membership:
    """Start a membership whose first invoice is paid: 12 months from today, the contact gets an account.

    Where another member has its enterprise number by now, or who is known with it is of another kind, it is
    held for staff instead (`hold_application`). A contact whose account is closed stays out, and the
    association is mailed. A second call changes nothing, so that a repeated signal does no harm. `by` is who
    booked the payment by hand, or let a free one start.
    """
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    if membership.status != Membership.Status.AWAITING_PAYMENT:
        return membership
    lock_number(membership.organisation)
    if holder := number_holder(membership.organisation):
        return hold_application(membership=membership, holder=holder, at=at, by=by)
    if (other := other_kind(membership)) and other.pk != membership.organisation_id:
        return hold_application(membership=membership, holder=other, at=at, by=by, is_other_kind=True)
    first, today = start_charge(membership), timezone.localdate(at)
    membership.organisation = organisation = _confirmed(membership.organisation)
    membership.status = Membership.Status.ACTIVE
    membership.starts_on, membership.ends_on = today, last_day_of_term(today)
    if first.tier.engagement_years > 1:
        membership.engaged_until = last_day_of_engagement(today, first.tier.engagement_years)
    membership.save()
    first.term_starts_on = first.from_on = today
    first.save(update_fields=["term_starts_on", "from_on"])
    _keep_customer(membership, first, at)
    application = membership.application
    user = open_account(
        email=application.email,
        first_name=application.first_name,
        last_name=application.last_name,
        language=application.language,
    )
    Affiliation.objects.update_or_create(
        organisation=organisation,
        user=user,
        ended_at=None,
        defaults={"role": Affiliation.Role.MAIN_CONTACT},
    )
    update_access(organisation=organisation)
    if user.is_active:
        invite(user=user)
    else:
        mail_desk("contact_closed", membership, at=at, application=application)
    record(membership, "membership.start", by=by, at=at, data={"ends_on": membership.ends_on.isoformat()})
    membership_started.send(Membership, membership_id=membership.pk, organisation_id=organisation.pk, at=at)
    return membership


def _keep_customer(membership: Membership, first: Charge, at: datetime) -> None:
    """Give the organisation its one customer, with the details that were paid for, and its own size.

    Who joins again has the address that was typed now; of who is new staff may have put it right meanwhile.
    Where staff have put its number right meanwhile, the one that was typed is nobody's to keep.
    """
    organisation, details = membership.organisation, dict(membership.application.details)
    if details["enterprise_number"] != organisation.enterprise_number:
        if details["vat_number"] == f"{BELGIUM}{details['enterprise_number']}":
            details["vat_number"] = ""
        details["enterprise_number"] = organisation.enterprise_number
    customer = organisation.customer or (first.invoice and first.invoice.customer)
    customer = customer or Customer.objects.create(**details)
    for name, value in details.items():
        setattr(customer, name, value)
    customer.save()
    want_vat_check(customer=customer, at=at)
    organisation.customer, organisation.employees = customer, first.employees
    if organisation.memberships.exclude(pk=membership.pk).filter(starts_on__isnull=False).exists():
        for name in ("street", "postcode", "city"):
            setattr(organisation, name, details[name])
    organisation.save()


def _confirmed(organisation: Organisation) -> Organisation:
    """Confirm who paid, and list who was no member before: one that was has chosen whether it is.

    Where another has been confirmed with the number meanwhile, that one is it.
    """
    known = known_organisation(organisation.enterprise_number, country=organisation.country)
    if known and known.pk != organisation.pk:
        return known
    organisation = Organisation.objects.get(pk=organisation.pk)  # as it is under the lock
    organisation.is_confirmed = True
    if not organisation.memberships.filter(starts_on__isnull=False).exists():
        organisation.is_listed = True
    return organisation
