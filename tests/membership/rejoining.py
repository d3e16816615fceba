"""Somebody who was a member fills in the form again, and staff look at it."""

from typing import Any

from django.test import Client

from accounts.models import User
from membership.models import Affiliation, Membership, Organisation
from tests.membership.test_joining import OWN, WORDS
from tests.membership.test_pages import add_member

NUMBER = "0999101384"


def lapsed(email: str = WORDS["email"], **fields: Any) -> Organisation:
    """An organisation whose membership lapsed, with a main contact if it has an e-mail address."""
    organisation = add_member("Lantaarnwerk", **{"enterprise_number": NUMBER, **fields})
    organisation.memberships.update(status=Membership.Status.LAPSED)
    if email:
        contact = User.objects.create_user(email)
        Affiliation.objects.create(organisation=organisation, user=contact, role="main_contact")
    return organisation


def contact_of(organisation: Organisation) -> Client:
    """Its main contact, logged in."""
    client = Client()
    client.force_login(User.objects.get(affiliations__organisation=organisation))
    return client


def fill_in(
    client: Client,
    *,
    tier: str = "connect",
    kind: str = "company",
    address: str = "/nl/word-lid/",
    **changes: str,
) -> Any:
    """Send the join form of a choice."""
    return client.post(f"{address}?tier={tier}&kind={kind}&employees=25", {**WORDS, **changes}, headers=OWN)


def applied(organisation: Organisation) -> Membership:
    """Its application that waits for staff."""
    membership: Membership = organisation.memberships.get(status="applied")
    return membership


def edit(client: Client, organisation: Organisation, **changes: str) -> Any:
    """Send the back office's form of an organisation with some words changed."""
    address = f"/admin/organisations/edit/{organisation.pk}/"
    form = client.get(address).context["form"]
    words = {field.html_name: field.value() for field in form}
    kept = {name: value for name, value in words.items() if value not in (None, False, [])}
    return client.post(address, {**kept, **changes})


def passed_on(answer: Any) -> bool:
    """Whether the form was answered by: somebody looks at it."""
    return bool(answer["Location"].endswith("/word-lid/doorgegeven/"))
