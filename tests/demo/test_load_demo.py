import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from wagtail.models import Page
from wagtail_localize.models import Translation

from billing.models import Invoice
from cms.models import Menu, SitePage
from events.models import Activity
from home.models import PeoplePage
from matchmaking.models import CallPage, CasePage
from membership.models import Membership, Organisation
from membership.operations.joining import REFERENCE
from membership.queries import current_members, size_band_for
from reporting.models import RevenueTarget

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The demo, loaded once for this module and rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_demo", verbosity=0)
        yield
        transaction.set_rollback(True)


def words_of(page: SitePage) -> int:
    return len(" ".join(page.body.stream_block.get_searchable_content(page.body)).split())


def test_the_members_are_those_of_year_zero_of_the_plan() -> None:
    members = Organisation.objects.filter(
        kind="company",
        memberships__status=Membership.Status.ACTIVE,
        memberships__tier__slug__in=("connect", "cultivate"),
    )
    sizes = Counter(
        (size_band_for(employees or 0).employees_from, tier)
        for employees, tier in members.values_list("employees", "memberships__tier__slug")
    )
    assert sizes == {
        (0, "connect"): 5,
        (10, "connect"): 31,
        (10, "cultivate"): 1,
        (50, "connect"): 14,
        (250, "connect"): 16,
        (250, "cultivate"): 8,
    }
    layers = Counter(members.filter(terms__kind="layer").values_list("terms__slug", flat=True))
    assert layers == {"layer-1": 14, "layer-2": 31, "layer-3": 16, "layer-4": 14}
    assert current_members().filter(kind="local_government").exists()


@pytest.mark.parametrize(("page_type", "number"), [(CallPage, 7), (CasePage, 7)])
def test_calls_and_cases_have_full_bodies_in_both_languages(page_type: type[SitePage], number: int) -> None:
    for language in ("nl", "en"):
        pages = page_type._default_manager.live().filter(locale__language_code=language)
        assert len(pages) == number
        assert min(words_of(page) for page in pages) >= 250


def test_every_translation_is_complete_and_truly_english() -> None:
    assert [str(row) for row in Translation.objects.all() if len(set(row.get_progress())) > 1] == []
    people = PeoplePage.objects.get(locale__language_code="en").people.all()
    assert "Community manager" in {person.role for person in people}
    assert not Page.objects.filter(live=False).exists()


def test_every_page_is_reached_from_its_parent_in_both_languages(client: Client) -> None:
    assert Page.find_problems() == ([], [], [], [], [])
    for address in (
        "/nl/oproepen/pio-innovatieve-overheidsopdrachten/",
        "/en/calls/pio-innovation-procurement/",
    ):
        assert client.get(address).status_code == 200


def test_no_public_page_shows_a_budget_or_revenue_of_the_plan(client: Client) -> None:
    amounts = list(RevenueTarget.objects.values_list("amount_eur", flat=True))
    assert len(amounts) > 10
    amounts.append(sum(amounts))
    shown = {f"{amount:,}".replace(",", mark) for amount in amounts for mark in (".", ",", " ", "\xa0", "")}
    addresses = re.findall(r"<loc>https?://[^/]+([^<]*)</loc>", client.get("/sitemap.xml").content.decode())
    assert len(addresses) > 100
    for address in addresses:
        text = client.get(address).content.decode()
        assert not [amount for amount in shown if re.search(rf"\b{re.escape(amount)}\b", text)], address


def test_two_activities_are_not_translated_and_have_one_row_each() -> None:
    untranslated = Activity.objects.filter(name_en="")
    assert untranslated.count() == 2
    assert Activity.objects.count() == 31


def test_activities_are_full_or_nearly_so_or_called_off_as_the_file_says() -> None:
    full = Activity.objects.get(name_nl__startswith="Omgekeerde pitch: veilig")
    assert full.signups.filter(status="confirmed").count() == full.capacity == 30
    assert [activity.name_nl for activity in Activity.objects.filter(is_cancelled=True)] == [
        "Clustering: kansen binnen de Europese Green Deal"
    ]


def test_most_invoices_are_paid_and_a_few_wait() -> None:
    statuses = Counter(Invoice.objects.values_list("status", flat=True))
    assert statuses == {"paid": 92, "issued": 6}


def test_both_languages_have_both_menus_with_pages_of_their_own_language() -> None:
    assert Menu.objects.count() == 4
    for menu in Menu.objects.all():
        assert {item.page.locale for item in menu.items.select_related("page")} == {menu.locale}


def test_loading_again_changes_nothing() -> None:
    before = Page.objects.count(), Organisation.objects.count()
    call_command("load_demo", verbosity=0)
    assert (Page.objects.count(), Organisation.objects.count()) == before


def test_a_membership_runs_from_the_day_on_which_it_was_paid() -> None:
    paid = Invoice.objects.filter(status="paid").prefetch_related("payments")
    by_reference = {invoice.reference: invoice for invoice in paid}
    running = Membership.objects.filter(status__in=Membership.RUNNING)
    assert running.count() == len(by_reference)
    for membership in running:
        invoice = by_reference[f"{REFERENCE}{membership.pk}"]
        assert [payment.received_on for payment in invoice.payments.all()] == [membership.starts_on]
    numbers = list(Invoice.objects.order_by("issued_on", "pk").values_list("number", flat=True))
    assert numbers == sorted(numbers)


def test_who_joins_can_read_what_is_accepted(client: Client) -> None:
    for language, join, policies in (
        ("nl", "/nl/word-lid/", ("/nl/gedragscode/", "/nl/privacy")),
        ("en", "/en/join/", ("/en/code-of-conduct/", "/en/privacy")),
    ):
        text = client.get(f"{join}?tier=connect&kind=company&employees=25").text
        assert all(f'<a href="{policy}' in text for policy in policies), language
