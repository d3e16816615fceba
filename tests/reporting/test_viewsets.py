import pytest
from django.test import Client
from django.urls import reverse
from django.utils.formats import number_format
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from cms.models import Term
from reporting.models import KpiTarget, RevenueTarget

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
    assert number_format(KpiTarget.objects.get(kpi__code="1", year=4).target, force_grouping=True) in content


def test_forms_offer_work_packages_sizes_and_tiers_by_name_and_ask_no_key(admin: Client) -> None:
    form = admin.get(reverse("kpi:add")).context["form"]
    assert {term.kind for term in form.fields["work_packages"].queryset} == {Term.Kind.WORK_PACKAGE}
    assert ("count", "aantal") in form.fields["unit"].choices
    growth = admin.get(reverse("growthtarget:add")).context["form"].fields
    assert ("large", "groot") in growth["size"].choices
    assert ("connect", "Connect") in list(growth["tier"].choices)
    stream = RevenueTarget.objects.filter(stream="fees").first()
    assert stream
    fields = {"name_nl": "Lidgeld", "name_en": "Fees", "year": stream.year, "amount_eur": "1.500"}
    answer = admin.post(reverse("revenuetarget:add"), fields)
    assert list(answer.context["form"].errors) == ["year"], "there is one of that year"
    admin.post(reverse("revenuetarget:add"), fields | {"name_en": "Gifts"})
    assert RevenueTarget.objects.get(stream="gifts").amount_eur == 1500
    admin.post(reverse("revenuetarget:edit", args=[stream.pk]), fields)
    stream.refresh_from_db()
    assert (stream.name_nl, stream.stream) == ("Lidgeld", "fees")
