"""In each mail about a membership a private link, of whom it goes to, and when it opens nothing any more."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import timezone
from wagtail.models import ModelLogEntry

from accounts.models import User
from accounts.operations.erasure import erase_person
from accounts.operations.people import keep_address
from cms.logfilter import HideTokens
from cms.models import OutgoingMail, PrivateLink
from cms.operations.links import create_link
from membership.emails import ABOUT_PEOPLE, LINK_LASTS, LOOK, PAY, STOP, mail_about
from membership.models import Affiliation, Membership
from membership.operations.changes import resign_membership
from membership.operations.ladder import fall_past_due
from membership.operations.people import change_role, remove_colleague
from membership.operations.terms import announce_renewals
from tests.accounts.mailbox import code_in, sent
from tests.factories.accounts import PASSWORD, make_user
from tests.membership.life import mails
from tests.membership.linked import HERE, OWN, RESIGN, assert_closed, link_to, path_in
from tests.queue import drain

pytestmark = pytest.mark.django_db


def test_a_link_that_is_wrong_foreign_or_over_opens_nothing(member: Membership, place: Affiliation) -> None:
    at = timezone.now()
    parts = ("opzeggen/", "facturen/1/")
    assert_closed(f"{OWN}l/{'A' * 22}/", *parts)
    path = link_to(place, STOP)
    PrivateLink.objects.update(expires_at=at - timedelta(seconds=1), created_at=at - timedelta(days=1))
    assert_closed(path, *parts)
    foreign = create_link(target=member.organisation, purpose="membership-invitation", at=at)
    assert_closed(f"{OWN}l/{foreign}/", *parts)
    assert Client().get(f"/nl/word-lid/l/{path.split('/')[-2]}/").status_code == 404


@pytest.mark.parametrize("event", ["ended", "demoted", "closed", "erased", "merged away", "moved by staff"])
def test_a_link_ends_with_what_it_was_given_for(member: Membership, place: Affiliation, event: str) -> None:
    at = timezone.now()
    other = Affiliation.objects.create(
        organisation=member.organisation, user=make_user(), role=Affiliation.Role.MAIN_CONTACT
    )
    ended, stays = link_to(place, STOP), link_to(other, STOP)
    assert Client().get(f"{ended}opzeggen/").status_code == 200
    if event == "ended":
        remove_colleague(affiliation=place, at=at, by=None)
    elif event == "demoted":
        change_role(affiliation=place, role=Affiliation.Role.BILLING, at=at, by=None)
    elif event == "closed":
        User.objects.filter(pk=place.user_id).update(is_active=False)
    elif event == "erased":
        erase_person(person=place.user, at=at)
    elif event == "moved by staff":
        place.user.email = "nieuw@lantaarnwerk.example"
        place.user.save()
        keep_address(user=place.user)
    else:
        place.delete()
    assert_closed(ended, "opzeggen/")
    assert Client().post(f"{ended}opzeggen/", RESIGN, **HERE).status_code == 404
    assert Client().get(stays).status_code == 200
    member.refresh_from_db()
    assert member.resigned_at is None


def test_who_moves_to_another_mailbox_leaves_no_link_in_the_old_one(
    client: Client, member: Membership, place: Affiliation
) -> None:
    path = link_to(place, STOP)
    place.user.set_password(PASSWORD)
    place.user.save()
    EmailAddress.objects.update(verified=True)
    client.post("/nl/account/login/", {"login": place.user.email, "password": PASSWORD})
    client.post("/nl/account/email/", {"email": "nieuw@lantaarnwerk.example", "action_add": "1"})
    assert Client().get(path).status_code == 200, "the new address is not proved yet"
    proof = next(each for each in sent() if each.to == ["nieuw@lantaarnwerk.example"])
    client.post("/nl/account/confirm-email/", {"code": code_in(proof)})
    place.user.refresh_from_db()
    assert place.user.email == "nieuw@lantaarnwerk.example"
    assert_closed(path, "opzeggen/")


def test_a_link_to_stop_works_to_the_last_day_of_the_term_and_others_for_sixty_days(
    member: Membership, place: Affiliation
) -> None:
    at = timezone.now()
    announce_renewals(at)
    link = PrivateLink.objects.get()
    assert timezone.localtime(link.expires_at).date() == member.next_term_on
    assert timezone.localtime(link.expires_at).hour == 0
    mail_about("stays", member, at=at)
    ends_at = timezone.localtime(PrivateLink.objects.get(purpose=LOOK).expires_at)
    assert ends_at.date() == timezone.localdate(at + LINK_LASTS) + timedelta(days=1)
    assert (ends_at.hour, ends_at.minute) == (0, 0), "the day that the mail names is a whole one"


def test_each_contact_gets_one_link_of_their_own_for_what_they_may_do(member: Membership) -> None:
    money = make_user(language="en")
    Affiliation.objects.create(organisation=member.organisation, user=money, role=Affiliation.Role.BILLING)
    announce_renewals(timezone.now())
    by_address = {each.recipient: path_in(each) for each in mails("renewal_notice")}
    assert len(set(by_address.values())) == 2
    assert by_address[money.email].startswith("/en/my-organisation/l/")
    assert sorted(PrivateLink.objects.values_list("purpose", flat=True)) == [PAY, STOP]
    fall_past_due(membership=member, at=timezone.now(), by=None)
    assert PrivateLink.objects.filter(purpose=PAY).count() == 3


def test_who_acts_for_nobody_gets_no_link(member: Membership) -> None:
    Affiliation.objects.update(ended_at=timezone.now())
    announce_renewals(timezone.now())
    (notice,) = mails("renewal_notice")
    assert not PrivateLink.objects.exists()
    assert "http://testserver/nl/mijn-organisatie/\n" in notice.text


def test_no_token_stands_in_a_log(
    client: Client, member: Membership, place: Affiliation, caplog: pytest.LogCaptureFixture
) -> None:
    path = link_to(place, STOP)
    token = path.split("/")[-2]
    with caplog.at_level(logging.DEBUG):
        client.get(path)
        client.post(f"{path}opzeggen/", RESIGN, **HERE)
        client.get(f"{path}facturen/1/")
    assert token not in str(list(ModelLogEntry.objects.values()))
    for record in caplog.records:
        HideTokens().filter(record)
        assert token not in record.getMessage()


def test_the_mail_that_leaves_holds_the_link_and_is_forgotten_here(
    client: Client, member: Membership, place: Affiliation
) -> None:
    resign_membership(membership=member, because="budget", at=timezone.now(), by=place.user)
    path = path_in(mails("resigned")[0])
    drain()
    sent: Any = next(each for each in mail.outbox if path in each.body)
    assert path in sent.alternatives[0][0]
    assert path not in str(list(OutgoingMail.objects.values()))


TEMPLATES = settings.BASE_DIR / "templates" / "emails" / "membership"
TO_DESK = "goes to the association, which works in the back office"
WITHOUT_LINK = {
    "applications_wait": TO_DESK,
    "approval_wanted": TO_DESK,
    "contact_closed": TO_DESK,
    "invitation": "its link is the invitation",
    "lapse_held": "goes to the association, which works in the back office",
    "no_organisation": "goes to somebody who belongs to nothing",
    "no_place": "goes to somebody who belongs to nothing yet",
    "number_taken": TO_DESK,
    "place_ended": "the place is over, and so is what a link to it would open",
    "price_missing": TO_DESK,
    "request_for_nobody": TO_DESK,
    "request_passed_on": "betrays no membership: a link would open only where there was one",
}


@pytest.mark.parametrize("name", sorted(each.name for each in TEMPLATES.iterdir() if each.is_dir()))
def test_every_mail_about_a_membership_carries_the_link_or_says_here_why_not(name: str) -> None:
    has_link = 'include "emails/membership/own_link.txt"' in (TEMPLATES / name / "body.txt").read_text()
    assert has_link != (name in WITHOUT_LINK)
    assert has_link or not (TEMPLATES / name / "body.html").exists() or name == "invitation"


def test_every_reason_is_about_a_mail_that_exists() -> None:
    assert set(WITHOUT_LINK) <= {each.name for each in TEMPLATES.iterdir()}


def test_mails_about_people_are_answered_at_the_general_address(member: Membership) -> None:
    folders = {path.name for path in TEMPLATES.iterdir()}
    assert folders >= ABOUT_PEOPLE
    mail_about("role_changed", member, at=timezone.now(), role="")
    mail_about("stays", member, at=timezone.now())
    answered = dict(OutgoingMail.objects.values_list("template", "reply_to"))
    assert answered["membership/role_changed"] == ""
    assert answered["membership/stays"] == "facturen@demo.example"
