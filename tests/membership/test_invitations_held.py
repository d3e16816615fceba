"""What must not come in by an invitation: who was removed, somebody else's account, a flood of mail."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from home.models import HomePage
from membership.models import Affiliation, EmailDomain, Invitation, Membership, Organisation
from membership.operations.domains import forbid_domain
from membership.operations.ending import end_membership
from membership.operations.invitations import (
    InvitationGone,
    accept_invitation,
    answer_request,
    invite_colleague,
    resend_invitation,
    withdraw_invitation,
)
from membership.operations.people import NotOfOrganisation, change_role, remove_colleague
from membership.rules import plain_address
from tests.factories.accounts import make_user
from tests.factories.billing import fill_in_issuer
from tests.membership.life import groups_of, join, mails, pay_all
from tests.membership.test_people import accepted, at_once, invited, link_in
from tests.queue import drain

pytestmark = pytest.mark.django_db
COLLEAGUE = "lore@lantaarnwerk.example"
HERE: dict[str, Any] = {"headers": {"origin": "http://testserver"}}
NAMES = {"first_name": "Lore", "last_name": "Kaars"}


@pytest.fixture
def organisation(home: HomePage) -> Organisation:
    """A member at Connect, as of today, that lets in its domain."""
    fill_in_issuer()
    today = timezone.localdate()
    membership = join(today)
    pay_all(today)
    membership.refresh_from_db()
    EmailDomain.objects.create(
        organisation=membership.organisation, domain="lantaarnwerk.example", allowed_at=timezone.now()
    )
    return membership.organisation


@pytest.fixture
def contact(client: Client, organisation: Organisation) -> User:
    """Its main contact, logged in."""
    user = User.objects.get(email="noor@lantaarnwerk.example")
    client.force_login(user)
    return user


def asks(email: str = COLLEAGUE) -> None:
    answer_request(email=email, language="nl", at=timezone.now())


def test_a_used_link_brings_nobody_back(organisation: Organisation) -> None:
    affiliation = accepted(invited(organisation, role="main_contact"))
    address = link_in(mails("invitation")[0])
    remove_colleague(affiliation=affiliation, at=timezone.now(), by=None)
    User.objects.filter(email=COLLEAGUE).update(email="elders@lantaarnwerk.example")
    assert Client().post(address, NAMES, **HERE).status_code == 404
    assert Affiliation.objects.filter(ended_at__isnull=True).count() == 1


def test_who_was_removed_is_not_let_in_by_the_domain_nor_by_an_own_invitation(
    organisation: Organisation,
) -> None:
    affiliation = accepted(invited(organisation, role="main_contact"))
    second = invite_colleague(
        organisation=organisation,
        email="lore@elders.example",
        language="nl",
        role="main_contact",
        at=timezone.now(),
        by=affiliation.user,
    )
    remove_colleague(affiliation=affiliation, at=timezone.now(), by=None)
    asks()
    assert len(mails("no_organisation")) == 1
    assert not Invitation.objects.filter(pk=second.pk).exists()
    assert groups_of(COLLEAGUE) == set()
    invited(organisation)  # a main contact may still ask them back
    assert Invitation.objects.get().email == COLLEAGUE


def test_who_may_invite_no_more_leaves_no_open_invitations(organisation: Organisation) -> None:
    affiliation = accepted(invited(organisation, role="main_contact"))
    invite_colleague(
        organisation=organisation,
        email="lore@elders.example",
        language="nl",
        at=timezone.now(),
        by=affiliation.user,
    )
    change_role(affiliation=affiliation, role="colleague", at=timezone.now(), by=None)
    assert not Invitation.objects.filter(accepted_at__isnull=True).exists()


def test_a_domain_that_is_forbidden_lets_nobody_in_who_has_not_answered(organisation: Organisation) -> None:
    asks()
    waiting = Invitation.objects.get()
    forbid_domain(allowed=EmailDomain.objects.get(), at=timezone.now(), by=None)
    with pytest.raises(InvitationGone):
        accepted(waiting)


def test_a_membership_that_ends_frees_its_domain(organisation: Organisation) -> None:
    end_membership(membership=Membership.objects.get(), status="lapsed", at=timezone.now(), by=None)
    assert not EmailDomain.objects.exists()


def test_asking_again_mails_a_link_and_ends_none(organisation: Organisation) -> None:
    """A stranger neither closes the link that a main contact sent, nor makes it last longer."""
    invitation = invited(organisation)
    asks()
    first, second = (link_in(mail) for mail in mails("invitation"))
    assert [Client().get(address).status_code for address in (first, second)] == [200, 200]
    before = invitation.expires_at
    invitation.refresh_from_db()
    assert invitation.expires_at == before
    assert not invitation.is_by_domain


def test_the_page_does_the_same_for_a_member_as_for_anybody(organisation: Organisation) -> None:
    ask, counts = reverse("membership:ask"), []
    for email in ("niemand@elders.example", COLLEAGUE, "noor@lantaarnwerk.example"):
        with CaptureQueriesContext(connection) as queries:
            Client().post(ask, {"email": email}, **HERE)
        counts.append(len(queries))
    assert len(set(counts)) == 1
    assert mails("no_organisation") == []
    drain()
    assert [mail.recipient for mail in mails("no_organisation")] == ["niemand@elders.example"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Ann@GitHub.Example ", "ann@github.example"),
        ("ann@gıthub.example", "ann@xn--gthub-n4a.example"),
        ("ann@ｌantaarnwerk.example", "ann@lantaarnwerk.example"),
        ("añn@github.example", ""),
        ("@github.example", ""),
        ("ann", ""),
    ],
)
def test_an_address_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert plain_address(typed) == kept


def test_a_look_alike_joins_its_own_address_only(organisation: Organisation) -> None:
    victim = make_user(email="ann@github.example")
    accepted(invited(organisation, "ann@gıthub.example"))
    assert not Affiliation.objects.filter(user=victim).exists()
    assert Affiliation.objects.filter(user__email="ann@xn--gthub-n4a.example").exists()


def test_one_address_gets_few_mails_whoever_sends_them(
    client: Client, contact: User, organisation: Organisation
) -> None:
    invitation = invited(organisation, "doelwit@elders.example")
    resend = reverse("membership:own_resend", args=[invitation.pk])
    for _time in range(12):
        answer = client.post(resend)
    assert answer.status_code == 429
    assert len(mails("invitation")) == 6


def test_what_changed_meanwhile_is_said(client: Client, contact: User, organisation: Organisation) -> None:
    invitation = invited(organisation)
    accepted(invitation)
    for act in (resend_invitation, withdraw_invitation):
        with pytest.raises(InvitationGone):
            act(invitation=invitation, at=timezone.now(), by=None)
    affiliation = Affiliation.objects.get(user__email=COLLEAGUE)
    remove_colleague(affiliation=affiliation, at=timezone.now(), by=None)
    with pytest.raises(NotOfOrganisation):
        change_role(affiliation=affiliation, role="billing", at=timezone.now(), by=None)


def test_a_closed_account_does_not_come_in(organisation: Organisation) -> None:
    make_user(email=COLLEAGUE, is_active=False)
    invitation = invited(organisation)
    with pytest.raises(InvitationGone):
        accepted(invitation)
    page = Client().post(link_in(mails("invitation")[0]), **HERE).content.decode()
    assert "geldt niet meer" in page


def test_a_closed_account_takes_nothing_over(organisation: Organisation) -> None:
    closed = make_user(email=COLLEAGUE, is_active=False)
    successor = Affiliation.objects.create(organisation=organisation, user=closed)
    own = Affiliation.objects.get(user__email="noor@lantaarnwerk.example")
    with pytest.raises(NotOfOrganisation):
        remove_colleague(affiliation=own, successor=successor, at=timezone.now(), by=None)


@pytest.mark.parametrize("name", ["Uw account: https://evil.example", "Lore\u202e", "a/b"])
def test_a_name_that_others_read_in_a_mail_holds_no_link(organisation: Organisation, name: str) -> None:
    invited(organisation)
    answer = Client().post(link_in(mails("invitation")[0]), {**NAMES, "last_name": name}, **HERE)
    assert answer.status_code == 200
    assert not User.objects.filter(email=COLLEAGUE).exists()


@pytest.mark.django_db(transaction=True)
def test_who_comes_in_while_the_membership_ends_has_no_access(organisation: Organisation) -> None:
    invitation, membership = invited(organisation), Membership.objects.get()
    acts: list[Callable[[], object]] = [
        lambda: accept_invitation(
            invitation=invitation, first_name="Lore", last_name="Kaars", at=timezone.now()
        ),
        lambda: end_membership(membership=membership, status="lapsed", at=timezone.now(), by=None),
    ]
    outcomes = at_once(*acts)
    assert "done" in outcomes
    person = User.objects.filter(email=COLLEAGUE).first()
    assert person is None or groups_of(COLLEAGUE) == set()


@pytest.mark.django_db(transaction=True)
def test_a_new_address_that_accepts_two_invitations_at_once_gets_one_account(
    organisation: Organisation,
) -> None:
    other = Organisation.objects.create(name="Tweede", is_confirmed=True)
    today = timezone.localdate()
    Membership.objects.create(
        organisation=other,
        tier=Membership.objects.get().tier,
        status="active",
        applied_at=timezone.now(),
        starts_on=today,
        ends_on=today + timedelta(days=364),
    )
    both = [invited(organisation), invited(other)]
    outcomes = at_once(*(lambda each=each: accepted(each) for each in both))
    assert outcomes == ["done", "done"]
    assert Affiliation.objects.filter(user__email=COLLEAGUE).count() == 2
