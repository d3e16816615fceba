"""Whatever staff type into their forms: refused in words, kept, never our error, there nor in the lists."""

import re

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from cms.forms import without_hidden_signs
from home.models import HomePage
from tests.journeys.deed import Deed
from tests.journeys.deeds import DEEDS
from tests.journeys.test_bad_input import STRANGE as OF_VISITORS
from tests.journeys.test_bad_input import undone
from tests.journeys.test_deeds import boxes_in, form_at, log_in
from tests.journeys.things import Things, things_of

pytestmark = pytest.mark.django_db
HIDDEN = OF_VISITORS["other control signs"]
STRANGE = {
    "nothing": "",
    "NUL": OF_VISITORS["NUL"],
    "10,000 characters": OF_VISITORS["10,000 characters"],
    "odd signs": "".join(OF_VISITORS[name] for name in ("emoji", "right to left", "markup")),
}
TYPED = ("text", "email", "url", "number", "textarea")
WAGTAILS_OWN = (
    "wagtailadmin_",
    "wagtail_localize",
    "wagtailforms",
    "wagtailusers_groups",
    "wagtailsites",
    "wagtaildocs",
)


def forms_in(part: str) -> list[Deed]:
    """The deeds of our own desks with something to type."""
    return [
        deed
        for deed in DEEDS[part]
        if deed.roles and deed.words and (deed.thing == "home" or not deed.address.startswith(WAGTAILS_OWN))
    ]


def typed_in(client: Client, deed: Deed, url: str, things: Things) -> list[str]:
    """The fields to type in that may be changed, those of rows that are added included."""
    boxes = boxes_in(client.get(url).content.decode())
    names = [name for name, (kind, _value) in boxes.items() if kind in TYPED and "__prefix__" not in name]
    for name in deed.sent(things):
        pattern = re.sub(r"-\d+-", "-__prefix__-", name)
        if pattern != name and boxes.get(pattern, ("",))[0] in TYPED:
            names.append(name)
    chosen_once = ("slug", "number") if deed.address == "wagtailsnippets_cms_term:edit" else ()
    return [name for name in names if name not in chosen_once]


def pages_after(deed: Deed, url: str) -> list[str]:
    """Where what was taken shows: the form, the list, and the list's export."""
    space = deed.address.partition(":")[0]
    for name in ("index", "list"):
        try:
            return [url, reverse(f"{space}:{name}"), f"{reverse(f'{space}:{name}')}?export=xlsx"]
        except NoReverseMatch:
            continue
    return [url]


@pytest.mark.parametrize("part", [part for part in DEEDS if forms_in(part)])
def test_strange_texts_are_refused_in_words_and_kept_or_taken_and_shown(home: HomePage, part: str) -> None:
    things = things_of(home)
    client = log_in(User.objects.create_superuser("boss@demo.example"))
    wrong = []
    for deed in forms_in(part):
        url = deed.url(things)
        good = form_at(client, url) | deed.sent(things)
        typed = typed_in(client, deed, url, things)
        tries = [(name, dict.fromkeys(typed, text)) for name, text in STRANGE.items()]
        tries += [(f"hidden signs in {name}", {name: HIDDEN}) for name in deed.sent(things) if name in typed]
        for name, words in tries:
            with undone(client):
                answer = client.post(url, good | words)
                if answer.status_code == 302:
                    after = [client.get(each).status_code for each in pages_after(deed, url)]
                    if "hidden" in name or any(code >= 500 for code in after):
                        wrong.append(f"{url}: {name} is taken, then {after}")
                    continue
                html = answer.content.decode()
                if answer.status_code != 200 or "error" not in html or "<script>alert" in html:
                    wrong.append(f"{url}: {name}: {answer.status_code}")
                    continue
                shown = boxes_in(html)
                for field, text in (good | words).items():
                    is_typed = field in typed and isinstance(text, str) and text
                    if is_typed and shown.get(field, ("", ""))[1] not in (text, without_hidden_signs(text)):
                        wrong.append(f"{url}: {name}: {field} is lost")
    assert not wrong, "\n".join(wrong)
