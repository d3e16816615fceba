import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from reporting.models import KpiTarget

pytestmark = pytest.mark.django_db
LISTS = ("kpi", "plannedactivity", "growthtarget", "revenuetarget", "workpackageweight")


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("baas@example.be", "x"))
    return client


@pytest.mark.parametrize("name", LISTS)
def test_each_list_opens_in_few_queries_and_exports(
    admin: Client, name: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(25):
        response = admin.get(reverse(f"{name}:index"))
    assert response.status_code == 200
    export = admin.get(reverse(f"{name}:index"), {"export": "csv"})
    assert export["Content-Type"].startswith("text/csv")


def test_the_list_of_kpis_shows_targets_with_their_unit(admin: Client) -> None:
    content = admin.get(reverse("kpi:index")).content.decode()
    assert "100 %" in content
    assert str(KpiTarget.objects.get(kpi__code="1", year=4).target) in content
