import re
from datetime import timedelta
from typing import Any

import icalendar
import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cms.models import OutgoingMail
from events.models import Activity, Signup
from home.models import HomePage
from membership.models import Organisation
from tests.factories.events import SignupFactory, activity_of, announce
from tests.html import problems_of
from tests.queue import drain

pytestmark = pytest.mark.django_db
NOW = timezone.now()
FROM_HERE = {"Origin": "http://testserver"}


@pytest.fixture
def activity(home: HomePage) -> Activity:
    return activity_of(announce(home))


def typed(**fields: str) -> dict[str, str]:
    return {
        "first_name": "Noor",
        "last_name": "Peeters",
        "email": "noor@demo.example",
        "organisation": "Brug bv",
        "organisation_kind": "company",
        **fields,
    }


def post(client: Client, url: str, **fields: str) -> Any:
    return client.post(url, typed(**fields), headers=FROM_HERE)


@pytest.mark.usefixtures("memory")
def test_the_journey_takes_three_requests_and_few_queries(
    client: Client, activity: Activity, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    dutch, english = (f"/nl/agenda/{activity.pk}/inschrijven/", f"/en/events/{activity.pk}/sign-up/")
    Organisation.objects.create(name="Brug")
    client.get(dutch)
    post(client, english, email="first@demo.example")
    for url, email in ((dutch, "noor@demo.example"), (english, "an@demo.example")):
        with django_assert_max_num_queries(10):
            form = client.get(url)
        assert problems_of(form.content.decode()) == []
        with django_assert_max_num_queries(8):
            answer = post(client, url, email=email)
        assert answer.status_code == 302
        with django_assert_max_num_queries(4):
            confirmation = client.get(answer.url)
        assert problems_of(confirmation.content.decode()) == []
        assert email in confirmation.content.decode()
    assert set(activity.signups.values_list("language", "organisation__name")) == {
        ("nl", "Brug"),
        ("en", "Brug"),
    }


def test_the_mailed_link_shows_changes_and_cancels_the_place(client: Client, activity: Activity) -> None:
    post(client, f"/nl/agenda/{activity.pk}/inschrijven/")
    drain()
    (message,) = mail.outbox
    assert message.to == ["noor@demo.example"]
    assert "U bent ingeschreven" in message.body
    _name, content, _type = message.attachments[0]
    (entry,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
    assert entry["SUMMARY"] == "Infosessie"
    (link,) = re.findall(r"http://testserver(/nl/agenda/plaats/l/\S+)", str(message.body))
    assert isinstance(message, EmailMultiAlternatives)
    page_of_mail, _html = message.alternatives[0]
    assert f'class="button" href="http://testserver{link}"' in str(page_of_mail)
    assert link.split("/")[-2] not in str(list(OutgoingMail.objects.values_list()))
    page = client.get(link)
    assert page["Referrer-Policy"] == "no-referrer"
    assert "Deze pagina:" not in page.content.decode()  # nor does paper show the key
    assert problems_of(page.content.decode()) == []
    assert post(client, link, last_name="Claes", organisation="").status_code == 302
    signup = Signup.objects.get()
    assert (signup.last_name, signup.organisation) == ("Claes", None)
    assert post(client, link, last_name="").status_code == 200
    assert problems_of(client.get(f"{link}annuleren/").content.decode()) == []
    assert Signup.objects.get().is_confirmed
    for _time in range(2):
        assert client.post(f"{link}annuleren/", headers=FROM_HERE).status_code == 302
    assert not Signup.objects.get().is_confirmed
    assert "annuleren/" not in client.get(link).content.decode()
    assert "Uw inschrijving is geannuleerd" in client.get(link).content.decode()
    assert client.get(f"{link}annuleren/").status_code == 302
    assert post(client, link, last_name="Te laat").status_code == 409
    drain()
    assert [each.subject.rpartition("”")[2] for each in mail.outbox] == ["", " is geannuleerd"]
    assert client.get("/nl/agenda/plaats/l/geen-echte/").status_code == 404


def test_who_is_signed_up_already_gets_the_mail_again_and_the_same_screen(
    client: Client, activity: Activity
) -> None:
    url = f"/nl/agenda/{activity.pk}/inschrijven/"
    answers = [post(client, url) for _time in range(2)]
    assert answers[0].url == answers[1].url
    drain()
    assert len(mail.outbox) == 2
    assert activity.signups.count() == 1


def test_a_full_activity_does_not_tell_strangers_who_comes(client: Client, home: HomePage) -> None:
    activity = activity_of(announce(home, capacity=1))
    url = f"/nl/agenda/{activity.pk}/inschrijven/"
    assert post(client, url).status_code == 302
    assert post(client, url).status_code == 302, "a second click is confirmed, not refused"
    stranger = post(client, url, first_name="X")
    nobody = post(client, url, email="other@demo.example")
    assert stranger.status_code == nobody.status_code == 409
    assert "volzet" in stranger.content.decode()
    assert 'value="other@demo.example"' in nobody.content.decode(), "what was typed stays"
    in_english = post(client, f"/en/events/{activity.pk}/sign-up/", email="other@demo.example")
    assert "This event is full" in in_english.content.decode()
    assert 'value="other@demo.example"' in in_english.content.decode()
    assert activity.signups.count() == 1


@pytest.mark.parametrize(
    ("facts", "cancelled", "words"),
    [
        ({"signup_closes_at": NOW - timedelta(seconds=1)}, False, "afgesloten"),
        ({"signup_opens_at": NOW + timedelta(days=1)}, False, "Inschrijven kan vanaf"),
        ({"starts_at": NOW - timedelta(days=3)}, False, "voorbij"),
        ({}, True, "geannuleerd"),
    ],
)
def test_page_form_and_post_say_why_nobody_can_sign_up(
    client: Client, home: HomePage, facts: dict, cancelled: bool, words: str
) -> None:
    page = announce(home, **facts)
    activity = activity_of(page)
    Activity.objects.update(is_cancelled=cancelled)
    url = f"/nl/agenda/{activity.pk}/inschrijven/"
    assert "/inschrijven/" not in client.get(page.url).content.decode().split("<main")[1]
    form = client.get(url)
    assert words in form.content.decode()
    assert problems_of(form.content.decode()) == []
    answer = post(client, url, first_name="Zoë")
    assert (answer.status_code, words in answer.content.decode()) == (409, True)
    assert 'value="Zoë"' in answer.content.decode(), "what was typed stays"
    assert problems_of(answer.content.decode()) == []
    assert not activity.signups.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "noor@"},
        {"email": "noor"},
        {"email": "noor\x00@demo.example"},
        {"first_name": "A" * 10_000},
        {"last_name": "\x00"},
        {"last_name": " \t "},
        {"organisation": "O" * 10_000},
        {"organisation_kind": "<script>"},
        {"organisation_kind": ""},
        {"contact_website": "http://spam.example"},
    ],
)
def test_bad_input_is_said_beside_the_field_and_kept(
    client: Client, activity: Activity, fields: dict
) -> None:
    answer = post(client, f"/nl/agenda/{activity.pk}/inschrijven/", **{"first_name": "Zoë", **fields})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "error-summary" in html
    assert "noor" in html
    assert not activity.signups.exists()


def test_what_an_organisation_needs_is_not_called_optional(client: Client, activity: Activity) -> None:
    page = client.get(f"/nl/agenda/{activity.pk}/inschrijven/").content.decode()
    assert page.count("(facultatief)") == 1
    assert page.count("(als u namens een organisatie komt)") == 1


def test_who_comes_for_an_organisation_says_of_what_kind_and_who_comes_alone_does_not(
    client: Client, activity: Activity
) -> None:
    url = f"/nl/agenda/{activity.pk}/inschrijven/"
    html = post(client, url, organisation_kind="").content.decode()
    assert 'id="id_organisation_kind_error"' in html
    assert '"#id_organisation_kind">Kies wat voor organisatie het is.</a>' in html, (
        "in the summary too, unnamed"
    )
    assert 'value="" selected' in client.get(url).content.decode()
    assert post(client, url, organisation="", organisation_kind="").status_code == 302
    assert activity.signups.get().organisation is None


@pytest.mark.parametrize("name", ["🚲 Zoë", "مرحبا", "O'Neill <b>", "李"])
def test_names_of_all_the_world_are_welcome(client: Client, activity: Activity, name: str) -> None:
    assert post(client, f"/nl/agenda/{activity.pk}/inschrijven/", first_name=name).status_code == 302
    drain()
    assert activity.signups.get().first_name == name


def test_a_form_from_another_site_and_the_same_form_without_end_are_refused(
    activity: Activity,
) -> None:
    client = Client(enforce_csrf_checks=True)
    url = f"/nl/agenda/{activity.pk}/inschrijven/"
    assert client.post(url, typed(), headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post(url, typed()).status_code == 403
    answers = [post(client, url).status_code for _time in range(8)]
    assert answers[:5] == [302] * 5
    assert set(answers[5:]) == {429}


@pytest.mark.parametrize("number", ["999999", "99999999999999999999999999"])
def test_an_activity_that_no_page_tells_of_does_not_exist(
    client: Client, activity: Activity, number: str
) -> None:
    for url in (
        f"/nl/agenda/{number}/inschrijven/",
        f"/nl/agenda/{number}/inschrijven/verstuurd/",
        f"/nl/agenda/{number}.ics",
    ):
        assert client.get(url).status_code == 404
    assert post(client, f"/nl/agenda/{number}/inschrijven/").status_code == 404
    SignupFactory.create()
    hidden = Activity.objects.exclude(pk=activity.pk).get()
    assert client.get(f"/nl/agenda/{hidden.pk}/inschrijven/").status_code == 404
    assert post(client, f"/nl/agenda/{hidden.pk}/inschrijven/").status_code == 404


def test_calendars_are_read_by_an_independent_parser(
    client: Client, home: HomePage, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    activity = activity_of(announce(home))
    announce(home, starts_at=NOW - timedelta(days=200))
    announce(home, title="Alleen Nederlands", english=False)
    client.get("/nl/agenda.ics")
    for url, count, name in (
        ("/nl/agenda.ics", 2, "Infosessie"),
        ("/en/events.ics", 2, "Info session"),
        (f"/en/events/{activity.pk}.ics", 1, "Info session"),
    ):
        with django_assert_max_num_queries(6):
            answer = client.get(url)
        assert answer["Content-Type"].startswith("text/calendar")
        calendar = icalendar.Calendar.from_ical(answer.content)
        assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["Europe/Brussels"]
        entries = {str(entry["UID"]): entry for entry in calendar.walk("VEVENT")}
        assert len(entries) == count
        entry = entries[f"activity-{activity.pk}@testserver"]
        assert entry["SUMMARY"] == name
        start: Any = entry["DTSTART"]
        assert start.dt == activity.starts_at.replace(microsecond=0)
        assert start.params["TZID"] == "Europe/Brussels"
