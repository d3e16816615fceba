"""Forgets people who belonged to an organisation, or asked to; the organisation itself stays."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Case, When
from django.utils.translation import gettext as _

from cms.log import record
from cms.operations.links import revoke_links
from membership.emails import OWN_LINKS
from membership.models import Affiliation, Invitation, Membership
from membership.operations.access import update_access
from membership.operations.people import change_role, lock_people
from membership.queries import applications_of, is_last_main_contact, people_of


@transaction.atomic
def erase_person(person: AbstractBaseUser, at: datetime) -> Sequence[str]:
    """End a person's places in organisations, and forget the contact of applications that are over.

    Nobody may refuse to be forgotten for want of a successor, and an organisation always has a main contact:
    where the last one goes, the billing contact takes over, else who has been there longest.
    Returns what is kept: an application whose invoice is open is a contract under way, for which the
    contact is needed (GDPR, article 6, paragraph 1, b).
    """
    affiliations = Affiliation.objects.filter(user_id=person.pk, ended_at__isnull=True)
    for affiliation in affiliations.select_related("organisation").order_by("organisation", "pk"):
        lock_people(affiliation.organisation)
        if is_last_main_contact(affiliation):
            _hand_over(affiliation, at)
        affiliation.ended_at = at
        affiliation.save(update_fields=["ended_at"])
        revoke_links(target=affiliation, purpose=OWN_LINKS, at=at)
        record(affiliation.organisation, "membership.leave", at=at)
        update_access(organisation=affiliation.organisation)
    Invitation.objects.filter(email__iexact=getattr(person, "email", "")).delete()
    applications = applications_of(person)
    under_way = applications.filter(
        membership__status__in=(Membership.Status.APPLIED, Membership.Status.AWAITING_PAYMENT)
    )
    names = [str(application.membership.organisation) for application in under_way]
    applications.exclude(pk__in=under_way).update(
        first_name="", last_name="", email="", job_title="", details={}
    )
    return [
        _("You are the contact of the open application of %(name)s: we keep that until it is over.")
        % {"name": name}
        for name in names
    ]


def _hand_over(affiliation: Affiliation, at: datetime) -> None:
    """Let somebody else become main contact, who hears of it by mail; nobody where nobody is left."""
    others = people_of(affiliation.organisation).filter(user__is_active=True).exclude(pk=affiliation.pk)
    is_billing = Case(When(role=Affiliation.Role.BILLING, then=0), default=1)
    if successor := others.order_by(is_billing, "started_at", "pk").first():
        change_role(affiliation=successor, role=Affiliation.Role.MAIN_CONTACT, at=at, by=None)
