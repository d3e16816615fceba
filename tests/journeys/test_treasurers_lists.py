"""The treasurer's six lists: each has filters, search, totals, actions on many rows and exports."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from home.models import HomePage
from membership.models import Organisation
from tests.desk import person, sums_of, titles_of, words_of
from tests.journeys.things import things_of

pytestmark = pytest.mark.django_db
LISTS = {
    "membership_organisation": "Brug",
    "membership_memberships": "Zeldzaam",
    "billing_invoices": "{invoice}",
    "billing_payments": "{overpaid}",
    "billing_bank_entries": "gift",
    "membership_prices": "Inform",
}
"""The names of the lists, each with words that find some of its rows."""


def has_filters(client: Client, url: str, words: str) -> bool:
    view: Any = client.get(url).context["view"]
    return (
        bool(view.filters and view.filters.form.fields) and "w-drilldown" in client.get(url).content.decode()
    )


def is_searched(client: Client, url: str, words: str) -> bool:
    everything, found = (titles_of(client.get(url, query)) for query in ({}, {"q": words}))
    nothing = titles_of(client.get(url, {"q": "qqqqqq"}))
    return not nothing and 0 < len(found) < len(everything)


def has_totals(client: Client, url: str, words: str) -> bool:
    return bool(sums_of(client.get(url))) and sums_of(client.get(url)) != sums_of(
        client.get(url, {"q": words})
    )


def has_deeds_with_many(client: Client, url: str, words: str) -> bool:
    """Rows to tick and buttons for them; the price matrix is edited as a whole, on its grid."""
    page = client.get(url).content.decode()
    if reverse("membership_prices:grid") in page:
        grid = client.get(reverse("membership_prices:grid"))
        return len(grid.context["form"].keys) == 28
    return "data-bulk-action-checkbox" in page and "data-bulk-action-button" in page


def is_exported(client: Client, url: str, words: str) -> bool:
    def rows(kind: str, **query: str) -> bytes:
        answer: Any = client.get(url, {"export": kind, **query})
        return b"".join(answer.streaming_content) if answer.status_code == 200 else b""

    csv = rows("csv").count(b"\n")
    return rows("xlsx").startswith(b"PK") and 1 < rows("csv", q=words).count(b"\n") < csv


PROMISES: dict[str, Callable[[Client, str, str], bool]] = {
    "filters": has_filters,
    "search": is_searched,
    "totals": has_totals,
    "actions on many": has_deeds_with_many,
    "exports": is_exported,
}


def test_each_list_keeps_each_promise(client: Client, home: HomePage) -> None:
    things = things_of(home)
    Organisation.objects.filter(pk=things["running"].organisation_id).update(name="Zeldzaam werk")
    client.force_login(person("finance"))
    missing = []
    for name, words in LISTS.items():
        url = reverse(f"{name}:index")
        found = words.format_map({key: getattr(thing, "number", "") for key, thing in things.items()})
        assert words_of(client.get(url))
        missing += [
            f"{name}: {promise}" for promise, kept in PROMISES.items() if not kept(client, url, found)
        ]
    assert missing == []
