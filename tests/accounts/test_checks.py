import pytest
from django.core.checks import run_checks

from tests.factories.accounts import make_user

pytestmark = pytest.mark.django_db


def complaints() -> list[str]:
    found = run_checks(include_deployment_checks=True, databases=["default"])
    return [message.id or "" for message in found if (message.id or "").startswith("accounts.")]


def test_a_database_with_people_of_the_demo_is_refused_for_real_use() -> None:
    make_user(email="jan@demo.example.org")
    assert complaints() == []
    make_user(email="beheer@demo.example")
    assert complaints() == ["accounts.E001"]
