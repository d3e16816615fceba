"""What the notices of a renewal say is open: of the next term all, and of this one what is late."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from wagtail.models import Site

from billing.models import Invoice
from membership.models import Charge, Membership, Notice, Tier
from membership.operations.changes import upgrade_membership
from membership.queries import upgrade_quote
from tests.factories.billing import fill_in_issuer
from tests.membership.life import live, mails, member, morning, pay_all

pytestmark = pytest.mark.django_db
ENDS_ON = date(2028, 2, 29)


@pytest.fixture(autouse=True)
def _issuer(site: Site) -> None:
    fill_in_issuer()


def upgrade(membership: Membership, on: date) -> Invoice:
    tier = Tier.objects.get(slug="cultivate")
    membership.refresh_from_db()
    quote = upgrade_quote(membership=membership, tier=tier, at=morning(on))
    upgrade_membership(membership=membership, tier=tier, quoted=quote.amount, at=morning(on), by=None)
    invoice = Charge.objects.filter(purpose="upgrade", voided_at=None).earliest("pk").invoice
    assert invoice
    return invoice


def test_who_is_late_with_an_upgrade_gets_each_notice_of_what_is_invoiced() -> None:
    membership = member()
    late = upgrade(membership, date(2027, 12, 10))
    live(date(2027, 12, 31), ENDS_ON, step=1)
    membership.refresh_from_db()
    assert (membership.status, membership.lapses_on) == ("grace", date(2028, 3, 10))
    assert sorted(Notice.objects.values_list("days", flat=True)) == [7, 30, 60]
    renewal = Charge.objects.get(purpose="renewal").invoice
    assert renewal
    first, second, last = (mail.text for mail in mails("renewal_notice"))
    assert "Voor het lopende lidmaatschapsjaar moet u nog betalen:" in first
    assert "Horen we niets, dan loopt het lidmaatschap verder." in first
    for text in (second, last):
        assert renewal.number in text
        assert text.count(f"Factuur {late.number}: ") == 1
        assert "zonder betaling eindigt het op 10\N{NO-BREAK SPACE}maart\N{NO-BREAK SPACE}2028" in text
        assert "Horen we niets" not in text
        assert text.index(renewal.number) < text.index("moet u nog betalen") < text.index(late.number)


def test_who_is_in_grace_and_renewed_is_announced_too() -> None:
    membership = member()
    upgrade(membership, date(2027, 11, 1))
    live(date(2027, 12, 2), date(2028, 1, 28), step=3)
    membership.refresh_from_db()
    assert membership.status == "grace"
    assert list(Notice.objects.values_list("days", flat=True)) == [60]
    live(date(2028, 1, 29), date(2028, 1, 30))
    assert Charge.objects.filter(purpose="renewal").exists()
    assert sorted(Notice.objects.values_list("days", flat=True)) == [30, 60]


def test_a_renewal_that_is_paid_says_nothing_of_the_sort_while_an_invoice_beside_it_is_open() -> None:
    membership = member()
    live(ENDS_ON - timedelta(days=30), ENDS_ON - timedelta(days=30))
    pay_all(ENDS_ON - timedelta(days=20))
    upgrade(membership, ENDS_ON - timedelta(days=19))
    now, ahead = Charge.objects.filter(purpose="upgrade").order_by("pk")
    assert now.invoice
    assert ahead.invoice
    assert (ahead.term_starts_on, ahead.invoice.net) == (ENDS_ON + timedelta(days=1), Decimal(2000))
    live(ENDS_ON - timedelta(days=7), ENDS_ON - timedelta(days=7))
    text = mails("renewal_notice")[-1].text
    assert "De factuur is betaald" not in text
    assert text.index(ahead.invoice.number) < text.index("moet u nog betalen")
    assert text.index("moet u nog betalen") < text.index(now.invoice.number)


def test_a_renewal_that_is_paid_says_so_where_nothing_else_is_open() -> None:
    member()
    live(ENDS_ON - timedelta(days=30), ENDS_ON - timedelta(days=30))
    pay_all(ENDS_ON - timedelta(days=20))
    live(ENDS_ON - timedelta(days=7), ENDS_ON - timedelta(days=7))
    text = mails("renewal_notice")[-1].text
    assert "De factuur is betaald" in text
    assert "moet u nog betalen" not in text
