"""What the treasurer reads before confirming comes true: amounts, days, and who gets which mail."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.models import ModelLogEntry, Site

from accounts.models import User
from billing.models import Invoice
from cms.amounts import say_euro
from cms.models import OutgoingMail
from membership.models import Lifecycle, Membership, Tier
from membership.operations.changes import resign_membership
from membership.operations.ladder import fall_past_due
from membership.queries import upgrade_quote
from tests.desk import day, hidden_on, person, plain, words_of
from tests.factories.billing import fill_in_issuer
from tests.membership.life import join, live, pay_all
from tests.queue import drain

pytestmark = pytest.mark.django_db
CONTACT = "noor@lantaarnwerk.example"


@pytest.fixture
def treasurer(client: Client, site: Site) -> User:
    user = person("finance")
    client.force_login(user)
    fill_in_issuer()
    return user


def membership_of(days: int, *, tier: str = "connect") -> Membership:
    """A paid membership that started so many days ago."""
    start = timezone.localdate() - timedelta(days=days)
    join(start, tier=tier)
    pay_all(start)
    return Membership.objects.get()


def with_next_term_invoiced() -> tuple[Membership, Invoice]:
    """A membership that ends in three weeks, and the unpaid invoice for what comes then."""
    membership_of(344)
    today = timezone.localdate()
    live(today - timedelta(days=2), today)
    drain()
    OutgoingMail.objects.all().delete()
    return Membership.objects.get(), Invoice.objects.latest("pk")


def address(action: str, membership: Membership) -> str:
    return f"/admin/memberships/{action}/{membership.pk}/"


def post(client: Client, action: str, membership: Membership, **typed: str) -> str:
    return words_of(client.post(address(action, membership), typed, follow=True))


def mailed(template: str) -> list[OutgoingMail]:
    """Mails to the contact by a template, once the worker has written what waits."""
    drain()
    return list(OutgoingMail.objects.filter(template=template))


def test_an_upgrade_costs_what_the_page_says_until_the_day_it_says(client: Client, treasurer: User) -> None:
    membership, next_invoice = with_next_term_invoiced()
    cultivate = Tier.objects.get(slug="cultivate")
    quote = upgrade_quote(membership=membership, tier=cultivate, at=timezone.now())
    answer = client.get(address("upgrade", membership))
    page = words_of(answer)
    assert f"Het bedrag geldt voor de tijd tot en met {day(membership.ends_on)}." in page
    assert f"Cultivate: nu {plain(say_euro(quote.amount))}, exclusief btw" in page
    gross = (quote.amount * Decimal("1.21")).quantize(Decimal("0.01"))
    assert f"({plain(say_euro(gross))} inclusief btw)" in page
    assert "Het lid verbindt zich voor vier jaar" in page, "staff are not spoken to as the member"
    choice = next(
        each for each in re.findall(r'value="([^"]+)"', answer.content.decode()) if "cultivate:" in each
    )
    count = Invoice.objects.count()
    assert "Het lidmaatschap heeft nu de formule Cultivate." in post(
        client, "upgrade", membership, choice=choice
    )
    membership.refresh_from_db()
    assert membership.tier == cultivate, "at once"
    made = Invoice.objects.exclude(kind="credit_note").order_by("pk")[1:]
    assert [each.status for each in made] == ["credited", "issued", "issued"]
    assert made[1].net == quote.amount
    assert made[1].gross == gross
    assert made[2].net == Decimal(3000), "the next term is made anew, at the new tier"
    next_invoice.refresh_from_db()
    assert next_invoice.status == "credited"
    again = post(client, "upgrade", membership, choice=choice)
    assert "Het lidmaatschap heeft de formule Cultivate al." in again, "a second click is no other price"
    assert Invoice.objects.count() == count + 3
    mails = mailed("billing/invoice")
    assert {each.recipient for each in mails} == {made[1].email}


def test_a_lower_tier_comes_after_the_day_the_page_says(client: Client, treasurer: User) -> None:
    membership, next_invoice = with_next_term_invoiced()
    page = words_of(client.get(address("announce-tier", membership)))
    assert f"Tot en met {day(membership.ends_on)} verandert er niets" in page
    assert "wordt gecrediteerd en opnieuw opgemaakt. Het lid krijgt een e-mail." in page
    said = post(client, "announce-tier", membership, tier="inform")
    assert "Inform" in said
    membership.refresh_from_db()
    assert (membership.tier.slug, membership.next_tier and membership.next_tier.slug) == ("connect", "inform")
    next_invoice.refresh_from_db()
    assert next_invoice.status == "credited"
    anew = Invoice.objects.exclude(kind="credit_note").latest("pk")
    assert (anew.status, anew.net) == ("issued", Decimal(135))
    assert [each.recipient for each in mailed("membership/tier_announced")] == [CONTACT]
    assert membership.ends_on
    live(membership.ends_on, membership.ends_on + timedelta(days=1))
    assert Membership.objects.get().tier.slug == "inform"


def test_extending_says_the_day_of_what_is_typed_and_then_does_just_that(
    client: Client, treasurer: User
) -> None:
    membership = membership_of(100)
    fall_past_due(membership=membership, at=timezone.now(), by=None)
    membership.refresh_from_db()
    before, url = membership.lapses_on, address("extend", membership)
    assert before
    drain()
    OutgoingMail.objects.all().delete()
    asked = client.get(url)
    page = words_of(asked)
    assert f"Zonder betaling vervalt het lidmaatschap op {day(before)}." in page
    assert "30 dagen" not in page, "nothing is said of days that nobody typed"
    assert "Bekijken welke dag dat is" in page
    typed = {"days": "45", "reason": "Betaalt later.", **hidden_on(asked)}
    told = client.post(url, typed)
    page = words_of(told)
    after = before + timedelta(days=45)
    read_only = after - timedelta(days=Lifecycle.load().grace_days)
    assert f"Zonder betaling vervalt het op {day(after)} in plaats van op {day(before)}." in page
    assert f"Vanaf {day(read_only)} kan men in de ledenzone enkel nog lezen." in page
    assert "niemand krijgt een e-mail" in page
    assert 'value="45"' in told.content.decode(), "what was typed is kept"
    membership.refresh_from_db()
    assert membership.lapses_on == before, "nothing is done yet"
    sealed = {**typed, **hidden_on(told)}
    changed = words_of(client.post(url, {**sealed, "days": "60"}))
    assert day(before + timedelta(days=60)) in changed
    membership.refresh_from_db()
    assert membership.lapses_on == before, "other days are told first"
    for expected in (
        f"vervalt het lidmaatschap op {day(after)}.",
        "de dag waarop het vervalt, is intussen gewijzigd",
    ):
        assert expected in words_of(client.post(url, sealed, follow=True))
        membership.refresh_from_db()
        assert membership.lapses_on == after, "sent twice, it counts once"
    drain()
    assert not OutgoingMail.objects.exists()
    assert ModelLogEntry.objects.filter(action="membership.extend", user=treasurer).count() == 1
    live(read_only - timedelta(days=1), read_only - timedelta(days=1))
    assert Membership.objects.get().status == "past_due"
    live(read_only, read_only)
    assert Membership.objects.get().status == "grace"


def test_extending_opens_the_member_zone_again_where_the_page_says_so(
    client: Client, treasurer: User
) -> None:
    membership = membership_of(100)
    fall_past_due(membership=membership, at=timezone.now(), by=None)
    today = timezone.localdate()
    Membership.objects.update(status="grace", lapses_on=today + timedelta(days=5))
    grace_days = Lifecycle.load().grace_days
    for days, status, words in (
        (10, "grace", "In de ledenzone blijft alleen lezen mogelijk."),
        (40, "past_due", f"staat weer volledig open tot {day(today + timedelta(days=55 - grace_days))}."),
    ):
        url = address("extend", membership)
        typed = {"days": str(days), "reason": "Betaalt later.", **hidden_on(client.get(url))}
        told = client.post(url, typed)
        assert words in words_of(told)
        client.post(url, {**typed, **hidden_on(told)})
        assert Membership.objects.get().status == status


def test_a_day_that_stays_past_is_refused_beside_its_field(client: Client, treasurer: User) -> None:
    membership = membership_of(100)
    fall_past_due(membership=membership, at=timezone.now(), by=None)
    Membership.objects.update(status="grace", lapses_on=timezone.localdate() - timedelta(days=10))
    url = address("extend", membership)
    answer = client.post(url, {"days": "10", "reason": "Later", **hidden_on(client.get(url))})
    assert "Die dag is al voorbij: vul meer dagen in." in words_of(answer)
    assert 'value="10"' in answer.content.decode()


def test_resigning_ends_it_after_the_day_the_page_says(client: Client, treasurer: User) -> None:
    membership, next_invoice = with_next_term_invoiced()
    ends_on = membership.ends_on
    assert ends_on
    page = words_of(client.get(address("resign", membership)))
    assert f"Het lidmaatschap loopt nog tot en met {day(ends_on)}; tot dan verandert er niets." in page
    assert "wordt gecrediteerd. Het lid krijgt een e-mail." in page
    said = post(client, "resign", membership, because="budget", note="")
    assert "opzegging" in said.lower()
    next_invoice.refresh_from_db()
    assert next_invoice.status == "credited"
    assert [each.recipient for each in mailed("membership/resigned")] == [CONTACT]
    live(ends_on, ends_on)
    assert Membership.objects.get().status == "active"
    live(ends_on + timedelta(days=1), ends_on + timedelta(days=1))
    assert Membership.objects.get().status == "resigned"


def test_within_an_engagement_resigning_names_its_last_day(client: Client, treasurer: User) -> None:
    membership = membership_of(100, tier="stuurgroep")
    assert membership.engaged_until
    page = words_of(client.get(address("resign", membership)))
    assert f"loopt nog tot en met {day(membership.engaged_until)}" in page
    post(client, "resign", membership, because="budget", note="")
    membership.refresh_from_db()
    assert membership.stays_until == membership.engaged_until


def test_withdrawing_a_resignation_lets_it_go_on(client: Client, treasurer: User) -> None:
    membership = membership_of(344)
    resign_membership(membership=membership, because="budget", at=timezone.now(), by=None)
    page = words_of(client.get(address("stay", membership)))
    assert "loopt na dit jaar gewoon verder. Het lid krijgt een e-mail." in page
    post(client, "stay", membership)
    assert [each.recipient for each in mailed("membership/stays")] == [CONTACT]
    today = timezone.localdate()
    live(today - timedelta(days=1), today)
    assert Invoice.objects.count() == 2, "the next term is invoiced as before"


def test_an_application_that_costs_nothing_starts_at_once_as_the_page_says(
    client: Client, treasurer: User
) -> None:
    Tier.objects.filter(slug="cultivate").update(needs_approval=True)
    membership = join(timezone.localdate(), tier="cultivate")
    membership.charges.update(yearly_fee=0)
    page = words_of(client.get(address("approve", membership)))
    assert "Er is niets te betalen: het lidmaatschap begint meteen." in page
    assert "het lidmaatschap is gestart" in post(client, "approve", membership)
    membership.refresh_from_db()
    assert membership.status == "active"
    assert not Invoice.documents.exists()


@pytest.mark.parametrize("pays_online", [False, True])
def test_approving_asks_what_the_page_says(client: Client, treasurer: User, pays_online: bool) -> None:
    Tier.objects.filter(slug="cultivate").update(needs_approval=True)
    membership = join(timezone.localdate(), tier="cultivate")
    membership.application.pays_online = pays_online
    membership.application.save()
    page = words_of(client.get(address("approve", membership)))
    what = "uitnodiging tot betaling" if pays_online else "factuur"
    assert f"Er wordt een {what} van 3.000,00 euro, exclusief btw, opgemaakt en gemaild." in page
    post(client, "approve", membership)
    document = Invoice.documents.get()
    assert (document.is_pro_forma, document.net) == (pays_online, Decimal(3000))
    drain()
    assert [each.recipient for each in OutgoingMail.objects.filter(recipient=document.email)]


def test_sending_again_mails_who_the_page_says(client: Client, treasurer: User) -> None:
    membership_of(10)
    invoice = Invoice.objects.get()
    drain()
    OutgoingMail.objects.all().delete()
    url = f"/admin/billing/invoices/send/{invoice.pk}/"
    page = client.get(url)
    assert f"De e-mail met de pdf vertrekt naar {invoice.email}." in words_of(page)
    seal = {"seal": page.context["form"]["seal"].value()}
    assert f"onderweg naar {invoice.email}" in words_of(client.post(url, seal, follow=True))
    assert [each.recipient for each in mailed("billing/invoice")] == [invoice.email]
