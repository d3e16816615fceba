import subprocess
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from tools import messages

TEMPLATE = """{% load i18n %}
    <p title='{% translate "It's full" %}'>{{ _("Sign up") }}</p>
  {# Translators: on the button #}
  {% translate "Open" context "a call" %}
{% blocktranslate trimmed count places=activity.places %}
    One place
{% plural %}
    {{ places }} places
{% endblocktranslate %}
{% blocktranslate with name=person.name %}Dear {{ name }}, 100%{% endblocktranslate %}
"""
CODE = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext_lazy
label = _("Name")
full = pgettext_lazy("an event", "Full")
count = ngettext("%(n)d seat", "%(n)d seats", 2)
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project of its own, with the kernel and one app."""
    files = {
        "cms/apps.py": "",
        "events/apps.py": "",
        "events/models.py": CODE,
        "events/migrations/0001_initial.py": 'from x import _\n_("In a migration")',
        "templates/events/list.html": TEMPLATE,
        "templates/emails/events/full.txt": '{% load i18n %}{% translate "A mail" %}',
        "templates/components/card.html": '{% load i18n %}{% translate "A card" %}',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def catalogue(project: Path, app: str) -> str:
    return (project / messages.catalogue_of(app)).read_text()


def test_each_text_goes_to_the_catalogue_of_the_app_that_owns_it(project: Path) -> None:
    found = {
        app: {messages.key(message) for message in used if message.id}
        for app, used in messages.collect().items()
    }
    assert found["events"] == {
        ("Name", None),
        ("Full", "an event"),
        ("%(n)d seat", None),
        ("It's full", None),
        ("Sign up", None),
        ("Open", "a call"),
        ("One place", None),
        ("Dear %(name)s, 100%%", None),
        ("A mail", None),
    }
    assert found["cms"] == {("A card", None)}


def test_update_keeps_translations_and_drops_what_is_no_longer_used(project: Path) -> None:
    messages.update()
    path = project / messages.catalogue_of("cms")
    path.write_text(
        path.read_text().replace('msgid "A card"\nmsgstr ""', 'msgid "A card"\nmsgstr "Een kaart"')
    )
    (project / "templates/components/card.html").write_text(
        '{% load i18n %}{% translate "A card" %}{% translate "A tile" %}'
    )
    messages.update()
    assert 'msgstr "Een kaart"' in catalogue(project, "cms")
    (project / "templates/components/card.html").write_text('{% load i18n %}{% translate "A tile" %}')
    messages.update()
    text = catalogue(project, "cms")
    assert "A card" not in text
    assert "A tile" in text
    assert "Date" not in text


def test_a_text_that_another_app_has_translated_gets_that_translation(project: Path) -> None:
    (project / "templates/components/card.html").write_text('{% load i18n %}{% translate "Name" %}')
    messages.update()
    path = project / messages.catalogue_of("events")
    path.write_text(path.read_text().replace('msgid "Name"\nmsgstr ""', 'msgid "Name"\nmsgstr "Naam"'))
    messages.update()
    assert 'msgid "Name"\nmsgstr "Naam"' in catalogue(project, "cms")
    path.write_text(path.read_text().replace('msgstr "Naam"', 'msgstr "Benaming"'))
    assert "'Name' has another translation in cms" in "\n".join(messages.check())


def test_check_names_what_is_missing_stale_fuzzy_and_wrongly_filled_in(project: Path) -> None:
    messages.update()
    path = project / messages.catalogue_of("events")
    text = path.read_text()
    for english, dutch in {
        'msgid "Name"\nmsgstr ""': 'msgid "Name"\nmsgstr "Naam"',
        'msgid "Dear %(name)s, 100%%"\nmsgstr ""': 'msgid "Dear %(name)s, 100%%"\nmsgstr "Beste %(naam)s"',
        'msgid "A mail"\nmsgstr ""': '#, fuzzy\nmsgid "A mail"\nmsgstr "Een mail"',
        'msgctxt "an event"\nmsgid "Full"': 'msgctxt "an event"\nmsgid "Fully booked"',
    }.items():
        assert english in text
        text = text.replace(english, dutch)
    path.write_text(text)
    problems = "\n".join(messages.check())
    assert "'Name'" not in problems
    assert "without a translation 'Sign up'" in problems
    assert "other placeholders than the original 'Dear %(name)s, 100%%'" in problems
    assert "fuzzy 'A mail'" in problems
    assert "missing 'Full'" in problems
    assert "no longer used 'Fully booked'" in problems


def test_a_singular_may_leave_the_number_out_and_a_plural_may_not() -> None:
    message = Message(("One place", "%(places)s places"), ("Eén plaats", "%(places)s plaatsen"))
    assert messages.same_placeholders(message)
    message.string = ("Eén plaats", "Plaatsen")
    assert not messages.same_placeholders(message)
