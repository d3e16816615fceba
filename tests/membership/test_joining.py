import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from pytest_django import Settings

from accounts.models import User
from billing.models import Invoice
from billing.operations.invoices import record_payment
from cms.models import Menu, MenuItem
from home.models import HomePage
from membership.models import (
    Affiliation,
    Application,
    Membership,
    MembershipPage,
    Organisation,
    Price,
    Tier,
)
from membership.operations.joining import approve_application
from membership.operations.starting import start_membership
from membership.rules import last_day_of_term
from tests.desk import words_of
from tests.factories.billing import fill_in_issuer
from tests.membership.test_pages import add_member
from tests.membership.test_viewsets import staff
from tests.queue import drain

pytestmark = pytest.mark.django_db
NOW = timezone.now()
ADDRESS = "/nl/word-lid/?tier=connect&kind=company&employees=25"
OWN = {"origin": "http://testserver", "sec-fetch-site": "same-origin"}
WORDS = {
    "name": "Lantaarnwerk",
    "enterprise_number": "BE 0999.101.384",
    "street": "Lampstraat 1",
    "postcode": "9000",
    "city": "Gent",
    "first_name": "Noor",
    "last_name": "Lanterman",
    "email": "noor@lantaarnwerk.example",
    "code_of_conduct": "on",
}


@pytest.fixture(autouse=True)
def _site(home: HomePage) -> None:
    """Pages need a site, invoices an issuer."""
    fill_in_issuer()


def join(client: Client, **changes: str) -> Any:
    return client.post(ADDRESS, {**WORDS, **changes}, headers=OWN)


def pay(invoice: Invoice) -> None:
    record_payment(
        invoice=invoice,
        amount=invoice.gross,
        method="transfer",
        received_on=timezone.localdate(NOW),
        external_reference=f"test-{invoice.pk}",
        by=None,
        at=NOW,
    )


def test_what_is_to_be_accepted_stays_linked_in_a_form_that_was_refused(
    client: Client, home: HomePage
) -> None:
    rules = home.add_child(instance=MembershipPage(title="Huisregels", slug="huisregels"))
    home.add_child(instance=MembershipPage(title="Lid worden", slug="word-lid", code_of_conduct=rules))
    link = '<a href="/nl/huisregels/">Huisregels</a>'
    assert link in client.get(ADDRESS).content.decode()
    refused = join(client, code_of_conduct="")
    assert refused.status_code == 200
    assert link in refused.content.decode()


def test_from_the_choice_to_a_running_membership(client: Client) -> None:
    page = client.get(ADDRESS).content.decode()
    assert "1.000,00\N{NO-BREAK SPACE}euro" in page
    response = join(client)
    assert response.status_code == 302
    invoice = Invoice.objects.get()
    assert (invoice.net, invoice.vat, invoice.gross) == (Decimal(1000), Decimal(210), Decimal(1210))
    membership = Membership.objects.get()
    assert (membership.status, membership.organisation.is_confirmed) == ("awaiting_payment", False)
    assert not User.objects.filter(email=WORDS["email"]).exists()

    pay(invoice)
    membership.refresh_from_db()
    today = timezone.localdate(NOW)
    assert (membership.status, membership.starts_on) == ("active", today)
    assert membership.ends_on == last_day_of_term(today)
    user = User.objects.get(email=WORDS["email"])
    assert set(user.groups.values_list("name", flat=True)) == {"tier-inform", "tier-connect"}
    assert Affiliation.objects.get().role == Affiliation.Role.MAIN_CONTACT
    drain()
    assert {message.to[0] for message in mail.outbox} == {WORDS["email"]}
    assert len(mail.outbox) == 2


def test_who_applies_at_a_tier_that_the_treasurer_lets_ask_for_approval_waits_for_it(client: Client) -> None:
    desk, tier = staff("finance"), Tier.objects.get(slug="connect")
    url = f"/admin/memberships/tiers/edit/{tier.pk}/"
    words = {"name_nl": tier.name_nl, "name_en": tier.name_en}
    assert "Medewerkers keuren een aanvraag goed" in desk.get(url).content.decode()
    assert desk.post(url, {**words, "needs_approval": "on"}).status_code == 302
    assert join(client).status_code == 302
    membership = Membership.objects.get()
    assert (membership.status, Invoice.objects.count()) == ("applied", 0)
    drain()
    assert {message.to[0] for message in mail.outbox} == {WORDS["email"], "facturen@demo.example"}
    assert desk.post(f"/admin/memberships/approve/{membership.pk}/").status_code == 302
    pay(Invoice.objects.get())
    membership.refresh_from_db()
    assert membership.status == "active"

    assert desk.post(url, words).status_code == 302
    changes = {"enterprise_number": "0999.888.767", "email": "an@brug.example"}
    assert join(client, **changes).status_code == 302
    assert Membership.objects.filter(status="awaiting_payment").count() == 1


def test_the_contact_sees_the_invoice_when_logged_in_and_a_colleague_does_not(client: Client) -> None:
    join(client)
    invoice = Invoice.objects.get()
    pay(invoice)
    address = f"/nl/facturen/{invoice.pk}/"
    client.force_login(User.objects.get(email=WORDS["email"]))
    assert client.get(address).status_code == 200
    colleague = User.objects.create_user("collega@lantaarnwerk.example")
    Organisation.objects.get().affiliations.create(user=colleague)
    client.force_login(colleague)
    assert client.get(address).status_code == 404


def test_a_second_signal_changes_nothing(client: Client) -> None:
    join(client)
    pay(Invoice.objects.get())
    membership = Membership.objects.get()
    start_membership(membership=membership, at=NOW, by=None)
    assert Affiliation.objects.count() == 1
    assert User.objects.filter(email=WORDS["email"]).count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("enterprise_number", "0999.101.385"),
        ("enterprise_number", "2999.101.384"),
        ("enterprise_number", "abc"),
        ("email", "noor@"),
        ("vat_number", "BE 0999.101.385"),
        ("name", "x" * 10_000),
        ("first_name", "a\x00b"),
        ("website", "javascript:alert(1)"),
        ("code_of_conduct", ""),
    ],
)
def test_bad_input_is_said_beside_its_field_and_nothing_is_lost(
    client: Client, field: str, value: str
) -> None:
    response = join(client, **{field: value})
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert 'value="Lampstraat 1"' in response.content.decode()
    assert not Membership.objects.exists()
    assert not Invoice.objects.exists()


def test_a_website_and_a_number_that_cannot_be_are_refused_in_words_of_ours(client: Client) -> None:
    html = join(client, website="geen adres").content.decode()
    assert '"#id_website">Vul het adres van een website in' in html
    html = client.get("/nl/word-lid/?tier=connect&kind=company&employees=9999999").content.decode()
    assert '"#id_employees">Kijk het aantal medewerkers na' in html


@pytest.mark.parametrize("name", ["Straatbeeld 🚦 bv", "李", "שלום", "شركة", "Cafe\u0301", "Ünïcödé"])
def test_signs_of_all_scripts_are_taken(client: Client, name: str) -> None:
    response = join(client, name=name, street=f"{name} 1", city=name, po_number=name)
    assert response.status_code == 302
    assert Organisation.objects.get().name == name
    assert Invoice.objects.get().name == name
    drain()
    (message,) = mail.outbox
    ((_name, content, kind),) = message.attachments
    assert (content[:4], kind) == (b"%PDF", "application/pdf")
    address = response["Location"].partition("?")[0]
    assert name in client.get(address).content.decode()
    paper = client.get(f"{address}pdf/")
    assert (paper.status_code, paper["Content-Type"]) == (200, "application/pdf")


@pytest.mark.parametrize(
    "query",
    [
        "tier=connect&kind=local_government&employees=25",
        "tier=x&kind=company&employees=25",
        "tier=connect&kind=company&employees=-1",
        "tier=connect&kind=company&employees=99999999999999999999",
        "tier=%00&kind=company&employees=1",
    ],
)
def test_a_choice_that_cannot_be_is_asked_again(client: Client, query: str) -> None:
    response = client.get(f"/nl/word-lid/?{query}")
    assert response.status_code == 200
    assert response.context["form"].errors


@pytest.mark.parametrize("query", ["", "?tier=connect&kind=company&employees=25"])
def test_joining_stands_below_the_membership_page(client: Client, home: HomePage, query: str) -> None:
    above = home.add_child(instance=MembershipPage(title="Lid worden", slug="lid", locale=home.locale))
    menu = Menu.objects.create(locale=home.locale, place=Menu.Place.HEADER)
    MenuItem.objects.create(menu=menu, label="Lid worden", page=above)
    html = client.get(f"/nl/word-lid/{query}").content.decode()
    assert f'<li><a href="{above.url}">Lid worden</a></li><li><span aria-current="page">' in html
    assert f'<a href="{above.url}" aria-current="true">Lid worden</a>' in html


def test_a_members_number_is_passed_on_and_betrays_nothing(client: Client) -> None:
    member = add_member("Lantaarnwerk", enterprise_number="0999101384")
    contact = User.objects.create_user("baas@lantaarnwerk.example")
    Affiliation.objects.create(organisation=member, user=contact, role=Affiliation.Role.MAIN_CONTACT)
    response = join(client, email="ander@lantaarnwerk.example")
    assert response["Location"].endswith("/nl/word-lid/doorgegeven/")
    assert not Invoice.objects.exists()
    drain()
    assert [message.to[0] for message in mail.outbox] == [
        "baas@lantaarnwerk.example",
        "ander@lantaarnwerk.example",
    ]


def test_two_applications_with_one_number_both_paid_lose_no_money(client: Client) -> None:
    join(client)
    join(client, email="ander@lantaarnwerk.example")
    for invoice in Invoice.objects.all():
        pay(invoice)
    assert sorted(Membership.objects.values_list("status", flat=True)) == ["active", "applied"]
    assert set(Invoice.objects.values_list("status", flat=True)) == {"paid"}
    assert Organisation.objects.filter(is_confirmed=True).count() == 1
    assert Application.objects.count() == 2


def test_a_second_click_leads_to_the_same_invoice_and_a_correction_to_another(client: Client) -> None:
    assert [join(client).status_code for _time in range(2)] == [302, 302]
    assert Invoice.objects.count() == Membership.objects.filter(status="awaiting_payment").count() == 1
    assert join(client, street="Lampstraat 2").status_code == 302
    assert Invoice.objects.count() == 2


def test_who_types_the_number_of_a_former_member_waits_for_staff(client: Client) -> None:
    former = add_member("Lantaarnwerk", enterprise_number="0999101384")
    former.memberships.update(status=Membership.Status.LAPSED)
    contact = User.objects.create_user("baas@lantaarnwerk.example")
    Affiliation.objects.create(organisation=former, user=contact, role=Affiliation.Role.MAIN_CONTACT)
    for _time in range(2):
        assert join(client)["Location"].endswith("/nl/word-lid/doorgegeven/")
    assert not Invoice.objects.exists()
    drain()
    assert sorted(message.to[0] for message in mail.outbox) == [
        "baas@lantaarnwerk.example",
        "facturen@demo.example",
        "noor@lantaarnwerk.example",
    ]

    staff = User.objects.create_user("penning@demo.example")
    approve_application(membership=former.memberships.get(status="applied"), at=NOW, by=staff)
    pay(Invoice.objects.get())
    assert former.memberships.filter(status="active").count() == 1
    assert Organisation.objects.count() == 1
    assert set(former.affiliations.values_list("role", flat=True)) == {"main_contact"}


def test_a_contact_who_is_logged_in_joins_again_at_once(client: Client) -> None:
    former = add_member("Lantaarnwerk", enterprise_number="0999101384")
    former.memberships.update(status=Membership.Status.LAPSED)
    contact = User.objects.create_user(WORDS["email"])
    Affiliation.objects.create(organisation=former, user=contact, role=Affiliation.Role.MAIN_CONTACT)
    client.force_login(contact)
    assert "/facturen/" in join(client)["Location"]
    pay(Invoice.objects.get())
    assert former.memberships.filter(status="active").count() == 1


@pytest.mark.parametrize(
    ("starts_on", "last_day"),
    [
        (date(2026, 11, 23), date(2027, 11, 22)),
        (date(2028, 2, 29), date(2029, 2, 28)),
        (date(2027, 3, 1), date(2028, 2, 29)),
    ],
)
def test_a_term_is_twelve_months(starts_on: date, last_day: date) -> None:
    assert last_day_of_term(starts_on) == last_day


@pytest.mark.parametrize(("fee", "is_offered"), [("0.30", False), ("826446.27", True), ("900000.00", False)])
def test_paying_online_is_offered_only_for_what_stripe_takes(
    client: Client, settings: Settings, fee: str, is_offered: bool
) -> None:
    """1,089,000.00 euro with VAT is no fee, but the form and its page must not promise what cannot be."""
    settings.STRIPE_SECRET_KEY = settings.STRIPE_WEBHOOK_SECRET = "sk_test_nothing"
    Price.objects.filter(tier__slug="connect").update(yearly_fee=Decimal(fee))
    shown = client.get(ADDRESS).text
    assert ('name="payment"' in shown) == is_offered
    words = {**WORDS, "payment": "transfer"} if is_offered else WORDS
    answer = client.post(ADDRESS, words, headers=OWN)
    assert answer.status_code == 302
    page = client.get(answer["Location"].removeprefix("http://testserver")).text
    assert ("Factuur online betalen" in page) == is_offered


@pytest.mark.parametrize(("language", "said"), [("nl", "nu 1.100,00"), ("en", "now €1,100.00")])
def test_a_price_that_changed_since_the_page_was_opened_is_shown_before_anything_is_invoiced(
    client: Client, language: str, said: str
) -> None:
    with override(language):
        address = f"{reverse('membership:join')}?tier=connect&kind=company&employees=25"
    shown = client.get(address)
    quoted = {"quoted": value_of(shown, "quoted")}
    assert quoted["quoted"] == "1000.00"
    Price.objects.filter(tier__slug="connect").update(yearly_fee=1100)
    asked = client.post(address, {**WORDS, **quoted}, headers=OWN)
    page = words_of(asked)
    assert (asked.status_code, Membership.objects.count(), Invoice.objects.count()) == (200, 0, 0)
    assert said in page
    assert WORDS["name"] in asked.content.decode(), "what was typed is kept"
    agreed = {"quoted": value_of(asked, "quoted")}
    assert client.post(address, {**WORDS, **agreed}, headers=OWN).status_code == 302
    assert Invoice.objects.get().net == 1100


@pytest.mark.parametrize("quoted", ["", "veel", "NaN", "sNaN", "Infinity", "1" * 5000, "1e999999999"])
def test_a_price_that_no_page_showed_breaks_nothing(client: Client, quoted: str) -> None:
    assert join(client, quoted=quoted).status_code in (200, 302)


def value_of(answer: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())
    assert found
    return found[1]
