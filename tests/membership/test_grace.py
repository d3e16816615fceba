"""In grace a member can pay, go, hand over and set its invoices right, and change nothing else anywhere."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.models import User
from billing.models import Invoice
from cms.operations.roles import mend_roles
from cms.roles import FINANCE
from membership.models import Affiliation, EmailDomain, Invitation, Membership, Tier
from membership.operations.changes import announce_tier, resign_membership
from membership.operations.domains import allow_domain
from membership.operations.invitations import accept_invitation, invite_colleague, resend_invitation
from membership.operations.ladder import climb_ladder, fall_past_due, recover_membership
from membership.operations.profile import change_profile, change_size
from membership.operations.rights import ReadOnly
from membership.queries import NotRunning
from tests.factories.accounts import make_user
from tests.membership.life import groups_of, mails
from tests.membership.test_pages import add_member

pytestmark = pytest.mark.django_db
PROFILE = {"description_nl": "Wij meten de lucht.", "city": "Brugge", "is_listed": "on"}
SAID = {
    "nl": ("U kunt nu alleen lezen", "Tot u betaald hebt, kunt u alles lezen, maar niets wijzigen"),
    "en": (
        "You can only read for now",
        "Until you have paid, you can read everything, but you cannot change anything",
    ),
}


@pytest.fixture
def contact(client: Client, member: Membership) -> User:
    """The main contact, logged in; beside a colleague, an open invitation, a domain and an open invoice."""
    user = User.objects.get(email="noor@lantaarnwerk.example")
    EmailAddress.objects.filter(user=user).update(verified=True)
    client.force_login(user)
    organisation, at = member.organisation, timezone.now()
    Affiliation.objects.create(organisation=organisation, user=make_user(email="piet@lantaarnwerk.example"))
    invite_colleague(
        organisation=organisation, email="an@lantaarnwerk.example", language="nl", at=at, by=user
    )
    allow_domain(organisation=organisation, at=at, by=user)
    Membership.objects.update(ends_on=timezone.localdate() + timedelta(days=200))
    return user


def late(membership: Membership, status: str) -> Membership:
    """Let it be unpaid for so long, with an invoice that is to be paid."""
    Invoice.objects.update(status="overdue")
    membership.refresh_from_db()
    fall_past_due(membership=membership, at=timezone.now(), by=None)
    Membership.objects.update(status=status)
    membership.refresh_from_db()
    return membership


CHANGES: dict[str, Callable[[Membership, User], Any]] = {
    "profile": lambda membership, by: change_profile(
        organisation=membership.organisation, words={"city": "Brugge"}, at=timezone.now(), by=by
    ),
    "size": lambda membership, by: change_size(membership=membership, employees=60, at=timezone.now(), by=by),
    "next tier": lambda membership, by: announce_tier(
        membership=membership, tier=Tier.objects.get(slug="inform"), at=timezone.now(), by=by
    ),
    "invite": lambda membership, by: invite_colleague(
        organisation=membership.organisation,
        email="els@lantaarnwerk.example",
        language="nl",
        at=timezone.now(),
        by=by,
    ),
    "send again": lambda membership, by: resend_invitation(
        invitation=Invitation.objects.get(), at=timezone.now(), by=by
    ),
    "come in": lambda membership, by: accept_invitation(
        invitation=Invitation.objects.get(), first_name="An", last_name="Ders", at=timezone.now()
    ),
    "domain": lambda membership, by: allow_domain(
        organisation=membership.organisation, at=timezone.now(), by=by
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_changed_while_past_due_is_read_only_in_grace(
    member: Membership, contact: User, name: str
) -> None:
    late(member, "grace")
    with pytest.raises(ReadOnly):
        CHANGES[name](member, contact)
    late(member, "past_due")
    CHANGES[name](member, contact)


def test_what_works_in_grace_names_its_own_reason_where_it_cannot_be_done(
    client: Client, member: Membership, contact: User
) -> None:
    late(member, "grace")
    Membership.objects.update(resigned_at=timezone.now(), resigned_because="budget")
    organisation = member.organisation_id
    for name, pk in (("own_resign", member.pk), ("own_means_stop", organisation)):
        said = client.get(reverse(f"membership:{name}", args=[pk]), follow=True).content.decode()
        assert SAID["nl"][0] not in said, name
        assert "Dit kunt u nu niet wijzigen" in said or "Er is geen kaart" in said, name
    refused = client.get(reverse("membership:own_size", args=[member.pk]), follow=True).content.decode()
    assert SAID["nl"][0] in refused


def test_a_treasurer_changes_one_in_grace_too_but_lets_nobody_in(member: Membership, contact: User) -> None:
    mend_roles()
    treasurer = make_user()
    treasurer.groups.add(Group.objects.get(name=FINANCE))
    late(member, "grace")
    for name in ("profile", "size", "next tier"):
        CHANGES[name](member, treasurer)
    for name in ("invite", "domain"):
        with pytest.raises(ReadOnly):
            CHANGES[name](member, treasurer)


@pytest.mark.parametrize("name", ["profile", "size", "next tier", "invite", "domain"])
def test_who_is_no_member_any_more_changes_nothing(member: Membership, contact: User, name: str) -> None:
    Membership.objects.update(status="lapsed")
    with pytest.raises(NotRunning):
        CHANGES[name](member, contact)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_pages_of_what_is_read_only_say_why_and_lead_to_paying(
    client: Client, member: Membership, contact: User, language: str
) -> None:
    invitation, organisation = Invitation.objects.get(), member.organisation_id
    with override(language):
        own = reverse("membership:own")
        closed = {
            "own_profile": (organisation, PROFILE),
            "own_size": (member.pk, {"employees": "60"}),
            "own_upgrade": (member.pk, {}),
            "own_next_tier": (member.pk, {}),
            "own_invite": (organisation, {"email": "els@lantaarnwerk.example", "language": "nl"}),
            "own_allow_domain": (organisation, {}),
            "own_resend": (invitation.pk, {}),
        }
        addresses = {reverse(f"membership:{name}", args=[pk]): words for name, (pk, words) in closed.items()}
    for address in addresses:
        assert client.get(address).status_code == 200, address
    overview = client.get(own).content.decode()
    assert [each for each in addresses if f'"{each}"' not in overview] == [
        address for address in addresses if "domein" in address or "/domain/" in address
    ], "one has a domain already"
    late(member, "grace")
    overview = client.get(own).content.decode()
    assert SAID[language][1] in overview
    assert re.search(r'href="/(nl/facturen|en/invoices)/\d+/"', overview)
    for address, words in addresses.items():
        assert f'"{address}"' not in overview
        for answer in (client.get(address, follow=True), client.post(address, words, follow=True)):
            assert answer.redirect_chain == [(own, 302)], address
            assert SAID[language][0] in answer.content.decode(), address
    organisation_now = type(member.organisation).objects.get()
    assert (organisation_now.city, organisation_now.employees) == ("Gent", 25)
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_must_stay_possible_does(
    client: Client, member: Membership, contact: User, language: str
) -> None:
    late(member, "grace")
    place = Affiliation.objects.get(user=contact)
    colleague = Affiliation.objects.exclude(user=contact).get()
    third = Affiliation.objects.create(organisation=member.organisation, user=make_user())
    invitation, domain = Invitation.objects.get(), EmailDomain.objects.get()
    details = {
        "name": "Lantaarnwerk",
        "street": "Lampstraat 2",
        "postcode": "9000",
        "city": "Gent",
        "email": "boekhouding@lantaarnwerk.example",
        "language": language,
    }
    does: list[tuple[str, int, dict[str, str]]] = [
        ("own_invoicing", member.organisation_id, details),
        ("own_withdraw", invitation.pk, {}),
        ("own_forbid_domain", domain.pk, {}),
        ("own_resign", member.pk, {"because": "budget"}),
        ("own_stay", member.pk, {}),
        ("own_remove", third.pk, {}),
        ("own_role", colleague.pk, {"role": "main_contact"}),
        ("own_remove", place.pk, {}),
    ]
    with override(language):
        own = reverse("membership:own")
        means = reverse("membership:own_means", args=[member.organisation_id])
        addresses = [(reverse(f"membership:{name}", args=[pk]), words) for name, pk, words in does]
    assert client.get(means).status_code == 200
    overview = client.get(own).content.decode()
    offered = [address for address, _words in addresses if "stay" not in address and "blijven" not in address]
    assert [address for address in offered if f'"{address}"' not in overview] == []
    for address, words in addresses:
        answer = client.post(address, words)
        assert (answer.status_code, answer.get("location")) == (302, own), address
    member.refresh_from_db()
    assert (member.status, member.resigned_at) == ("grace", None)
    customer = member.organisation.customer
    assert customer
    customer.refresh_from_db()
    assert customer.street == "Lampstraat 2"
    assert not Invitation.objects.exists()
    assert not EmailDomain.objects.exists()
    assert list(Affiliation.objects.filter(ended_at__isnull=True)) == [colleague]


def test_paying_opens_all_again_and_reading_never_closed(member: Membership, contact: User) -> None:
    late(member, "grace")
    assert groups_of(contact.email) == {"inform", "connect"}
    Invoice.objects.update(status="paid")
    recover_membership(membership=member, at=timezone.now(), by=None)
    member.refresh_from_db()
    assert member.status == "active"
    CHANGES["profile"](member, contact)


@pytest.mark.parametrize(("language", "said"), [("nl", "niets wijzigen"), ("en", "cannot change anything")])
def test_the_mail_about_grace_says_what_is_read_only(member: Membership, language: str, said: str) -> None:
    User.objects.update(language=language)
    late(member, "past_due")
    climb_ladder(timezone.now() + timedelta(days=31))
    (told,) = mails("grace")
    assert said in told.text


@pytest.mark.parametrize(
    ("language", "said"),
    [("nl", "U hebt het lidmaatschap opgezegd; het loopt tot en met "), ("en", "You have cancelled the ")],
)
def test_who_cancelled_reads_what_is_still_to_be_paid(member: Membership, language: str, said: str) -> None:
    User.objects.update(language=language)
    resign_membership(membership=member, because="budget", at=timezone.now(), by=None)
    late(member, "past_due")
    climb_ladder(timezone.now() + timedelta(days=31))
    for template in ("past_due", "grace"):
        (told,) = mails(template)
        assert said in told.text


def test_nobody_of_another_member_is_touched(member: Membership, contact: User) -> None:
    late(member, "grace")
    other = add_member("Elders")
    other.memberships.update(status="active")
    Affiliation.objects.create(organisation=other, user=contact, role=Affiliation.Role.MAIN_CONTACT)
    CHANGES["profile"](other.memberships.get(), contact)
