"""The prices of next year: set on one grid, valid from a day, the old ones kept."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from membership.models import Price, SizeBand, Tier
from membership.money import PriceKey
from membership.operations.prices import PricesOfThePast, set_prices
from membership.queries import yearly_fee
from tests.membership.test_pages import add_member
from tests.membership.test_viewsets import staff

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TODAY = timezone.localdate(NOW)
TOMORROW = TODAY + timedelta(days=1)
GRID = "/admin/memberships/prices/new/"


def fee(on: Any) -> Decimal:
    return yearly_fee(tier=Tier.objects.get(slug="connect"), employees=25, kind="company", on=on)


def test_a_new_price_counts_from_its_day_and_the_old_one_until_then() -> None:
    tier, band = Tier.objects.get(slug="connect"), SizeBand.objects.get(employees_from=10)
    fees = {PriceKey(tier.pk, band.pk, "company"): Decimal(1100)}
    before = Price.objects.count()
    assert len(set_prices(fees=fees, valid_from=TOMORROW, by=None, at=NOW)) == 1
    assert (fee(TODAY), fee(TOMORROW)) == (Decimal(1000), Decimal(1100))
    assert set_prices(fees=fees, valid_from=TOMORROW, by=None, at=NOW) == []
    fees = dict.fromkeys(fees, Decimal(1200))
    set_prices(fees=fees, valid_from=TOMORROW, by=None, at=NOW)
    assert (fee(TODAY), fee(TOMORROW), Price.objects.count()) == (Decimal(1000), Decimal(1200), before + 1)
    with pytest.raises(PricesOfThePast):
        set_prices(fees=fees, valid_from=TODAY, by=None, at=NOW)


def test_the_treasurer_sets_all_prices_on_one_screen() -> None:
    client = staff("finance")
    page = client.get(GRID)
    assert page.status_code == 200
    with override("en"):
        crumbs = [str(item["label"]) for item in page.context["breadcrumbs_items"]]
    assert crumbs[-2:] == ["Prices", "Set new prices"]
    form = page.context["form"]
    words = {name: str(form[name].value()) for name in form.fields} | {"valid_from": TOMORROW.isoformat()}
    name = next(each for each in form.fields if each.startswith("company-connect-"))
    refused = client.post(GRID, {**words, name: "veel", "valid_from": TODAY.isoformat()})
    assert (refused.status_code, set(refused.context["form"].errors)) == (200, {name, "valid_from"})
    assert 'value="veel"' in refused.content.decode()
    band = SizeBand.objects.get(pk=name.rsplit("-", 1)[1])
    before = Price.objects.count()
    seal = client.post(GRID, {**words, name: "777,50"}).context["preview"].seal
    assert Price.objects.count() == before
    confirmed = {**words, name: "777,50", "step": "set", "confirmed": seal}
    assert client.post(GRID, confirmed).status_code == 302
    new = Price.objects.get(valid_from=TOMORROW)
    assert (new.yearly_fee, new.size_band, Price.objects.count()) == (Decimal("777.50"), band, before + 1)
    assert "777,50" in client.get("/admin/memberships/prices/").content.decode()
    assert staff("board").get(GRID).status_code == 302


def test_lists_open_with_few_queries_and_nothing_in_them_is_edited(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(30):
        add_member(f"Bedrijf {number}")
    client = staff("finance")
    client.get("/admin/memberships/")
    for address in (
        "/admin/memberships/",
        "/admin/memberships/?status=active&q=Bedrijf",
        "/admin/memberships/prices/",
    ):
        with django_assert_max_num_queries(25):
            page = client.get(address)
        assert page.status_code == 200
    assert "Bedrijf 7" in client.get("/admin/memberships/?q=Bedrijf 7").content.decode()
    assert client.get("/admin/memberships/new/").status_code == 404
    tier = Tier.objects.get(slug="connect")
    answer = client.post(
        f"/admin/memberships/tiers/edit/{tier.pk}/", {"name_nl": "Verbind", "name_en": "Connect"}
    )
    assert answer.status_code == 302
    tier.refresh_from_db()
    assert (tier.name_nl, tier.slug) == ("Verbind", "connect")
    assert client.get(f"/admin/memberships/tiers/delete/{tier.pk}/").status_code == 302
