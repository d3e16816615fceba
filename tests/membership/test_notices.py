"""What the notices of a renewal say is open: of the next term all, and of this one what is late."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from wagtail.models import Site

from billing.models import Invoice
from membership.emails import STOP
from membership.models import Affiliation, Charge, Membership, Notice, Tier
from membership.operations.changes import resign_membership, upgrade_membership
from membership.queries import upgrade_quote
from tests.factories.billing import fill_in_issuer
from tests.membership.life import live, mails, member, morning, pay_all
from tests.membership.linked import HERE, RESIGN, link_to, page, path_in

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
    live(date(2027, 12, 31), ENDS_ON)
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
    live(date(2027, 12, 2), date(2028, 1, 28))
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


def test_within_an_engagement_a_notice_promises_no_end_with_the_term_and_no_lower_tier() -> None:
    membership = member()
    until = ENDS_ON + timedelta(days=1096)
    Membership.objects.update(engaged_until=until)
    live(ENDS_ON - timedelta(days=60), ENDS_ON - timedelta(days=60))
    first = mails("renewal_notice")[-1]
    assert "Horen we niets, dan loopt het lidmaatschap verder." in first.text
    assert "U verbond zich voor meerdere jaren, dus een lagere formule kan nog niet." in first.text
    assert "loopt dan nog tot en met 1\N{NO-BREAK SPACE}maart\N{NO-BREAK SPACE}2031" in first.text
    assert "tot en met de laatste dag" not in first.text
    membership.refresh_from_db()
    resign_membership(membership=membership, because="budget", at=morning(ENDS_ON), by=None)
    live(ENDS_ON - timedelta(days=30), ENDS_ON - timedelta(days=30))
    second = mails("renewal_notice")[-1]
    assert second.pk != first.pk
    assert "is opgezegd en loopt nog tot en met 1\N{NO-BREAK SPACE}maart\N{NO-BREAK SPACE}2031" in second.text
    assert "Horen we niets" not in second.text
    assert "Opzeggen kan" not in second.text
    assert "Bekijk uw lidmaatschap: " in second.text


def test_who_paid_the_next_term_is_not_told_to_cancel_by_mail_page_or_form(client: Client) -> None:
    member()
    old = link_to(Affiliation.objects.get(), STOP)
    live(ENDS_ON - timedelta(days=30), ENDS_ON - timedelta(days=30))
    told = mails("renewal_notice")[-1]
    assert "Opzeggen kan met de link hieronder" in told.text
    assert "Wilt u liever opzeggen?" in page(client, path_in(told))
    pay_all(ENDS_ON - timedelta(days=20))
    live(ENDS_ON - timedelta(days=7), ENDS_ON - timedelta(days=7))
    paid = mails("renewal_notice")[-1]
    assert "Horen we niets, dan loopt het lidmaatschap verder." in paid.text
    assert "Neem dus contact met ons op als u wilt opzeggen of een lagere formule wilt." in paid.text
    assert "met de link hieronder" not in paid.text
    for path in (path_in(told), path_in(paid), old):
        assert "Wilt u liever opzeggen?" not in page(client, path)
    for answer in (
        client.get(f"{old}opzeggen/", follow=True),
        client.post(f"{old}opzeggen/", RESIGN, follow=True, **HERE),
    ):
        assert "Het volgende lidmaatschapsjaar is al betaald." in answer.text
    assert Membership.objects.get().resigned_at is None
