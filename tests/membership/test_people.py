"""Colleagues come by invitation or by their address's domain, and an organisation keeps a main contact."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail as mailbox
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from cms.models import OutgoingMail
from home.models import HomePage
from membership.models import Affiliation, EmailDomain, Invitation, Membership, Organisation
from membership.operations.domains import AddressNotProved, DomainTaken, FreeMail, allow_domain
from membership.operations.ending import end_membership
from membership.operations.invitations import (
    accept_invitation,
    forget_invitations,
    invite_colleague,
)
from membership.operations.organisations import merge_organisations
from membership.operations.people import LastMainContact, NotOfOrganisation, change_role, remove_colleague
from membership.operations.privacy import erase_person
from membership.queries import NotRunning
from membership.rules import domain_of, is_free_mail
from tests.factories.accounts import make_user
from tests.factories.billing import fill_in_issuer
from tests.membership.life import groups_of, join, mails, pay_all
from tests.membership.test_pages import add_member
from tests.queue import drain

pytestmark = pytest.mark.django_db
COLLEAGUE = "lore@lantaarnwerk.example"
LINK = re.compile(r"https?://[^/\s]+(/\S+/l/[\w-]+/)")


@pytest.fixture
def organisation(home: HomePage) -> Organisation:
    """A member at Connect, as of today."""
    fill_in_issuer()
    today = timezone.localdate()
    membership = join(today)
    pay_all(today)
    membership.refresh_from_db()
    return membership.organisation


@pytest.fixture
def contact(client: Client, organisation: Organisation) -> User:
    """Its main contact, logged in."""
    user = User.objects.get(email="noor@lantaarnwerk.example")
    EmailAddress.objects.filter(user=user).update(verified=True)
    client.force_login(user)
    return user


def invited(organisation: Organisation, email: str = COLLEAGUE, **words: Any) -> Invitation:
    return invite_colleague(
        organisation=organisation, email=email, language="nl", at=timezone.now(), by=None, **words
    )


def accepted(invitation: Invitation) -> Affiliation:
    return accept_invitation(invitation=invitation, first_name="Lore", last_name="Kaars", at=timezone.now())


def link_in(mail: OutgoingMail) -> str:
    found = LINK.search(mail.text)
    assert found is not None
    return found.group(1)


def test_a_colleague_is_invited_accepts_and_comes_into_the_member_zone(
    client: Client, contact: User, organisation: Organisation
) -> None:
    words = {"email": COLLEAGUE.upper(), "role": "colleague", "language": "en"}
    answer = client.post(reverse("membership:own_invite", args=[organisation.pk]), words, follow=True)
    assert COLLEAGUE in answer.content.decode()
    (mail,) = mails("invitation")
    assert (mail.recipient, mail.language) == (COLLEAGUE, "en")
    assert "Noor Lanterman invites you" in mail.text
    visitor, address = Client(), link_in(mail)
    page = visitor.get(address)
    assert page.status_code == 200
    assert not User.objects.filter(email=COLLEAGUE).exists()  # looking is not accepting
    refused = visitor.post(
        address, {"first_name": "", "last_name": "Kaars"}, headers={"origin": "http://testserver"}
    )
    assert "Enter your first name." in refused.content.decode()
    names = {"first_name": "Lore", "last_name": "Kaars"}
    for _time in range(2):  # a second click changes nothing
        done = visitor.post(address, names, headers={"origin": "http://testserver"}, follow=True)
        assert "You are now part of Lantaarnwerk" in done.content.decode()
    person = User.objects.get(email=COLLEAGUE)
    assert (person.get_full_name(), person.language) == ("Lore Kaars", "en")
    assert EmailAddress.objects.get(user=person).verified
    assert groups_of(COLLEAGUE) == {"inform", "connect"}
    assert [mail.recipient for mail in mails("colleague_joined")] == [contact.email]
    assert OutgoingMail.objects.filter(template="accounts/welcome", recipient=COLLEAGUE).count() == 1
    assert Affiliation.objects.get(user=person).role == "colleague"


def test_who_has_an_account_accepts_with_one_button(organisation: Organisation) -> None:
    make_user(email=COLLEAGUE)
    invited(organisation)
    visitor, address = Client(), link_in(mails("invitation")[0])
    assert "first_name" not in visitor.get(address).content.decode()
    visitor.post(address, headers={"origin": "http://testserver"})
    assert groups_of(COLLEAGUE) == {"inform", "connect"}
    assert User.objects.get(email=COLLEAGUE).first_name == "An"


def test_an_invitation_is_refused_beside_the_address(
    client: Client, contact: User, organisation: Organisation
) -> None:
    address = reverse("membership:own_invite", args=[organisation.pk])
    words = {"role": "colleague", "language": "nl"}
    old = invited(organisation)
    Invitation.objects.filter(pk=old.pk).update(invited_at=timezone.now() - timedelta(days=1))
    for email, said in ((contact.email, "hoort al bij"), (COLLEAGUE, "al uitgenodigd")):
        answer = client.post(address, {**words, "email": email})
        assert said in answer.content.decode()
    assert len(mails("invitation")) == 1


def test_a_second_click_invites_once(client: Client, contact: User, organisation: Organisation) -> None:
    address = reverse("membership:own_invite", args=[organisation.pk])
    for _time in range(2):
        client.post(address, {"role": "colleague", "language": "nl", "email": COLLEAGUE})
    assert len(mails("invitation")) == Invitation.objects.count() == 1


def test_sent_again_only_the_new_link_works_and_withdrawn_none(
    client: Client, contact: User, organisation: Organisation
) -> None:
    invitation = invited(organisation)
    client.post(reverse("membership:own_resend", args=[invitation.pk]))
    first, second = (link_in(mail) for mail in mails("invitation"))
    assert [Client().get(address).status_code for address in (first, second)] == [404, 200]
    client.post(reverse("membership:own_withdraw", args=[invitation.pk]))
    assert Client().get(second).status_code == 404
    assert not Invitation.objects.exists()


def test_an_invitation_ends_after_30_days_and_is_forgotten(organisation: Organisation) -> None:
    invitation = invited(organisation)
    assert forget_invitations(invitation.expires_at - timedelta(seconds=1)) == 0
    assert forget_invitations(invitation.expires_at) == 1
    assert Client().get(link_in(mails("invitation")[0])).status_code == 404


def test_a_membership_that_ended_invites_nobody_and_lets_nobody_in(organisation: Organisation) -> None:
    invitation = invited(organisation)
    membership = Membership.objects.get()
    Membership.objects.update(status="grace", lapses_on=timezone.localdate() + timedelta(days=3))
    with pytest.raises(NotRunning):
        accepted(invitation)
    with pytest.raises(NotRunning):
        invited(organisation, "ander@lantaarnwerk.example")
    assert "geldt niet meer" in Client().get(link_in(mails("invitation")[0])).content.decode()
    end_membership(membership=membership, status="lapsed", at=timezone.now(), by=None)
    assert not Invitation.objects.exists()


def test_only_a_main_contact_changes_who_belongs(client: Client, organisation: Organisation) -> None:
    affiliation = accepted(invited(organisation))
    waiting = invited(organisation, "ander@lantaarnwerk.example")
    domain = EmailDomain.objects.create(
        organisation=organisation, domain="lantaarnwerk.example", allowed_at=timezone.now()
    )
    other = Affiliation.objects.get(user__email="noor@lantaarnwerk.example")
    closed = {
        "own_invite": organisation.pk,
        "own_allow_domain": organisation.pk,
        "own_forbid_domain": domain.pk,
        "own_role": other.pk,
        "own_remove": other.pk,
        "own_resend": waiting.pk,
        "own_withdraw": waiting.pk,
    }
    stranger = make_user()
    for person in (affiliation.user, stranger):
        client.force_login(person)
        for name, pk in closed.items():
            address = reverse(f"membership:{name}", args=[pk])
            assert client.get(address).status_code == client.post(address).status_code == 404, name
    client.force_login(other.user)
    for name, pk in closed.items():
        address = reverse(f"membership:{name}", args=[pk])
        assert client.get(address).status_code == 200, name


def test_the_last_main_contact_goes_only_with_a_successor(
    client: Client, contact: User, organisation: Organisation
) -> None:
    own = Affiliation.objects.get(user=contact)
    address = reverse("membership:own_remove", args=[own.pk])
    assert client.get(address).status_code == 302  # nobody is there to take over
    with pytest.raises(LastMainContact):
        remove_colleague(affiliation=own, at=timezone.now(), by=contact)
    with pytest.raises(LastMainContact):
        change_role(affiliation=own, role="colleague", at=timezone.now(), by=contact)
    colleague = accepted(invited(organisation))
    assert "Kies wie hoofdcontact wordt." in client.post(address).content.decode()
    stranger = Affiliation.objects.create(
        organisation=Organisation.objects.create(name="Elders"), user=make_user()
    )
    assert client.post(address, {"successor": stranger.pk}).status_code == 200
    with pytest.raises(NotOfOrganisation):
        remove_colleague(affiliation=own, successor=stranger, at=timezone.now(), by=contact)
    client.post(address, {"successor": colleague.pk})
    colleague.refresh_from_db()
    own.refresh_from_db()
    assert (colleague.role, bool(own.ended_at)) == ("main_contact", True)
    assert groups_of(contact.email) == set()
    assert [mail.recipient for mail in mails("role_changed")] == [COLLEAGUE]
    assert mails("place_ended") == []  # who leaves knows it


def test_who_is_removed_loses_access_and_hears_of_it(
    client: Client, contact: User, organisation: Organisation
) -> None:
    colleague = accepted(invited(organisation))
    client.post(reverse("membership:own_remove", args=[colleague.pk]))
    assert groups_of(COLLEAGUE) == set()
    assert [mail.recipient for mail in mails("place_ended")] == [COLLEAGUE]
    assert client.post(reverse("membership:own_remove", args=[colleague.pk])).status_code == 404
    assert Affiliation.objects.filter(pk=colleague.pk, ended_at__isnull=False).exists()
    again = accepted(invited(organisation))  # somebody may come back; the history stays
    assert again.pk != colleague.pk


def test_a_colleague_leaves_alone(client: Client, organisation: Organisation) -> None:
    colleague = accepted(invited(organisation))
    client.force_login(colleague.user)
    client.post(reverse("membership:own_remove", args=[colleague.pk]))
    assert groups_of(COLLEAGUE) == set()


def test_whoever_has_an_address_in_the_domain_joins_by_themselves(
    client: Client, contact: User, organisation: Organisation
) -> None:
    visitor, ask = Client(), reverse("membership:ask")

    def asks(email: str) -> str:
        answer = visitor.post(ask, {"email": email}, headers={"origin": "http://testserver"}, follow=True)
        drain()
        return re.sub(r"[\w.-]+@[\w.-]+", "…", answer.content.decode())

    before = asks(COLLEAGUE)
    assert [mail.recipient for mail in mails("no_organisation")] == [COLLEAGUE]
    client.post(reverse("membership:own_allow_domain", args=[organisation.pk]))
    assert EmailDomain.objects.get().domain == "lantaarnwerk.example"
    after = asks(COLLEAGUE)
    assert before == after  # nobody reads there who belongs to whom
    found = LINK.search(str(mailbox.outbox[-1].body))
    assert found is not None
    assert "Mijn aansluiting bevestigen" in str(mailbox.outbox[-1].message())  # nobody invited who asks
    assert "uitnodig" not in str(mailbox.outbox[-1].message())
    visitor.post(
        found.group(1),
        {"first_name": "Lore", "last_name": "Kaars"},
        headers={"origin": "http://testserver"},
    )
    assert groups_of(COLLEAGUE) == {"inform", "connect"}
    assert "Aanmelden en naar Mijn organisatie" in Client().get(found.group(1)).content.decode()
    assert [mail.recipient for mail in mails("colleague_joined")] == [contact.email]
    asks(COLLEAGUE)
    assert [mail.recipient for mail in mails("belongs_already")] == [COLLEAGUE]
    asks("elders@sub.lantaarnwerk.example")
    assert len(mails("invitation")) == 1
    client.post(reverse("membership:own_forbid_domain", args=[EmailDomain.objects.get().pk]))
    asks("nog@lantaarnwerk.example")
    assert len(mails("invitation")) == 1


def test_a_domain_is_ones_own_proved_and_not_of_free_mail(
    client: Client, organisation: Organisation, contact: User
) -> None:
    now = timezone.now()
    EmailAddress.objects.filter(user=contact).update(verified=False)
    address = reverse("membership:own_allow_domain", args=[organisation.pk])
    assert "Dit kan niet" in client.post(address).content.decode()
    with pytest.raises(AddressNotProved):
        allow_domain(organisation=organisation, at=now, by=contact)
    for email in ("noor@gmail.com", "noor@proximus.be"):
        person = make_user(email=email)
        with pytest.raises(FreeMail):
            allow_domain(organisation=organisation, at=now, by=person)
    EmailAddress.objects.filter(user=contact).update(verified=True)
    allow_domain(organisation=organisation, at=now, by=contact)
    allow_domain(organisation=organisation, at=now, by=contact)
    with pytest.raises(DomainTaken):
        allow_domain(organisation=add_member("Elders"), at=now, by=contact)
    assert EmailDomain.objects.count() == 1


@pytest.mark.parametrize(
    ("email", "domain", "is_free"),
    [
        ("An@Stad.BE", "stad.be", False),
        ("an@telenet.be", "telenet.be", True),
        ("an@mail.voo.be", "mail.voo.be", True),
        ("an@café.be", "xn--caf-dma.be", False),
        ("an@" + "x" * 70 + ".be", "", False),
        ("an", "an", False),
        ("", "", False),
    ],
)
def test_domains(email: str, domain: str, is_free: bool) -> None:
    assert (domain_of(email), is_free_mail(domain_of(email))) == (domain, is_free)


def test_invitations_and_domains_move_along_when_two_spellings_become_one(organisation: Organisation) -> None:
    other = Organisation.objects.create(name="Lantaarn Werk")
    invited(organisation)
    EmailDomain.objects.create(
        organisation=organisation, domain="lantaarnwerk.example", allowed_at=timezone.now()
    )
    merge_organisations(keep=other, drop=organisation, at=timezone.now(), by=make_user(is_superuser=True))
    assert Invitation.objects.get().organisation == EmailDomain.objects.get().organisation == other


def test_who_is_forgotten_leaves_no_invitation(organisation: Organisation) -> None:
    person = make_user(email=COLLEAGUE)
    invited(organisation)
    erase_person(person, timezone.now())
    assert not Invitation.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_go_at_once_one_stays_main_contact(organisation: Organisation) -> None:
    """The two last main contacts press the button in the same moment."""
    second = accepted(invited(organisation, role="main_contact"))
    first = Affiliation.objects.exclude(pk=second.pk).get()
    outcomes = at_once(
        *(
            lambda affiliation=affiliation: remove_colleague(
                affiliation=affiliation, at=timezone.now(), by=affiliation.user
            )
            for affiliation in (first, second)
        )
    )
    assert sorted(outcomes) == ["LastMainContact", "done"]
    assert Affiliation.objects.filter(ended_at__isnull=True, role="main_contact").count() == 1


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Do things in threads that start together; returns what each came to."""
    barrier, outcomes = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        try:
            barrier.wait()
            act()
            outcomes.append("done")
        except Exception as error:
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
