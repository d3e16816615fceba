"""What new prices would change and for whom: seen before they are set, and set as they were seen."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import ModelLogEntry

from billing.models import Invoice
from membership.models import Charge, Membership, Notice, Price, SizeBand, Tier
from membership.money import PriceChange, PriceKey
from membership.operations.prices import PreviewOutdated, set_prices
from membership.queries import next_term_of, preview_prices, upgrade_quote
from tests.factories.accounts import make_user
from tests.factories.billing import fill_in_issuer
from tests.membership.life import join, live, member, morning
from tests.membership.test_pages import add_member
from tests.membership.test_viewsets import staff

pytestmark = pytest.mark.django_db
GRID = "/admin/memberships/prices/new/"
TODAY = timezone.localdate()
SOON = TODAY + timedelta(days=10)


@pytest.fixture(autouse=True)
def _issuer() -> None:
    fill_in_issuer()


def key(tier: str = "connect", employees: int = 10, kind: str = "company") -> PriceKey:
    band = SizeBand.objects.get(employees_from=employees)
    return PriceKey(Tier.objects.get(slug=tier).pk, band.pk, kind)


def running(name: str, *, ends_on: date, tier: str = "connect", **fields: Any) -> Membership:
    """A member of 25 people with a running term."""
    membership = add_member(name, employees=25).memberships.get()
    fields = {"ends_on": ends_on, "starts_on": ends_on - timedelta(days=364), **fields}
    Membership.objects.filter(pk=membership.pk).update(tier=Tier.objects.get(slug=tier), **fields)
    membership.refresh_from_db()
    return membership


def typed(page: Any, **changed: str) -> dict[str, str]:
    """What stands in the grid, with other words in it."""
    form = page.context["form"]
    words = {name: str(form[name].value()) for name in form.fields}
    return {**words, "valid_from": SOON.isoformat(), **changed}


def test_a_cell_for_next_year_changes_the_renewals_of_next_year_and_nothing_else() -> None:
    spring, winter = member(), member(date(2027, 12, 15), number="0999666543")
    other = member(employees=60, number="0999555431")
    cultivate = Tier.objects.get(slug="cultivate")
    before = {
        "invoices": list(Invoice.objects.order_by("pk").values()),
        "charges": list(Charge.objects.order_by("pk").values()),
        "memberships": list(Membership.objects.order_by("pk").values()),
    }
    on = date(2027, 12, 20)
    quoted = upgrade_quote(membership=spring, tier=cultivate, at=morning(on)).amount
    fees = {key(): Decimal(1111), key("cultivate"): Decimal(4444)}
    changed = set_prices(fees=fees, valid_from=date(2028, 1, 1), by=None, at=morning(on))
    assert len(changed) == 2
    assert before == {
        "invoices": list(Invoice.objects.order_by("pk").values()),
        "charges": list(Charge.objects.order_by("pk").values()),
        "memberships": list(Membership.objects.order_by("pk").values()),
    }
    assert upgrade_quote(membership=spring, tier=cultivate, at=morning(on)).amount == quoted
    assert Charge.objects.get(membership=join(date(2027, 12, 31), number="0999444319")).yearly_fee == 1000
    fees_of_next = {each: next_term_of(each).total_fee for each in (spring, winter, other)}
    assert fees_of_next == {spring: 1111, winter: 1111, other: 1500}
    live(date(2028, 1, 30), date(2028, 1, 30))
    renewed = Charge.objects.filter(purpose="renewal").values_list("membership", "yearly_fee")
    assert dict(renewed) == {spring.pk: 1111, other.pk: 1500}
    assert Charge.objects.get(membership=join(date(2028, 1, 31), number="0999333207")).yearly_fee == 1111


def test_the_preview_counts_who_renews_at_a_changed_price_and_sets_the_others_apart() -> None:
    later = TODAY + timedelta(days=200)
    plain = running("Gewoon", ends_on=later)
    announced = running("Aangekondigd", ends_on=SOON + timedelta(days=40))
    Notice.objects.create(
        membership=announced, ends_on=SOON + timedelta(days=40), days=60, sent_at=timezone.now()
    )
    engaged = running("Verbonden", ends_on=later, engaged_until=later + timedelta(days=700))
    running("Vroeger", ends_on=SOON - timedelta(days=2))
    running("Andere formule", ends_on=later, tier="inform")
    running("Zegt op", ends_on=later, resigned_at=timezone.now(), resigned_because="budget")
    lowered = running("Gaat omlaag", ends_on=later, tier="cultivate")
    Membership.objects.filter(pk=lowered.pk).update(next_tier=Tier.objects.get(slug="connect"))
    charged = running("Aangerekend", ends_on=later)
    Charge.objects.create(
        membership=charged,
        purpose="renewal",
        tier=charged.tier,
        employees=25,
        yearly_fee=1000,
        term_starts_on=later + timedelta(days=1),
        from_on=later + timedelta(days=1),
    )
    Tier.objects.filter(slug="connect").update(seats=1, seat_fee=50)
    for number in range(3):
        plain.organisation.affiliations.create(user=make_user(email=f"an{number}@demo.example"))

    preview = preview_prices(fees={key(): Decimal("1100.50")}, valid_from=SOON)
    [change] = preview.changes
    assert change == PriceChange(key(), Decimal(1000), Decimal("1100.50"), None)
    found = {each.membership: (each.before, each.after) for each in preview.renewals}
    alone = (Decimal(1000), Decimal("1100.50"))
    assert found == {
        plain: (Decimal(1100), Decimal("1200.50")),  # with two extra places
        announced: alone,
        engaged: alone,
        lowered: alone,
    }
    assert (preview.before, preview.after) == (Decimal(4100), Decimal("4502.00"))
    assert (preview.renewals_at(change.key), preview.earlier) == (4, 1)
    assert [(each, term.total_fee) for each, term in preview.charged] == [(charged, Decimal(1000))]
    assert [each.membership for each in preview.renewals if each.announced_at] == [announced]
    assert [each.membership for each in preview.renewals if each.is_engaged] == [engaged]
    assert Price.objects.filter(valid_from=SOON).count() == 0
    set_prices(fees={key(): Decimal("1100.50")}, valid_from=SOON, by=None, at=timezone.now())
    for each in preview.renewals:
        assert next_term_of(Membership.objects.get(pk=each.membership.pk)).total_fee == each.after


def test_a_price_that_is_planned_for_later_stays_and_bounds_the_change() -> None:
    first, second = (
        running(name, ends_on=SOON + timedelta(days=days)) for name, days in (("A", 5), ("B", 90))
    )
    planned = SOON + timedelta(days=60)
    set_prices(fees={key(): Decimal(1300)}, valid_from=planned, by=None, at=timezone.now())
    preview = preview_prices(fees={key(): Decimal(1200)}, valid_from=SOON)
    assert preview.changes[0].until == planned
    assert [each.membership for each in preview.renewals] == [first]
    assert next_term_of(second).total_fee == 1300
    assert preview_prices(fees={key(): Decimal(1000)}, valid_from=SOON).changes == []


def test_nothing_is_saved_before_what_was_shown_is_confirmed() -> None:
    member_ = running("Lantaarnwerk", ends_on=TODAY + timedelta(days=200))
    client, name = staff("finance"), f"company-connect-{key().size_band_id}"
    before = Price.objects.count()
    page = client.get(GRID)
    words = typed(page, **{name: "1.111,50"})
    shown = client.post(GRID, words)
    html = shown.content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert shown.status_code == 200
    for text in ("1.000,00 euro", "1.111,50 euro", "111,50 euro", "Lantaarnwerk"):
        assert text in html
    assert f'name="{name}" value="1.111,50"' in html
    assert Price.objects.count() == before

    back = client.post(GRID, {**words, "step": "change"})
    assert (back.context["form"][name].value(), "is-invalid" in back.content.decode()) == ("1.111,50", False)

    seal = shown.context["preview"].seal
    confirmed = {**words, "step": "set", "confirmed": seal}
    # What was seen is what is set: other words, or another member, are shown anew.
    for other in ({**confirmed, name: "1.222,00"}, {**confirmed, "confirmed": ""}):
        again = client.post(GRID, other)
        assert (again.status_code, Price.objects.count()) == (200, before)
        assert "sinds u keek" in again.content.decode()
    Membership.objects.filter(pk=member_.pk).update(status="lapsed")
    assert client.post(GRID, confirmed).status_code == 200
    Membership.objects.filter(pk=member_.pk).update(status="active")

    assert client.post(GRID, confirmed).status_code == 302
    [price] = Price.objects.filter(valid_from=SOON)
    assert (price.yearly_fee, price.size_band_id) == (Decimal("1111.50"), key().size_band_id)
    twice = client.post(GRID, confirmed, follow=True)
    assert "waren al ingesteld" in twice.content.decode()
    assert Price.objects.count() == before + 1
    [entry] = ModelLogEntry.objects.filter(action="membership.set_price")
    assert entry.user
    assert (entry.user.email, entry.data["before"], entry.data["fee"]) == (
        "finance@demo.example",
        "1000.00",
        "1111.50",
    )


def test_a_preview_of_nothing_says_so_and_offers_nothing_to_confirm() -> None:
    client = staff("finance")
    page = client.get(GRID)
    html = client.post(GRID, typed(page)).content.decode()
    assert "Er wijzigt niets" in html
    assert 'value="set"' not in html
    name = f"company-connect-{key().size_band_id}"
    assert "Geen enkel lopend lidmaatschap" in client.post(GRID, typed(page, **{name: "1"})).content.decode()


def test_an_old_seal_sets_nothing() -> None:
    fees = {key(): Decimal(1111)}
    seal = preview_prices(fees=fees, valid_from=SOON).seal
    with pytest.raises(PreviewOutdated):
        set_prices(fees=fees, valid_from=SOON + timedelta(days=1), by=None, at=timezone.now(), seal=seal)
    assert len(set_prices(fees=fees, valid_from=SOON, by=None, at=timezone.now(), seal=seal)) == 1


@pytest.mark.parametrize("file_type", ["csv", "xlsx"])
def test_for_whom_it_changes_something_is_a_file_too(file_type: str) -> None:
    running("=Lantaarnwerk", ends_on=TODAY + timedelta(days=200))
    client, name = staff("finance"), f"company-connect-{key().size_band_id}"
    answer = client.post(GRID, typed(client.get(GRID), **{name: "1111,50"}, step=file_type))
    assert answer.status_code == 200
    assert f'.{file_type}"' in answer["Content-Disposition"]
    if file_type == "csv":
        row = answer.content.decode().splitlines()[1]
        assert row.startswith("'=Lantaarnwerk,")
        assert "1000.00,1111.50,111.50" in row


def test_the_preview_costs_the_same_queries_for_few_members_and_for_many() -> None:
    client, name = staff("finance"), f"company-connect-{key().size_band_id}"
    words = typed(client.get(GRID), **{name: "1111,50"})
    Tier.objects.filter(slug="connect").update(seats=1, seat_fee=50)
    counts = []
    for number in range(50):
        running(f"Lid {number}", ends_on=TODAY + timedelta(days=100 + number))
        if number in (4, 49):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                page = client.post(GRID, words)
            assert len(page.context["preview"].renewals) == number + 1
            counts.append(len(queries))
    assert counts[0] == counts[1] <= 30
