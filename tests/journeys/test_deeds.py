"""What each role may and may not do in the back office: the deed happens, or nothing at all does."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from html5lib import HTMLParser
from pytest_django import Settings
from wagtail.admin.views.bulk_action.registry import bulk_action_registry

from accounts.models import User
from cms.roles import ROLES
from home.models import HomePage
from tests.journeys.admin_addresses import admin_addresses
from tests.journeys.bulk_deeds import BULK
from tests.journeys.bulk_deeds import DOWNLOADS as BULK_DOWNLOADS
from tests.journeys.deed import Deed
from tests.journeys.deeds import DEEDS
from tests.journeys.test_bad_input import COUNTERS, EVIL, undone
from tests.journeys.things import things_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
MEANT_TWICE = {
    "billing_customers:add": "two may have one name, and none has a number here",
    "membership_organisation:add": "the same",
    "wagtailadmin_collections:add": "the same",
    "billing_customers:vat": "each decision is kept as proof",
}
"""Forms that add once more what is sent once more, by the name of their address."""
SENT_AWAY = (302, 403, 404)
BOXES = ("input", "textarea", "select")


@pytest.fixture(autouse=True)
def _vies(settings: Settings) -> None:
    """VIES is asked: by the queue, which does not run here."""
    settings.VIES_API_BASE = "http://127.0.0.1:9"


def log_in(person: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person)
    client.get("/admin/")  # makes the profile
    return client


def client_of(role: str) -> Client:
    person = User.objects.create_user(f"{role}@demo.example", is_staff=True)
    person.groups.add(Group.objects.get(name=role))
    return log_in(person)


def form_at(client: Client, url: str) -> dict[str, Any]:
    """What stands in the form of a page; nothing where there is none."""
    answer = client.get(url)
    if answer.status_code != 200:
        return {}
    boxes = boxes_in(answer.content.decode())
    return {name: value for name, (_kind, value) in boxes.items() if value is not None}


def boxes_in(html: str) -> dict[str, tuple[str, Any]]:
    """The fields of the forms that are posted, each with its kind and with what stands in it."""
    found: dict[str, tuple[str, Any]] = {}
    for form in HTMLParser(namespaceHTMLElements=False).parse(html).iter("form"):
        if str(form.get("method")).lower() == "post":
            for box in form.iter():
                kind = box.get("type", "text") if box.tag == "input" else box.tag
                if box.tag in BOXES and box.get("name") and kind not in ("submit", "file"):
                    value = value_of(box, kind)
                    if value is not None or box.get("name") not in found:
                        found[box.get("name")] = (kind, value)
    return found


def value_of(box: Any, kind: str) -> Any:
    """What a browser would send; nothing for a box that is not ticked."""
    if kind == "textarea":
        return str(box.text or "").removeprefix("\n")
    if kind == "select":
        options = list(box.iter("option"))
        chosen = [each for each in options if each.get("selected") is not None]
        if not chosen and box.get("multiple") is None:
            chosen = options[:1]
        return [each.get("value", "") for each in chosen]
    if kind in ("checkbox", "radio"):
        return box.get("value", "on") if box.get("checked") is not None else None
    return box.get("value", "")


def rows(deed: Deed) -> list[dict[str, Any]]:
    return list(deed.model._default_manager.order_by("pk").values())


@pytest.mark.parametrize("part", DEEDS)
def test_each_role_does_its_own_deeds_and_no_others(home: HomePage, part: str) -> None:
    things = things_of(home)
    boss = log_in(User.objects.create_superuser("boss@demo.example"))
    clients = {role: client_of(role) for role in ROLES}
    clients["no role"] = log_in(User.objects.create_user("lid@demo.example"))
    written: list[str] = []

    def watch(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and not any(table in sql for table in COUNTERS):
            written.append(sql)
        return execute(sql, *rest)

    wrong = []
    for deed in DEEDS[part]:
        url = deed.url(things)
        words = form_at(boss, url) | deed.sent(things)
        before = rows(deed)
        for role, client in clients.items():
            with undone(client), connection.execute_wrapper(watch):
                written.clear()
                answer = client.post(url, words)
                is_done = rows(deed) != before
            if role in deed.roles:
                as_it_should = is_done and answer.status_code in (200, 302)
            else:
                as_it_should = not is_done and not written and answer.status_code in SENT_AWAY
            if not as_it_should:
                errors = getattr((answer.context or {}).get("form"), "errors", "") if is_done is False else ""
                wrong.append(f"{role}: {url}: {answer.status_code}, done: {is_done}, {written[:1]} {errors}")
    assert not wrong, "\n".join(wrong)


READING = {"index", "index_results", "list", "list_results", "history", "history_results", "usage", "inspect"}
OURS = (
    *("wagtailsnippets_cms_", "wagtailusers_", "accounts_", "billing_", "cms_", "events_", "membership_"),
    *("newsletter_", "kpi", "plannedactivity", "growthtarget", "revenuetarget", "workpackageweight"),
)
"""How the addresses begin that come from our own desks, or from Wagtail's list of people."""
DOWNLOADS = {"billing_invoices:ubl"}
REPORTS = {
    "cms_tasks",
    "cms_tasks_results",
    "cms_mail",
    "cms_mail_results",
    "cms_periodic",
    "cms_periodic_results",
}


def test_every_deed_of_our_own_desks_stands_in_the_table() -> None:
    names = {
        name
        for name in admin_addresses()
        if name.startswith(OURS)
        and name.rpartition(":")[2] not in READING
        and name not in REPORTS | DOWNLOADS
    }
    assert {"events_activity:cancel", "billing_invoices:credit", "cms_task"} <= names
    known = {deed.address for deeds in DEEDS.values() for deed in deeds}
    assert sorted(names - known) == []
    assert sorted(known - set(admin_addresses())) == []


def test_every_deed_with_many_rows_stands_in_the_table() -> None:
    bulk_action_registry.get_bulk_action_class("billing", "invoice", "")  # it looks for the hooks
    ours = {
        (app, model, action)
        for app in ("accounts", "billing", "events", "membership", "newsletters")
        for model, actions in bulk_action_registry.actions.get(app, {}).items()
        for action, view in actions.items()
        if view.__module__.startswith(app)
    }
    assert len(ours) >= 8
    assert ours == {deed.args for deed in BULK} | BULK_DOWNLOADS


@pytest.mark.parametrize("part", DEEDS)
def test_sent_twice_nothing_breaks_and_without_its_token_nothing_is_done(home: HomePage, part: str) -> None:
    things = things_of(home)
    boss = log_in(User.objects.create_superuser("boss@demo.example"))
    wrong = []
    for deed in DEEDS[part]:
        url = deed.url(things)
        words = form_at(boss, url) | deed.sent(things)
        before = rows(deed)
        with undone(boss):
            boss.post(url, words)
            once = rows(deed)
            answer = boss.post(url, words)
            if answer.status_code >= 500:
                wrong.append(f"{url}: {answer.status_code} the second time")
            if len(rows(deed)) != len(once) and deed.address not in MEANT_TWICE:
                wrong.append(f"{url}: done twice")
        boss.handler.enforce_csrf_checks = True
        tokenless = {name: text for name, text in words.items() if name != "csrfmiddlewaretoken"}
        for sent, headers in ((tokenless, {}), (words, EVIL)):
            with undone(boss):
                answer = boss.post(url, sent, headers=headers)
                if answer.status_code != 403 or rows(deed) != before:
                    wrong.append(f"{url}: {answer.status_code} without its token")
        boss.handler.enforce_csrf_checks = False
    assert not wrong, "\n".join(wrong)
