from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from billing.models import Invoice
from billing.operations.invoices import credit_invoice
from home.models import HomePage
from membership.forms import UpgradeForm
from membership.models import Affiliation, Charge, Membership, Organisation, Tier
from membership.queries.standing import shown_memberships
from tests.factories.accounts import make_user
from tests.factories.billing import fill_in_issuer, issue
from tests.membership.life import join, pay_all

pytestmark = pytest.mark.django_db
OVERVIEW = "/nl/mijn-organisatie/"


@pytest.fixture
def member(home: HomePage) -> Membership:
    """A paid membership at Connect, as of today."""
    fill_in_issuer()
    today = timezone.localdate()
    membership = join(today)
    pay_all(today)
    membership.refresh_from_db()
    return membership


@pytest.fixture
def contact(client: Client, member: Membership) -> User:
    """Its main contact, logged in."""
    user = User.objects.get(email="noor@lantaarnwerk.example")
    client.force_login(user)
    return user


def address(name: str, membership: Membership) -> str:
    return reverse(f"membership:own_{name}", args=[membership.pk])


def post(client: Client, name: str, membership: Membership, **words: str) -> Any:
    return client.post(address(name, membership), words)


def test_the_overview_shows_membership_invoices_and_people(
    client: Client, contact: User, member: Membership, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    colleague = make_user(email="collega@lantaarnwerk.example")
    Affiliation.objects.create(organisation=member.organisation, user=colleague)
    client.get(OVERVIEW)
    with django_assert_max_num_queries(16):
        content = client.get(OVERVIEW).content.decode()
    invoice = Invoice.objects.get()
    for words in (
        "Lantaarnwerk",
        "Connect",
        invoice.number,
        "Betaald",
        colleague.get_full_name(),
        "hoofdcontact",
    ):
        assert words in content
    for name in ("upgrade", "next_tier", "resign"):
        assert address(name, member) in content


def test_a_colleague_sees_no_invoices_and_changes_nothing(client: Client, member: Membership) -> None:
    colleague = make_user()
    Affiliation.objects.create(organisation=member.organisation, user=colleague)
    client.force_login(colleague)
    content = client.get(OVERVIEW).content.decode()
    assert "Lantaarnwerk" in content
    assert Invoice.objects.get().number not in content
    for name in ("upgrade", "next_tier", "resign", "stay"):
        assert address(name, member) not in content
        assert client.get(address(name, member)).status_code == 404
        assert post(client, name, member, because="budget").status_code == 404
    member.refresh_from_db()
    assert member.resigned_at is None


def test_who_is_not_logged_in_is_asked_to_and_a_stranger_finds_nothing(
    client: Client, member: Membership
) -> None:
    for path in (OVERVIEW, address("upgrade", member)):
        answer = client.get(path)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/nl/account/login/")
    client.force_login(make_user())
    assert "geen enkele organisatie" in client.get(OVERVIEW).content.decode()
    assert client.get(address("resign", member)).status_code == 404


def test_what_an_upgrade_costs_afterwards_follows_the_size_of_then(
    client: Client, contact: User, member: Membership
) -> None:
    before = client.get(address("upgrade", member)).content.decode()
    Organisation.objects.update(employees=60)
    after = client.get(address("upgrade", member)).content.decode()
    now, later = "nu 2.000,00\N{NO-BREAK SPACE}euro", "daarna {}\N{NO-BREAK SPACE}euro per jaar"
    assert now in before
    assert now in after
    assert later.format("3.000,00") in before
    assert later.format("5.000,00") in after


def test_who_is_at_the_top_reads_that_there_is_nothing_higher(
    client: Client, contact: User, member: Membership
) -> None:
    Membership.objects.update(tier=Tier.objects.get(slug="stuurgroep"))
    answer = client.get(address("upgrade", member), follow=True)
    assert "U hebt al de hoogste formule" in answer.content.decode()


def test_an_upgrade_is_quoted_with_vat_and_leads_to_its_invoice(
    client: Client, contact: User, member: Membership
) -> None:
    page = client.get(address("upgrade", member)).content.decode()
    assert (
        "nu 2.000,00\N{NO-BREAK SPACE}euro, exclusief btw (2.420,00\N{NO-BREAK SPACE}euro inclusief" in page
    )
    assert "checked" not in page
    assert "checked" not in str(UpgradeForm([("cultivate:2000.00", "Cultivate")])), (
        "one chooses what one pays"
    )
    answer = post(client, "upgrade", member, choice="cultivate:1.00")
    assert "prijs is intussen gewijzigd" in answer.content.decode()
    assert Charge.objects.count() == 1
    answer = post(client, "upgrade", member, choice="cultivate:2000.00")
    invoice = Invoice.objects.latest("pk")
    assert answer.headers["Location"] == OVERVIEW
    own_invoice = reverse("billing:own_invoice", args=[invoice.pk])
    assert own_invoice in client.get(OVERVIEW).content.decode()
    content = client.get(own_invoice).content.decode()
    assert f'href="{OVERVIEW}">Terug naar Mijn organisatie' in content
    assert "Overstap naar lidmaatschap Cultivate" in content
    member.refresh_from_db()
    assert (member.tier.slug, str(invoice.gross)) == ("cultivate", "2420.00")
    again = post(client, "upgrade", member, choice="cultivate:2000.00")
    assert again.status_code == 200
    assert Invoice.objects.count() == 2


def test_a_lower_tier_is_chosen_for_the_next_year(client: Client, contact: User, member: Membership) -> None:
    inform = Tier.objects.get(slug="inform")
    page = client.get(address("next_tier", member)).content.decode()
    assert "Connect: 1.000,00\N{NO-BREAK SPACE}euro per jaar, exclusief btw" in page
    assert "Inform: 135,00\N{NO-BREAK SPACE}euro per jaar" in page
    assert f'href="{address("upgrade", member)}"' in page  # why Cultivate is not among them
    assert post(client, "next_tier", member, tier="inform").headers["Location"] == OVERVIEW
    member.refresh_from_db()
    assert (member.tier.slug, member.next_tier) == ("connect", inform)
    day = date_format(member.next_term_on, "DATE_FORMAT") if member.next_term_on else ""
    content = client.get(OVERVIEW).content.decode()
    assert f"Vanaf {day} bent u lid met de formule Inform." in content
    assert f"(vanaf {day}: Inform)" in content


def test_a_higher_tier_that_asks_for_approval_is_not_offered_at_once(
    client: Client, contact: User, member: Membership
) -> None:
    Tier.objects.filter(rank__gt=member.tier.rank).update(needs_approval=True)
    assert address("upgrade", member) not in client.get(address("next_tier", member)).content.decode()


def test_resigning_needs_a_reason_and_can_be_taken_back(
    client: Client, contact: User, member: Membership
) -> None:
    refused = post(client, "resign", member, note="Zonder reden")
    assert refused.status_code == 200
    assert "Zonder reden" in refused.content.decode()
    assert post(client, "resign", member, because="budget", note="Te duur").status_code == 302
    member.refresh_from_db()
    assert (member.resigned_because, member.resigned_note) == ("budget", "Te duur")
    content = client.get(OVERVIEW).content.decode()
    assert "opgezegd" in content
    assert content.count(date_format(member.ends_on or date.min)) == 2  # in the notice and among the facts
    assert address("upgrade", member) not in content
    assert client.get(address("upgrade", member)).headers["Location"] == OVERVIEW
    assert post(client, "stay", member).status_code == 302
    member.refresh_from_db()
    assert member.resigned_at is None


def test_who_is_late_reads_until_when_and_cannot_change_the_tier(
    client: Client, contact: User, member: Membership
) -> None:
    last = date(2030, 5, 6)
    assert "Loopt tot en met" in client.get(OVERVIEW).content.decode()
    Membership.objects.update(status="grace", lapses_on=last)
    customer = member.organisation.customer
    assert customer
    late, later = [issue(customer=customer, at=timezone.now() - timedelta(days=days)) for days in (60, 40)]
    Invoice.objects.filter(pk=late.pk).update(status="overdue")
    content = client.get(OVERVIEW).content.decode()
    assert "6\N{NO-BREAK SPACE}mei\N{NO-BREAK SPACE}2030" in content
    assert "Loopt tot en met" not in content
    notice = content[content.index("notice-mind") : content.index("</section>")].split("</a>")[0]
    assert reverse("billing:own_invoice", args=[late.pk]) in notice
    assert reverse("billing:own_invoice", args=[later.pk]) not in notice
    assert f"Vervallen: moest betaald zijn tegen {date_format(late.due_on)}" in content
    assert address("upgrade", member) not in content
    assert client.get(address("upgrade", member)).status_code == 302
    assert client.get(address("resign", member)).status_code == 200


@pytest.mark.parametrize("status", ["past_due", "grace"])
def test_who_cancelled_and_is_late_reads_both(
    client: Client, contact: User, member: Membership, status: str
) -> None:
    assert member.ends_on
    resigned = {"resigned_at": timezone.now(), "resigned_because": "budget"}
    goes_on, until = (
        "loopt het lidmaatschap gewoon verder",
        f"loopt nog tot en met {date_format(member.ends_on)}",
    )
    Membership.objects.update(status=status, lapses_on=date(2030, 5, 6))
    content = client.get(OVERVIEW).content.decode()
    assert goes_on in content
    assert until not in content
    Membership.objects.update(**resigned)
    content = client.get(OVERVIEW).content.decode()
    assert goes_on not in content
    assert "Betaling te laat: betaalt u niet vóór 6" in content
    assert until in content
    assert "Dat geldt zodra u betaald hebt; zonder betaling eindigt het vroeger." in content
    Membership.objects.update(status="active", lapses_on=None)
    content = client.get(OVERVIEW).content.decode()
    assert until in content
    assert "Tot dan verandert er niets." in content
    assert "zonder betaling" not in content


def test_a_former_member_sees_old_invoices_and_the_way_back(
    client: Client, contact: User, member: Membership
) -> None:
    Membership.objects.update(status="lapsed", ends_on=timezone.localdate() + timedelta(days=1))
    content = client.get(OVERVIEW).content.decode()
    invoice = Invoice.objects.get()
    assert invoice.number in content
    assert reverse("membership:join") in content
    assert "Opnieuw lid worden" in content
    assert f"Beëindigd; de laatste dag was {date_format(timezone.localdate() + timedelta(days=1))}" in content
    assert "creditnota" not in content
    credit_invoice(invoice=invoice, reason="Dubbel", at=timezone.now(), by=None)
    content = client.get(OVERVIEW).content.decode()
    assert "Facturen en creditnota" in content
    assert "&minus;1.210,00\N{NO-BREAK SPACE}euro" in content
    assert client.get(address("resign", member)).status_code == 404


@pytest.mark.parametrize(
    ("statuses", "shown"),
    [
        (["awaiting_payment", "closed"], "awaiting_payment"),  # of two organisations that were merged
        (["active", "closed"], "active"),
        (["lapsed", "closed"], "lapsed"),
        (["lapsed", "applied"], "lapsed"),  # nobody of the organisation sent it
        (["lapsed", "awaiting_payment"], "awaiting_payment"),
        (["closed", "active"], "active"),
        (["closed", "closed"], "closed"),
    ],
)
def test_an_application_that_was_closed_or_is_a_strangers_hides_no_other(
    statuses: list[str], shown: str
) -> None:
    organisation = Organisation.objects.create(name="Brug")
    for number, status in enumerate(statuses):
        membership = Membership.objects.create(
            organisation=organisation,
            tier=Tier.objects.get(rank=1),
            applied_at=timezone.now() + timedelta(days=number),
            status=status,
            starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31),
        )
    found = shown_memberships([organisation.pk])[organisation.pk]
    assert found.status == shown
    assert found == membership or len(set(statuses)) > 1
