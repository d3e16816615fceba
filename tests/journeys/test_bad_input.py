"""Whatever is typed into whichever form, in both languages: said beside the field, kept, never our error."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from wagtail.models import Locale

from accounts.kept_posts import KEY, SECRETS, asks_who_it_is
from cms.forms import without_hidden_signs
from home.models import HomePage
from tests.factories.accounts import PASSWORD, add_authenticator_app, code_of
from tests.html import tree_and_problems_of
from tests.journeys.form_table import FORMS
from tests.journeys.forms import FormCase, Words, World

pytestmark = pytest.mark.django_db
LANGUAGES = ("nl", "en")
STRANGE = {
    "nothing": "",
    "blanks": " \t\r\n ",
    "NUL": "a\x00b",
    "other control signs": "a\x01\x0b\x7f\ufffeb",
    "10,000 characters": "x" * 10_000,
    "emoji": "🙂👩‍👩‍👧",
    "right to left": "\u202eمرحبا\u2066",
    "markup": "\"'><script>alert(1)</script>{{ 7*7 }}",
    "number": "9" * 40,
}
EVIL = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
OWN_PAGE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
DONE_ANYWAY = ("log out", "throw away what was kept")
"""With the session that ended, what these ask for is done."""
UNLIMITED_TRIED = 100
COUNTERS = ("django_session", "cms_cache")
each_form = pytest.mark.parametrize("case", FORMS, ids=lambda case: case.name)
each_post = pytest.mark.parametrize(
    "case", [case for case in FORMS if case.method == "post"], ids=lambda case: case.name
)
each_language = pytest.mark.parametrize(
    "language", [LANGUAGES[0], pytest.param(LANGUAGES[1], marks=pytest.mark.one_database)]
)


class Undone(Exception):
    """Takes back what a request changed."""


@contextmanager
def undone(client: Client) -> Iterator[None]:
    """Take back what happens inside, sessions and counted attempts included."""
    cookies = deepcopy(client.cookies)
    try:
        with transaction.atomic():
            yield
            raise Undone
    except Undone:
        client.cookies = cookies


def world_of(home: HomePage, language: str, **options: Any) -> World:
    local = home.get_translation(Locale.objects.get(language_code=language)) if language != "nl" else home
    return World(Client(raise_request_exception=False, **options), local, language)


def send(world: World, case: FormCase, address: str, words: Words, **headers: str) -> Any:
    if case.method == "get":
        return world.client.get(address, words)
    return world.client.post(address, words, headers=headers or None)


class Shown:
    """What a visitor sees in the answer."""

    def __init__(self, response: Any, language: str) -> None:
        self.html = response.content.decode()
        assert response.status_code < 500
        self.tree, problems = tree_and_problems_of(self.html)
        assert problems == []
        assert f'<html lang="{language}"' in self.html
        assert "<script>alert" not in self.html

    def by_id(self, name: str) -> Any:
        return next((each for each in self.tree.iter() if each.get("id") == name), None)

    def text_in(self, field: str) -> str | None:
        """What stands in a field to type in; nothing for fields of another kind."""
        box = self.by_id(f"id_{field}")
        if box is None or box.tag not in ("input", "textarea"):
            return None
        if box.get("type") in ("checkbox", "hidden"):
            return None
        return (
            str(box.text or "").removeprefix("\n") if box.tag == "textarea" else str(box.get("value") or "")
        )

    def values_of(self, field: str) -> list[str]:
        """What the page would send of a field, of whatever kind it is."""
        sent = []
        for box in self.tree.iter():
            if box.get("name") != field:
                continue
            if box.tag == "select":
                chosen = [option for option in box.iter("option") if option.get("selected") is not None]
                sent += [str(option.get("value")) for option in chosen]
            elif box.tag == "textarea":
                sent.append(str(box.text or "").removeprefix("\n"))
            elif box.get("type") not in ("checkbox", "radio"):
                sent.append(str(box.get("value") or ""))
            elif box.get("checked") is not None:
                sent.append(str(box.get("value") or "on"))
        return sent

    def error_at(self, field: str) -> str:
        error = self.by_id(f"id_{field}_error")
        assert error is not None, f"no error beside {field}"
        said = "".join(error.itertext()).strip()
        assert said
        links = [each for each in self.tree.iter("a") if str(each.get("href")).startswith(f"#id_{field}")]
        assert any(said in "".join(link.itertext()) for link in links), "the summary does not lead to it"
        assert self.by_id(links[0].get("href")[1:]) is not None
        return said

    @property
    def has_summary(self) -> bool:
        return "error-summary" in self.html


@each_form
@each_language
def test_strange_texts_are_refused_kindly_or_taken(home: HomePage, case: FormCase, language: str) -> None:
    world = world_of(home, language)
    address = case.open(world)
    for name, text in STRANGE.items():
        with undone(world.client):
            answer = send(world, case, address, dict.fromkeys(case.good, text))
            if answer.status_code == 302:
                continue
            shown = Shown(answer, language)
            is_asked_again = any(shown.by_id(f"id_{field}") is not None for field in case.good)
            assert shown.has_summary or not is_asked_again or not case.wrong, name
            for field in case.good:
                kept = shown.text_in(field)
                if field in case.secret:
                    assert not kept, f"{field} is shown again"
                elif text.strip() and kept is not None:
                    assert kept == without_hidden_signs(text), f"{name} is not kept in {field}"


@pytest.mark.one_database
@each_form
def test_a_fault_is_said_beside_its_field_and_nothing_typed_is_lost(home: HomePage, case: FormCase) -> None:
    said: dict[tuple[str, str], list[str]] = {}
    for language in LANGUAGES:
        world = world_of(home, language)
        with undone(world.client):
            address = case.open(world)
            for fault in case.wrong:
                field, text = fault
                with undone(world.client):
                    answer = send(world, case, address, {**case.good, field: text})
                    assert answer.status_code == 200, fault
                    shown = Shown(answer, language)
                    where = "tier" if fault == ("kind", "local_government") else field
                    if shown.by_id(f"id_{where}_error") is None:
                        # Which of the two is wrong, the address or the password, is told to nobody.
                        assert where in ("login", "password"), fault
                        said.setdefault(fault, []).append(shown.html.split("error-summary")[1][:400])
                    else:
                        said.setdefault(fault, []).append(shown.error_at(where))
                    for other, value in {**case.good, field: text}.items():
                        kept = shown.text_in(other)
                        if kept is not None and other not in case.secret:
                            assert kept == value, f"{other} is lost with {fault}"
    for fault, (dutch, english) in said.items():
        assert dutch != english, f"{fault} is said in one language only: {dutch}"


@pytest.mark.one_database
@each_post
@each_language
def test_a_form_from_another_site_or_without_its_token_changes_nothing(
    home: HomePage, case: FormCase, language: str
) -> None:
    world = world_of(home, language)
    address = case.open(world)
    world.client.handler.enforce_csrf_checks = True
    written: list[str] = []

    def watch(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and not any(table in sql for table in COUNTERS):
            written.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(watch):
        answers = [send(world, case, address, case.good, **EVIL), send(world, case, address, case.good)]
    for answer in answers:
        assert answer.status_code == 403
        assert not Shown(answer, language).has_summary
    assert written == []


@each_post
@each_language
def test_an_expired_session_breaks_nothing_and_what_was_typed_comes_back(
    home: HomePage, case: FormCase, language: str
) -> None:
    """Who logs in again sends it with one button, and that does what it would have done."""
    world = world_of(home, language)
    address = case.open(world)
    typed = {name: text for name, text in case.good.items() if name not in (*case.secret, "code")}
    was_logged_in = SESSION_KEY in world.client.session
    with undone(world.client):
        expected = send(world, case, address, typed)
    Session.objects.all().delete()
    answer = send(world, case, address, case.good, **OWN_PAGE)
    if not was_logged_in or case.name in DONE_ANYWAY:
        assert answer.status_code in (200, 302)
        return
    assert asks_who_it_is(answer), "one logs in and comes back"
    assert (KEY in world.client.session) == bool(typed)
    if not typed:
        return
    log_in = {"login": world.person.email, "password": PASSWORD, "next": address}
    landing = world.client.post(world.url("account_login"), log_in)["Location"]
    if landing == world.url("mfa_authenticate"):
        code = code_of(add_authenticator_app(world.person))
        landing = world.client.post(landing, {"code": code})["Location"]
    assert landing == address
    shown = Shown(world.client.get(address), language)
    assert not any(text in shown.html for name, text in case.good.items() if name in case.secret)
    kept = {
        str(field.get("name")): str(field.get("value"))
        for field in shown.tree.iter("input")
        if field.get("type") == "hidden" and field.get("name") != "csrfmiddlewaretoken"
    }
    assert kept == typed
    again = send(world, case, address, kept, **OWN_PAGE)
    assert (again.status_code, again.get("Location")) == (expected.status_code, expected.get("Location"))
    if again.status_code == 200 and case.wrong:
        Shown(again, language)
    assert KEY not in world.client.session


@each_post
def test_sent_twice_is_done_once(home: HomePage, case: FormCase) -> None:
    world = world_of(home, "nl")
    address = case.open(world)
    before = case.rows() if case.rows else 0
    answers = [send(world, case, address, case.good) for _time in range(2)]
    assert all(answer.status_code < 500 for answer in answers)
    if case.rows:
        assert abs(case.rows() - before) <= 1


@pytest.mark.one_database
@each_post
def test_the_hundredth_time_is_limited_and_said_kindly(home: HomePage, case: FormCase) -> None:
    """A form without a limit says in the table why it needs none."""
    assert bool(case.limit) != bool(case.unlimited)
    world = world_of(home, "nl")
    address = case.open(world)
    cache.clear()
    for _number in range(case.limit or UNLIMITED_TRIED):
        answer = send(world, case, address, case.good)
        assert answer.status_code < 429
        if case.anew:
            world.client.cookies.clear()
    if not case.limit:
        return
    refused = send(world, case, address, case.good)
    shown = Shown(refused, "nl")
    assert any(words in shown.html for words in ("ongeveer", "Te veel pogingen", "enkele minuten", "wachten"))
    for field in case.good:
        if field not in SECRETS | set(case.secret):
            assert case.good[field] in shown.values_of(field), field
