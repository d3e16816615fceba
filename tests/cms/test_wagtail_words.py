"""Words of Wagtail that we say otherwise, on purpose or because its own are wrong."""

from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.apps import apps
from django.test import Client
from django.urls import reverse

from tests.cms.test_viewsets import log_in
from tools.bootstrap import ROOT
from tools.messages import parse

pytestmark = pytest.mark.django_db

# Texts of ours that Wagtail has too, in another translation that fits its places as well.
SAID_OTHERWISE = {
    "%(start_index)s-%(end_index)s of %(items_count)s %(model_name)s",
    "%(start_index)s-%(end_index)s of %(items_count)s %(model_name)s in "
    "'<span class=\"w-title-ellipsis\">%(title)s</span>'.",
    *(
        "All",
        "Are you sure you want to delete these users?",
        "Confirm",
        "Content type",
        "Continue",
    ),
    *("Default", "Default?", "File", "Filter", "Image", "Last published by", "Log in", "Log out"),
    "Privacy settings determine who is able to view documents in this collection.",
    *("No %(model_name)s match your query.", "Rename", "Saved", "Search term", "Show"),
    *("This field is required.", "Workflow tasks"),
    *("active", "created", "created at", "image", "images", "slug"),
}


# A list of Wagtail's, and what it says.
ADDRESSES = {
    "wagtailadmin_pages:search": "pagina’s",
    "wagtailadmin_reports:aging_pages": "Laatst gepubliceerd door",
    "wagtailadmin_reports:page_types_usage": "Startpagina van de ledenzone",
    "wagtaillocales:index": "1 pagina<",
    "wagtailsites:index": "Standaard",
}


def test_no_text_of_ours_changes_a_word_of_wagtails_unawares() -> None:
    """A bank's account made "Rekening" of everybody's own: what means something else has a context."""
    ours = {
        message.id: message.string
        for path in ROOT.glob("*/locale/nl/LC_MESSAGES/django.po")
        for message in parse(path)
        if isinstance(message.id, str) and message.id and not message.context
    }
    folders = {config.path for config in apps.get_app_configs() if config.name.startswith("wagtail")}
    changed = set()
    for folder in folders:
        catalogue = Path(folder, "locale", "nl", "LC_MESSAGES", "django.po")
        if not catalogue.exists():
            continue
        with catalogue.open("rb") as file:
            theirs = read_po(file, locale="nl")
        changed |= {
            message.id
            for message in theirs
            if isinstance(message.id, str) and not message.context and message.string
            if ours.get(message.id, message.string).replace("’", "'") != message.string.replace("’", "'")
        }
    assert changed - {""} == SAID_OTHERWISE


def test_wagtails_own_lists_say_nothing_wrong_in_dutch(client: Client) -> None:
    log_in(client, "administrator")
    read = {name: client.get(reverse(name) + "?q=").content.decode() for name in ADDRESSES}
    for name, words in ADDRESSES.items():
        text = " ".join(read[name].split())
        assert words in text, name
        assert ">None" not in text, name
        assert "None <" not in text, name
    nothing = client.get(reverse("membership_people:index") + "?q=zzz").content.decode()
    assert "Geen contactpersonen gevonden met deze zoekwoorden of filters" in nothing
