"""The domain of a main contact's own address, by which colleagues join by themselves."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import User
from cms.log import record
from membership.models import EmailDomain, Invitation, Organisation
from membership.operations.people import lock_member, lock_people
from membership.rules import domain_of, is_free_mail


class AddressNotProved(ValueError):
    """The person has not proved to own the address by logging in with it."""


class FreeMail(ValueError):
    """Anybody can have an address in this domain."""


class DomainTaken(ValueError):
    """Another organisation lets in the holders of this domain."""


@transaction.atomic
def allow_domain(*, organisation: Organisation, at: datetime, by: User) -> EmailDomain:
    """Let whoever has an address in the domain of a main contact's own, proved one join by themselves.

    Raises NotRunning, ReadOnly, AddressNotProved, FreeMail and DomainTaken.
    """
    lock_member(organisation)
    domain = domain_of(by.email)
    if not EmailAddress.objects.filter(user=by, email=by.email, verified=True).exists():
        raise AddressNotProved
    if not domain or is_free_mail(domain):
        raise FreeMail
    allowed, is_new = EmailDomain.objects.get_or_create(
        domain=domain, defaults={"organisation": organisation, "allowed_at": at}
    )
    if allowed.organisation_id != organisation.pk:
        raise DomainTaken
    if is_new:
        record(organisation, "membership.allow_domain", by=by, at=at, data={"domain": domain})
    return allowed


@transaction.atomic
def forbid_domain(*, allowed: EmailDomain, at: datetime, by: User | None) -> None:
    """Let nobody join by the domain of an address any more; who joined stays."""
    lock_people(allowed.organisation)
    unanswered = Invitation.objects.filter(
        organisation=allowed.organisation, accepted_at__isnull=True, is_by_domain=True
    )
    unanswered.filter(email__endswith=f"@{allowed.domain}").delete()
    deleted, _rows = EmailDomain.objects.filter(pk=allowed.pk).delete()
    if deleted:
        data = {"domain": allowed.domain}
        record(allowed.organisation, "membership.forbid_domain", by=by, at=at, data=data)
