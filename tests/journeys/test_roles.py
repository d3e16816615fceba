"""What each role may and may not open and do in the back office, as one table."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from accounts.models import User
from cms.operations.roles import mend_roles
from cms.roles import ADMINISTRATOR, BOARD, EDITOR, EVENTS, FINANCE, MATCHMAKER, MODERATOR, ROLES
from events.models import EventIndexPage
from home.models import HomePage
from matchmaking.models import CallIndexPage

pytestmark = pytest.mark.django_db

WRITERS = {EDITOR, MODERATOR, ADMINISTRATOR}

# The name of an address, its arguments, and who may open it. Everybody else is sent away.
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
    ("membership_prices:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("membership_prices:grid", "", {ADMINISTRATOR, FINANCE}),
    ("membership_tiers:index", "", {ADMINISTRATOR, FINANCE}),
    ("membership_size_bands:index", "", {ADMINISTRATOR, FINANCE}),
    ("billing_invoices:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("billing_payments:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("billing_customers:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("billing_customers:add", "", {ADMINISTRATOR, FINANCE}),
    ("kpi:index", "", {ADMINISTRATOR, BOARD, FINANCE}),
    ("kpi:add", "", {ADMINISTRATOR}),
    ("cms_tasks", "", {ADMINISTRATOR}),
    ("cms_mail", "", {ADMINISTRATOR}),
    ("cms_periodic", "", {ADMINISTRATOR}),
]


@pytest.fixture
def pages(home: HomePage) -> dict[str, int]:
    """One page of each owner, and the roles' rights on them."""
    events = home.add_child(instance=EventIndexPage(title="Agenda", slug="agenda", locale=home.locale))
    calls = home.add_child(instance=CallIndexPage(title="Oproepen", slug="oproepen", locale=home.locale))
    mend_roles()
    return {"home": home.pk, "events": events.pk, "calls": calls.pk}


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
        answer = client.get(reverse(name, args=[pages[page]] if page else []))
        if (answer.status_code == 200) != (role in roles) or answer.status_code not in (200, 302, 403):
            wrong.append(f"{name} {page}: {answer.status_code}")
    assert not wrong, f"{role}: {wrong}"


def test_who_has_no_role_does_not_enter(client: Client, pages: dict[str, int]) -> None:
    """A member with a log-in, and a visitor."""
    client.force_login(User.objects.create_user("member@demo.example"))
    for visitor in (client, Client()):
        for name, page, _roles in TABLE:
            answer = visitor.get(reverse(name, args=[pages[page]] if page else []))
            assert answer.status_code in (302, 403, 404), name
