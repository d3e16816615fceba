"""Forgets people who belonged to an organisation, or asked to; the organisation itself stays."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from cms.log import record
from cms.operations.links import revoke_links
from membership.emails import OWN_LINKS
from membership.models import Affiliation, Invitation, Membership
from membership.operations.access import update_access
from membership.queries import applications_of


@transaction.atomic
def erase_person(person: AbstractBaseUser, at: datetime) -> Sequence[str]:
    """End a person's places in organisations, and forget the contact of applications that are over.

    Returns what is kept: an application whose invoice is open is a contract under way, for which the
    contact is needed (GDPR, article 6, paragraph 1, b).
    """
    affiliations = Affiliation.objects.filter(user_id=person.pk, ended_at__isnull=True)
    for affiliation in affiliations.select_related("organisation"):
        affiliation.ended_at = at
        affiliation.save(update_fields=["ended_at"])
        revoke_links(target=affiliation, purpose=OWN_LINKS, at=at)
        record(affiliation.organisation, "membership.leave")
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
