"""Amounts in tables of the back office stand to the right, below each other."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from html5lib import HTMLParser

from home.models import HomePage
from tests.desk import person
from tests.journeys.things import Things, things_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
AMOUNT = re.compile(r"[-+]?[\d.]+,\d\d\seuro")
LISTS = (
    *(
        "billing_invoices",
        "billing_pro_formas",
        "billing_payments",
        "billing_bank_entries",
        "billing_bank_files",
    ),
    *("membership_memberships", "membership_prices"),
)
PAGES = {
    "billing_invoices": "overpaid",
    "billing_bank_entries": "line",
    "billing_bank_files": "bankfile",
    "membership_memberships": "running",
}


def addresses(things: Things) -> list[str]:
    """The treasurer's lists and pages with a table, and the renewals to come."""
    until = timezone.localdate() + timedelta(days=365)
    return [
        *(reverse(f"{name}:index") for name in LISTS),
        *(reverse(f"{name}:inspect", args=[things[thing].pk]) for name, thing in PAGES.items()),
        f"{reverse('membership_renewals:index')}?until={until.isoformat()}",
    ]


def test_each_amount_in_a_table_stands_to_the_right(client: Client, home: HomePage) -> None:
    things = things_of(home)
    client.force_login(person("finance"))
    for address in addresses(things):
        page = HTMLParser(namespaceHTMLElements=False).parse(client.get(address).content.decode())
        cells = [each for each in page.iter("td") if AMOUNT.fullmatch("".join(each.itertext()).strip())]
        assert cells, address
        assert [each.get("class") for each in cells if each.get("class") != "amount"] == [], address
