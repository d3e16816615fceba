"""In each mail a private link: what it shows, what it lets its holder do, and when it opens nothing."""

import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.signals import email_changed
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import DjangoAssertNumQueries
from wagtail.models import ModelLogEntry

from accounts.models import User
from accounts.operations.erasure import erase_person
from accounts.operations.people import keep_address
from billing.models import Invoice
from cms.logfilter import HideTokens
from cms.models import OutgoingMail, PrivateLink
from cms.operations.links import create_link
from home.models import HomePage
from membership.emails import LINK_LASTS, LOOK, PAY, STOP, mail_about
from membership.models import Affiliation, Membership, Organisation
from membership.operations.changes import resign_membership
from membership.operations.people import change_role, remove_colleague
from membership.operations.terms import announce_renewals, fall_past_due
from tests.factories.accounts import make_user
from tests.factories.billing import fill_in_issuer, issue
from tests.membership.life import join, mails, pay_all
from tests.queue import drain

pytestmark = pytest.mark.django_db
OWN = "/nl/mijn-organisatie/"
NOT_HERE = 'next=%2Fnl%2Fmijn-organisatie%2F"'
RESIGN = {"because": "budget", "note": ""}
HERE: Any = {"HTTP_SEC_FETCH_SITE": "same-origin"}


@pytest.fixture
def member(home: HomePage) -> Membership:
    """A paid membership at Connect whose term ends in seven days."""
    fill_in_issuer()
    today = timezone.localdate()
    membership = join(today)
    pay_all(today)
    Membership.objects.update(ends_on=today + timedelta(days=7))
    membership.refresh_from_db()
    return membership


@pytest.fixture
def place(member: Membership) -> Affiliation:
    """The place of its main contact."""
    return Affiliation.objects.get(organisation=member.organisation)


def link_to(place: Affiliation, purpose: str) -> str:
    """The path of a new link."""
    token = create_link(
        target=place, purpose=purpose, at=timezone.now(), expires_at=timezone.now() + LINK_LASTS
    )
    return f"{OWN}l/{token}/"


def path_in(sent: OutgoingMail) -> str:
    """The path of the own link in a mail."""
    (path,) = re.findall(
        r"http://testserver(/\w\w/(?:mijn-organisatie|word-lid|my-organisation|join)/l/\S+)", sent.text
    )
    assert path in sent.html
    return str(path)


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def assert_closed(path: str, *more: str) -> None:
    """Every page behind a link is the one that says there is nothing, and leads on after the log-in."""
    for part in ("", *more):
        answer = Client().get(path + part)
        assert answer.status_code == 404, part
        assert NOT_HERE in answer.content.decode()
        assert "no-store" in answer["Cache-Control"]


def test_who_is_logged_in_goes_on_from_a_closed_link(client: Client, place: Affiliation) -> None:
    visitor = client.get(f"{OWN}l/{'A' * 22}/").content.decode()
    assert "Aanmelden en verdergaan" in visitor
    client.force_login(place.user)
    assert f'href="{OWN}">Verdergaan met deze account' in client.get(f"{OWN}l/{'A' * 22}/").content.decode()
    assert "Verdergaan" not in client.get("/nl/bestaat-niet/").content.decode()


def test_a_notice_carries_a_link_that_shows_the_renewal_and_stops_it(
    client: Client, member: Membership, place: Affiliation
) -> None:
    assert announce_renewals(timezone.now()) == 1
    (notice,) = mails("renewal_notice")
    path = path_in(notice)
    assert "Bekijk de verlenging of zeg op" in notice.text
    content = page(client, path)
    for words in (
        "Lantaarnwerk",
        "Connect",
        "1.000,00\N{NO-BREAK SPACE}euro",
        "Het volgende lidmaatschapsjaar",
    ):
        assert words in content
    answer = client.get(path)
    assert "no-store" in answer["Cache-Control"]
    assert "noindex" in answer["X-Robots-Tag"]
    assert answer["Referrer-Policy"] == "no-referrer"
    form = page(client, f"{path}opzeggen/")
    assert f"eindigt het lidmaatschap op {date_format(member.ends_on)}" in form  # type: ignore[arg-type]
    member.refresh_from_db()
    assert member.resigned_at is None, "looking changes nothing"

    refused = client.post(f"{path}opzeggen/", {"note": "Zonder reden"}, **HERE)
    assert refused.status_code == 200
    assert "Zonder reden" in refused.content.decode()
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"{path}opzeggen/", RESIGN, HTTP_ORIGIN="https://elders.example").status_code == 403
    done = client.post(f"{path}opzeggen/", RESIGN, **HERE)
    assert done["Location"] == path
    member.refresh_from_db()
    assert member.resigned_because == "budget"
    line = ModelLogEntry.objects.for_instance(member).get(action="membership.resign")
    assert (line.user, line.data["link"]) == (place.user, "mail")
    after = page(client, path)
    assert "Uw opzegging is genoteerd" in after
    assert "opgezegd en eindigt op" in after
    assert "opzeggen/" not in after
    again = client.post(f"{path}opzeggen/", RESIGN, **HERE)
    assert again["Location"] == path
    assert ModelLogEntry.objects.filter(action="membership.resign").count() == 1
    assert len(mails("resigned")) == 1


def test_a_link_does_what_its_mail_is_about_and_no_more(
    client: Client, member: Membership, place: Affiliation
) -> None:
    customer = member.organisation.customer
    assert customer
    unpaid = Invoice.objects.get()
    Invoice.objects.filter(pk=unpaid.pk).update(status="overdue")
    other = issue(customer=customer, at=timezone.now())
    stranger = issue(at=timezone.now())
    may = {LOOK: (404, 404), PAY: (404, 200), STOP: (200, 200)}
    for purpose, (stop, pay) in may.items():
        path = link_to(place, purpose)
        content = page(client, path)
        assert unpaid.number in content
        assert other.number not in content, "only what is for the membership"
        assert (f"{path}facturen/{unpaid.pk}/" in content) == (pay == 200)
        assert (f"{path}opzeggen/" in content) == (stop == 200)
        assert client.get(f"{path}opzeggen/").status_code == stop
        for part in ("", "pdf/"):
            assert client.get(f"{path}facturen/{unpaid.pk}/{part}").status_code == pay
        for wrong in (other, stranger):
            assert client.get(f"{path}facturen/{wrong.pk}/").status_code == 404
        if stop == 404:
            assert client.post(f"{path}opzeggen/", RESIGN, **HERE).status_code == 404
    member.refresh_from_db()
    assert member.resigned_at is None


def test_the_page_tells_nothing_of_colleagues_and_leads_to_the_log_in(
    client: Client, member: Membership, place: Affiliation
) -> None:
    colleague = make_user(email="collega@lantaarnwerk.example")
    Affiliation.objects.create(organisation=member.organisation, user=colleague)
    content = page(client, link_to(place, STOP))
    assert colleague.email not in content
    assert colleague.last_name not in content
    assert Invoice.objects.get().number not in content, "what is paid is for who logs in"
    (log_in,) = re.findall(r'href="([^"]*login/code/[^"]*)"', content)
    entrance = page(client, log_in.replace("&amp;", "&"))
    assert f'value="{place.user.email}"' in entrance
    assert f'value="/nl/mijn-organisatie/#organisation-{member.organisation_id}"' in entrance
    client.force_login(place.user)
    assert f'href="/nl/mijn-organisatie/#organisation-{member.organisation_id}"' in page(
        client, link_to(place, LOOK)
    )


def test_a_colleague_sees_neither_amounts_nor_invoices(client: Client, member: Membership) -> None:
    Invoice.objects.update(status="overdue")
    mere = Affiliation.objects.create(organisation=member.organisation, user=make_user())
    for purpose in (LOOK, PAY, STOP):
        path = link_to(mere, purpose)
        content = page(client, path)
        assert "Connect" in content
        assert "euro" not in content
        assert Invoice.objects.get().number not in content
        for part in ("opzeggen/", f"facturen/{Invoice.objects.get().pk}/"):
            assert client.get(path + part).status_code == 404
        assert client.post(f"{path}opzeggen/", RESIGN, **HERE).status_code == 404


def test_what_was_paid_behind_the_link_stays_open_behind_it(
    client: Client, member: Membership, place: Affiliation
) -> None:
    invoice = Invoice.objects.get()
    before, path = f"{link_to(place, PAY)}facturen/{invoice.pk}/", link_to(place, PAY)
    PrivateLink.objects.update(created_at=timezone.now() + timedelta(days=1), expires_at=None)
    assert client.get(before).status_code == 404, "it was paid before the link was made"
    PrivateLink.objects.update(created_at=timezone.now() - timedelta(days=1))
    content = page(client, f"{path}facturen/{invoice.pk}/")
    assert f'href="{path}">Terug naar uw lidmaatschap' in content
    assert client.get(f"{path}facturen/{invoice.pk}/pay/").status_code == 302


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


@pytest.mark.parametrize(
    "event", ["ended", "demoted", "closed", "erased", "merged away", "moved by staff", "moved"]
)
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
    elif event == "moved":
        email_changed.send(User, request=None, user=place.user, from_email_address="", to_email_address="")
    else:
        place.delete()
    assert_closed(ended, "opzeggen/")
    assert Client().post(f"{ended}opzeggen/", RESIGN, **HERE).status_code == 404
    assert Client().get(stays).status_code == 200
    member.refresh_from_db()
    assert member.resigned_at is None


def test_a_link_to_stop_works_to_the_last_day_of_the_term_and_others_for_sixty_days(
    member: Membership, place: Affiliation
) -> None:
    at = timezone.now()
    announce_renewals(at)
    link = PrivateLink.objects.get()
    assert timezone.localtime(link.expires_at).date() == member.next_term_on
    assert timezone.localtime(link.expires_at).hour == 0
    mail_about("stays", member, at=at)
    assert PrivateLink.objects.get(purpose=LOOK).expires_at == at + LINK_LASTS


def test_each_contact_gets_one_link_of_their_own_for_what_they_may_do(member: Membership) -> None:
    money = make_user(language="en")
    Affiliation.objects.create(organisation=member.organisation, user=money, role=Affiliation.Role.BILLING)
    announce_renewals(timezone.now())
    by_address = {each.recipient: path_in(each) for each in mails("renewal_notice")}
    assert len(set(by_address.values())) == 2
    assert by_address[money.email].startswith("/en/my-organisation/l/")
    assert sorted(PrivateLink.objects.values_list("purpose", flat=True)) == [PAY, STOP]
    fall_past_due(membership=member, at=timezone.now())
    assert PrivateLink.objects.filter(purpose=PAY).count() == 3


def test_who_acts_for_nobody_gets_no_link(member: Membership) -> None:
    Affiliation.objects.update(ended_at=timezone.now())
    announce_renewals(timezone.now())
    (notice,) = mails("renewal_notice")
    assert not PrivateLink.objects.exists()
    assert "http://testserver/nl/mijn-organisatie/\n" in notice.text


def test_who_is_late_reads_what_to_pay_and_pays_there(
    client: Client, member: Membership, place: Affiliation
) -> None:
    invoice = Invoice.objects.get()
    Invoice.objects.filter(pk=invoice.pk).update(status="overdue")
    fall_past_due(membership=member, at=timezone.now())
    path = path_in(mails("past_due")[0])
    content = page(client, path)
    assert "notice-mind" in content
    assert content.count(f'href="{path}facturen/{invoice.pk}/"') == 2  # in the notice and in the list


def test_a_membership_that_ended_shows_when_and_the_way_back(
    client: Client, member: Membership, place: Affiliation
) -> None:
    path = link_to(place, STOP)
    Membership.objects.update(status="lapsed")
    content = page(client, path)
    assert "Opnieuw lid worden" in content
    assert "opzeggen/" not in content
    assert_closed(f"{path}opzeggen/")
    Membership.objects.all().update(organisation=Organisation.objects.create(name="Elders"))
    assert "Nog geen" in page(client, path)


def test_the_page_costs_few_queries(
    client: Client,
    member: Membership,
    place: Affiliation,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    path = link_to(place, STOP)
    client.get(path)
    with django_assert_max_num_queries(20):
        client.get(path)
    for _number in range(3):
        Affiliation.objects.create(organisation=member.organisation, user=make_user())
    with django_assert_max_num_queries(20):
        client.get(path)


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
WITHOUT_LINK = {
    "approval_wanted": "goes to the association, which works in the back office",
    "invitation": "its link is the invitation",
    "no_organisation": "goes to somebody who belongs to nothing",
    "no_place": "goes to somebody who belongs to nothing yet",
    "place_ended": "the place is over, and so is what a link to it would open",
}


@pytest.mark.parametrize("name", sorted(each.name for each in TEMPLATES.iterdir() if each.is_dir()))
def test_every_mail_about_a_membership_carries_the_link_or_says_here_why_not(name: str) -> None:
    has_link = 'include "emails/membership/own_link.txt"' in (TEMPLATES / name / "body.txt").read_text()
    assert has_link != (name in WITHOUT_LINK)
    assert has_link or not (TEMPLATES / name / "body.html").exists() or name == "invitation"


def test_every_reason_is_about_a_mail_that_exists() -> None:
    assert set(WITHOUT_LINK) <= {each.name for each in TEMPLATES.iterdir()}
