"""What each role may and may not open in the back office, as one table; what it may do stands beside it."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from accounts.models import User
from cms.operations.roles import mend_roles
from cms.roles import ADMINISTRATOR, BOARD, EDITOR, EVENTS, FINANCE, MATCHMAKER, MODERATOR, ROLES
from events.models import EventIndexPage
from home.models import ContactPage, HomePage
from matchmaking.models import CallIndexPage
from tests.factories.billing import fill_in_issuer
from tests.journeys.admin_addresses import admin_addresses, menu_addresses

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

WRITERS = {EDITOR, MODERATOR, ADMINISTRATOR}
HAVE_PAGES = {*WRITERS, EVENTS, MATCHMAKER}

# The name of an address, its page or its arguments, and who may open it. Everybody else is sent away.
TABLE: list[tuple[str, str, set[str]]] = [
    ("wagtailadmin_home", "", set(ROLES)),
    ("wagtailadmin_pages:edit", "home", WRITERS),
    ("wagtailadmin_pages:add_subpage", "home", WRITERS),
    ("wagtailadmin_pages:set_privacy", "home", WRITERS),
    ("wagtailadmin_pages:edit", "events", {*WRITERS, EVENTS}),
    ("wagtailadmin_pages:add_subpage", "events", {*WRITERS, EVENTS}),
    ("wagtailadmin_pages:edit", "calls", {*WRITERS, MATCHMAKER}),
    ("wagtaildocs:index", "", {*WRITERS, EVENTS, MATCHMAKER, BOARD}),
    ("wagtailimages:add", "", {*WRITERS, EVENTS, MATCHMAKER, BOARD}),
    ("wagtailadmin_collections:add", "", {MODERATOR, ADMINISTRATOR}),
    ("wagtailsnippets_cms_menu:list", "", WRITERS),
    ("wagtailsnippets_cms_menu:add", "", WRITERS),
    ("wagtailsnippets_cms_term:list", "", {*WRITERS, EVENTS, MATCHMAKER}),
    ("wagtailsnippets_cms_term:add", "", {MODERATOR, ADMINISTRATOR}),
    ("wagtailredirects:index", "", {MODERATOR, ADMINISTRATOR}),
    ("wagtailusers_users:index", "", {ADMINISTRATOR}),
    ("wagtailusers_users:add", "", {ADMINISTRATOR}),
    ("wagtailusers_groups:index", "", {ADMINISTRATOR}),
    ("wagtailadmin_workflows:index", "", {ADMINISTRATOR}),
    ("wagtailsites:index", "", {ADMINISTRATOR}),
    ("wagtaillocales:index", "", {ADMINISTRATOR}),
    ("membership_organisation:index", "", {ADMINISTRATOR, EVENTS, FINANCE, MATCHMAKER}),
    ("membership_organisation:add", "", {ADMINISTRATOR, FINANCE}),
    ("membership_memberships:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("membership_renewals:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("membership_automatic:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("billing_means:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("membership_people:index", "", {ADMINISTRATOR, FINANCE, MATCHMAKER}),
    ("membership_prices:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("membership_prices:grid", "", {ADMINISTRATOR, FINANCE}),
    ("membership_tiers:index", "", {ADMINISTRATOR, FINANCE}),
    ("membership_size_bands:index", "", {ADMINISTRATOR, FINANCE}),
    ("billing_dashboard:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("billing_invoices:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("billing_free_invoices:index", "", {ADMINISTRATOR, FINANCE}),
    ("billing_pro_formas:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("billing_dispatches:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("billing_vat_checks:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("billing_payments:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("billing_reversals:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("billing_bank_entries:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("billing_bank_entries:match", "", {ADMINISTRATOR, FINANCE}),
    ("billing_bank_files:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("billing_bank_files:upload", "", {ADMINISTRATOR, FINANCE}),
    ("billing_customers:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("billing_accounting:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("billing_vat:index", "", {ADMINISTRATOR, FINANCE}),
    ("billing_customers:add", "", {ADMINISTRATOR, FINANCE}),
    ("kpi:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("kpi:add", "", {ADMINISTRATOR}),
    ("plannedactivity:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("growthtarget:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("revenuetarget:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("workpackageweight:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("billing_events:index", "", {ADMINISTRATOR, FINANCE}),
    ("wagtailsettings:edit", "billing/issuer/1", {ADMINISTRATOR, FINANCE}),
    ("events_activity:index", "", {*WRITERS, BOARD, EVENTS}),
    ("events_signup:index", "", {ADMINISTRATOR, BOARD, EVENTS, MODERATOR}),
    ("newsletter_subscriptions:index", "", {ADMINISTRATOR, EDITOR}),
    ("wagtailforms:index", "", HAVE_PAGES),
    ("wagtailforms:list_submissions", "contact", WRITERS),
    ("wagtailadmin_explore_root", "", WRITERS),
    ("wagtailadmin_pages:search", "", HAVE_PAGES),
    ("wagtailimages:index", "", {*WRITERS, EVENTS, MATCHMAKER, BOARD}),
    ("wagtailadmin_collections:index", "", {MODERATOR, ADMINISTRATOR}),
    ("wagtailadmin_workflows:task_index", "", {ADMINISTRATOR}),
    ("wagtailadmin_reports:aging_pages", "", HAVE_PAGES),
    ("wagtailadmin_reports:locked_pages", "", {MODERATOR, ADMINISTRATOR}),
    ("wagtailadmin_reports:page_types_usage", "", HAVE_PAGES),
    ("wagtailadmin_reports:site_history", "", set(ROLES)),  # each sees what it may see elsewhere
    ("wagtailadmin_reports:workflow", "", HAVE_PAGES),
    ("wagtailadmin_reports:workflow_tasks", "", HAVE_PAGES),
    ("wagtail_localize:translations_report", "", HAVE_PAGES),
    ("cms_tasks", "", {ADMINISTRATOR}),
    ("cms_mail", "", {ADMINISTRATOR}),
    ("cms_periodic", "", {ADMINISTRATOR}),
]


@pytest.fixture
def pages(home: HomePage) -> dict[str, int]:
    """One page of each owner, a page with a form, and the roles' rights on them."""
    events = home.add_child(instance=EventIndexPage(title="Agenda", slug="agenda", locale=home.locale))
    calls = home.add_child(instance=CallIndexPage(title="Oproepen", slug="oproepen", locale=home.locale))
    contact = home.add_child(
        instance=ContactPage(title="Contact", slug="contact", thanks="Bedankt.", locale=home.locale)
    )
    fill_in_issuer()
    mend_roles()
    return {"home": home.pk, "events": events.pk, "calls": calls.pk, "contact": contact.pk}


def address(name: str, where: str, pages: dict[str, int]) -> str:
    """The address of a row: on one of the pages, or with what stands between its slashes."""
    return reverse(name, args=[pages[where]] if where in pages else where.split("/") if where else [])


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_its_own_part_of_the_back_office_and_nothing_else(
    client: Client, pages: dict[str, int], role: str
) -> None:
    """Each address of the table, for one role."""
    person = User.objects.create_user(f"{role}@demo.example", is_staff=True)
    person.groups.add(Group.objects.get(name=role))
    client.force_login(person)
    wrong = []
    for name, page, roles in TABLE:
        answer = client.get(address(name, page, pages))
        if (answer.status_code == 200) != (role in roles) or answer.status_code not in (200, 302, 403):
            wrong.append(f"{name} {page}: {answer.status_code}")
    assert not wrong, f"{role}: {wrong}"


def test_who_has_no_role_does_not_enter(client: Client, pages: dict[str, int]) -> None:
    """A member with a log-in, and a visitor."""
    client.force_login(User.objects.create_user("member@demo.example"))
    for visitor in (client, Client()):
        for name, page, _roles in TABLE:
            answer = visitor.get(address(name, page, pages))
            assert answer.status_code in (302, 403, 404), name


CHOOSERS = ("chooser", "choose")
"""Dialogs that open from a form; each asks itself what may be chosen."""


def test_every_list_and_every_entry_of_the_menu_stands_in_the_table(client: Client, home: HomePage) -> None:
    """A list is known by its twin of results, which Wagtail asks for when a filter changes."""
    names = set(admin_addresses())
    lists = {name for name in names if f"{name}_results" in names and not any(c in name for c in CHOOSERS)}
    on_one_thing = {name for name in lists if name.split(":")[-1] in ("history", "usage", "type_use")}
    client.force_login(User.objects.create_superuser("boss@demo.example"))
    entries = set(menu_addresses(client))
    assert {"kpi:index", "cms_tasks", "wagtailsettings:edit"} <= entries
    known = {name for name, _page, _roles in TABLE} | {"wagtailadmin_explore"}
    assert sorted((lists | entries) - on_one_thing - known) == []
    assert sorted(known - names) == []
