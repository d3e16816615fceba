"""Every list of the back office, and every table, has rows on a fresh demo, or a reason why not."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.journeys.admin_addresses import menu_addresses

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
OURS = (
    "cms",
    "accounts",
    "billing",
    "membership",
    "events",
    "matchmaking",
    "newsletters",
    "extranet",
    "home",
    "reporting",
    "demo",
)
EMPTY_TABLES = {
    "accounts.": "what people set up themselves, such as passkeys",
    "cms.Attempt": "counts tries to send a form, for an hour",
    "cms.PeriodicRun": "written by the clock, which has not run yet",
    "cms.SiteRendition": "made when a picture is first shown",
    "cms.TaskRetries": "of tasks that failed",
    "billing.ChargeRules": "a setting, made when it is first changed",
    "billing.PeppolLookup": "written by the worker, which has not run yet",
    "membership.Lifecycle": "a setting, made when it is first changed",
    "membership.Notice": "written by the clock, which has not run yet",
    "billing.ChargeTry": "the planned payment has not come to its day",
    "billing.CheckoutAttempt": "a visit to the pay page, which needs a server",
    "billing.MeansSetup": "a visit to the pay page, which needs a server",
    "membership.EmailDomain": "one domain for all of the demo, which nobody may claim",
    "demo.StoredMail": "written by the worker, which has not run yet",
    "demo.StoredFile": "written by the worker, which has not run yet",
}
"""By name, or by the app with a point."""
NO_LIST = {
    "billing_accounting:index": "files to take along",
    "billing_dashboard:index": "how things stand",
    "membership_renewals:index": "what renewals will bring, month by month",
}
EMPTY_LISTS = {
    "cms_periodic": "written by the clock, which has not run yet",
    "wagtailredirects:index": "no page has moved",
    "wagtailadmin_reports:locked_pages": "nobody holds a page",
}


@pytest.fixture(scope="module", autouse=True)
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The demo, loaded once for this module and rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_demo", verbosity=0)
        yield
        transaction.set_rollback(True)


def is_empty(model: type[models.Model]) -> bool:
    return not model._default_manager.exists()


def test_every_table_has_rows_or_a_reason() -> None:
    tables = [model for app in OURS for model in apps.get_app_config(app).get_models()]
    assert len(tables) > 50
    empty = {model._meta.label for model in tables if is_empty(model)}
    assert {name for name in empty if not {name, f"{name.partition('.')[0]}."} & set(EMPTY_TABLES)} == set()


def test_every_list_of_the_menu_has_rows_or_a_reason(client: Client) -> None:
    client.force_login(User.objects.create_superuser(email="alles@demo.example", password=None))
    names = {name for name in menu_addresses(client) if name != "wagtailsettings:edit"}
    assert len(names) > 40
    empty, no_list = set(), set()
    for name in names:
        answer = client.get(reverse(name), follow=True)
        assert answer.status_code == 200, name
        rows = answer.context.get("object_list")
        if rows is None:
            no_list.add(name)
        elif not len(rows):
            empty.add(name)
    assert empty - set(EMPTY_LISTS) == set()
    ours = {name for name in no_list if not name.startswith("wagtail")}
    assert ours - set(NO_LIST) == set()
