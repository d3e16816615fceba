"""The platform's reports: who reads them, what they say, and the button to try again."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.models import Locale

from accounts.models import User
from cms.models import Menu, OutgoingMail, PeriodicRun, TaskRetries, Term
from tests.cms import slow_task
from tests.queue import drain

pytestmark = pytest.mark.django_db


def log_in(client: Client, role: str) -> User:
    user = User.objects.create_user(f"{role}@demo.example", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return user


@pytest.fixture
def dead() -> DBTaskResult:
    slow_task.fail.enqueue("no such thing")
    drain()
    result = DBTaskResult.objects.get()
    TaskRetries.objects.create(result=result, count=5, gave_up_at=timezone.now())
    return result


def test_an_administrator_sees_why_a_task_died_and_retries_it(client: Client, dead: DBTaskResult) -> None:
    log_in(client, "administrator")
    slow_task.fail.enqueue("still alive")
    listed = client.get("/admin/platform/tasks/").content.decode()
    assert listed.count("tests.cms.slow_task.fail") >= 2
    assert "opgegeven" in listed
    only = client.get("/admin/platform/tasks/results/?state=given_up").content.decode()
    assert f"/admin/platform/tasks/{dead.pk}/" in only
    assert "wachtend" not in only
    shown = client.get(f"/admin/platform/tasks/{dead.pk}/").content.decode()
    assert "ValueError: no such thing" in shown
    assert "Nu opnieuw proberen" in shown
    answer = client.post(f"/admin/platform/tasks/{dead.pk}/", follow=True)
    assert "staat terug in de wachtrij" in answer.content.decode()
    dead.refresh_from_db()
    assert dead.status == "READY"


@pytest.mark.parametrize("role", ["editor", "finance", "board"])
def test_other_roles_see_nothing_of_it(client: Client, dead: DBTaskResult, role: str) -> None:
    log_in(client, role)
    for address in ("tasks/", f"tasks/{dead.pk}/", "mail/", "periodic/"):
        assert client.get(f"/admin/platform/{address}").status_code == 302
    assert client.post(f"/admin/platform/tasks/{dead.pk}/").status_code == 302
    dead.refresh_from_db()
    assert dead.status == "FAILED"
    assert "/admin/platform/" not in client.get("/admin/").content.decode()


def test_mail_and_periodic_work_are_listed_without_their_words(client: Client) -> None:
    log_in(client, "administrator")
    now = timezone.now()
    OutgoingMail.objects.create(
        template="cms/test",
        language="nl",
        recipient="ann@demo.example",
        subject="Dag",
        text="geheim",
        queued_at=now,
    )
    PeriodicRun.objects.create(name="reminders", failed_at=now, error="ValueError: no")
    mail = client.get("/admin/platform/mail/").content.decode()
    assert "ann@demo.example" in mail
    assert "geheim" not in mail
    assert "ValueError: no" in client.get("/admin/platform/periodic/").content.decode()
    assert "/admin/platform/periodic/" in client.get("/admin/").content.decode()


def test_the_list_asks_the_same_however_long_it_is(client: Client) -> None:
    log_in(client, "administrator")
    counts = []
    for _time in range(2):
        for number in range(10):
            slow_task.fail.enqueue(str(number))
        with CaptureQueriesContext(connection) as queries:
            client.get("/admin/platform/tasks/")
        counts.append(len(queries))
    assert counts[0] >= counts[1]


def test_an_editor_edits_a_menu_and_a_moderator_finds_a_term(client: Client) -> None:
    log_in(client, "editor")
    locale = Locale.objects.get(language_code="nl")
    form = {
        "place": "footer",
        "items-TOTAL_FORMS": "1",
        "items-INITIAL_FORMS": "0",
        "items-MIN_NUM_FORMS": "0",
        "items-MAX_NUM_FORMS": "1000",
        "items-0-heading": "Praktisch",
        "items-0-label": "Privacy",
        "items-0-url": "/nl/privacy/",
        "items-0-page": "",
        "items-0-ORDER": "1",
        "items-0-id": "",
    }
    address = reverse("wagtailsnippets_cms_menu:add") + "?locale=nl"
    refused = client.post(address, {**form, "items-0-url": ""})
    assert "Kies een pagina of typ een ander adres" in refused.content.decode()
    assert client.post(address, form).status_code == 302
    assert Menu.objects.get(place="footer", locale=locale).items.get().label == "Privacy"
    found = client.get(reverse("wagtailsnippets_cms_term:list") + "?q=mobil").content.decode()
    assert "mobil" in found.lower()


def test_what_a_term_is_cannot_be_changed_and_its_words_survive_the_next_start(client: Client) -> None:
    log_in(client, "editor")
    layer = Term.objects.get(slug="layer-1")
    address = reverse("wagtailsnippets_cms_term:edit", args=[layer.pk])
    form = {
        "name_nl": "Sensoren en netten",
        "name_en": "Sensors and networks",
        "description_nl": "",
        "description_en": "",
        "position": "3",
        "kind": "theme",
        "number": "9",
        "slug": "laag-1",
    }
    assert client.post(address, form).status_code == 302
    assert 'name="slug"' in client.get(address).content.decode()
    call_command("setup", verbosity=0)
    layer.refresh_from_db()
    assert (layer.kind, layer.number, layer.slug) == ("layer", 1, "layer-1")
    assert layer.name_nl == "Sensoren en netten"


def test_a_term_that_a_moderator_adds_or_deletes_stays_so_at_the_next_start(client: Client) -> None:
    log_in(client, "moderator")
    gone = Term.objects.filter(kind=Term.Kind.THEME).first()
    assert gone
    assert client.post(reverse("wagtailsnippets_cms_term:delete", args=[gone.pk])).status_code == 302
    form = {"name_nl": "Water", "name_en": "Water", "position": "1", "kind": "theme", "number": ""}
    answer = client.post(reverse("wagtailsnippets_cms_term:add"), {**form, "slug": "water"})
    assert answer.status_code == 302
    call_command("setup", verbosity=0)
    assert not Term.objects.filter(slug=gone.slug).exists()
    assert Term.objects.get(slug="water").kind == "theme"


def test_a_second_menu_for_a_place_in_a_language_is_refused_beside_its_field() -> None:
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss@demo.example"))
    place = Menu.Place.HEADER
    items = {f"items-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL", "MIN_NUM", "MAX_NUM")}
    Menu.objects.filter(place=place).delete()
    address = reverse("wagtailsnippets_cms_menu:add")
    for language in ("nl", "en", "nl"):
        answer = boss.post(f"{address}?locale={language}", {"place": place, **items})
    assert answer.context["form"].errors["place"]
    assert Menu.objects.filter(place=place).count() == 2
