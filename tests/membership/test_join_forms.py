"""Each kind of organisation joins by a form of its own, and so does an organisation of another country."""

from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from billing.models import Customer, Invoice, VatCheck
from billing.operations.delivery import private_url
from billing.operations.vat_checks import decide_vat_number
from home.models import HomePage
from membership.forms import JOIN_FORMS
from membership.models import Membership, Organisation
from membership.operations.joining import approve_application
from tests.factories.billing import DUTCH_VAT, fill_in_issuer
from tests.membership.test_joining import OWN, WORDS
from tests.queue import drain

pytestmark = pytest.mark.django_db
KINDS = ("company", "local_government", "knowledge_institution", "other")


@pytest.fixture(autouse=True)
def _site(home: HomePage) -> None:
    fill_in_issuer()


def address(kind: str, language: str = "nl") -> str:
    path = "nl/word-lid" if language == "nl" else "en/join"
    tier = "connect" if kind == "company" else "inform"
    return f"/{path}/?tier={tier}&kind={kind}&employees=25"


def join(client: Client, kind: str = "company", **changes: str) -> Any:
    return client.post(address(kind), {**WORDS, **changes}, headers=OWN)


def labels(client: Client, kind: str) -> list[str]:
    form = client.get(address(kind)).context["form"]
    return [str(field.label) for field in form]


def test_every_kind_has_a_form_and_each_asks_in_its_own_words(client: Client) -> None:
    assert set(JOIN_FORMS) == set(Organisation.Kind.values)
    assert len(set(JOIN_FORMS.values())) == len(KINDS)
    assert labels(client, "company")[0] == "Naam van het bedrijf"
    assert labels(client, "local_government")[0] == "Naam van het lokaal bestuur"
    assert labels(client, "knowledge_institution")[0] == "Naam van de kennisinstelling"
    assert labels(client, "other")[0] == "Naam van de organisatie"
    assert "Functie en dienst" in labels(client, "local_government")
    assert "Land" not in labels(client, "local_government")
    assert "Land" in labels(client, "company")


@pytest.mark.parametrize("kind", KINDS)
def test_an_organisation_of_each_kind_joins(client: Client, kind: str) -> None:
    assert join(client, kind).status_code == 302
    membership = Membership.objects.get()
    assert (membership.status, membership.organisation.kind) == ("awaiting_payment", kind)
    assert (membership.organisation.country, Invoice.objects.get().country) == ("BE", "BE")


@pytest.mark.parametrize("kind", KINDS[:3])
def test_who_certainly_has_a_number_must_give_it(client: Client, kind: str) -> None:
    refused = join(client, kind, enterprise_number="")
    assert list(refused.context["form"].errors) == ["enterprise_number"]
    assert not Membership.objects.exists()


def test_an_association_without_a_number_is_looked_at_first(client: Client) -> None:
    fill_in_issuer(email="leden@scv.example")
    answer = join(client, "other", enterprise_number="")
    assert answer["Location"] == "/nl/word-lid/doorgegeven/"
    membership = Membership.objects.get()
    assert membership.status == "applied"
    assert not Invoice.objects.exists()
    drain()
    assert {WORDS["email"], "leden@scv.example"} <= {message.to[0] for message in mail.outbox}
    other = join(client, "other", enterprise_number="", name="Buurtkomitee", email="an@buurt.example")
    assert other.status_code == 302
    assert Membership.objects.count() == 2
    approve_application(
        membership=membership, at=timezone.now(), by=User.objects.create_user("s@demo.example")
    )
    assert Invoice.objects.get().enterprise_number == ""


def test_a_business_of_another_member_state_waits_for_its_vat_number_and_owes_the_vat_itself(
    client: Client,
) -> None:
    join(client, country="NL", enterprise_number="12345678", vat_number=DUTCH_VAT)
    membership = Membership.objects.get()
    assert (membership.status, membership.organisation.country) == ("applied", "NL")
    assert not Invoice.objects.exists()
    customer = Customer.objects.get()
    assert membership.organisation.customer == customer
    assert (customer.country, customer.vat_number) == ("NL", DUTCH_VAT)
    staff = User.objects.create_user("s@demo.example")
    now = timezone.now()
    decide_vat_number(customer=customer, is_confirmed=True, reason="gebeld", at=now, by=staff)
    assert VatCheck.objects.count() == 1
    approve_application(membership=membership, at=now, by=staff)
    invoice = Invoice.objects.get()
    assert (invoice.gross, invoice.vat, invoice.country) == (Decimal(1000), Decimal(0), "NL")
    assert invoice.lines.get().vat_category == "AE"
    assert (invoice.customer, invoice.enterprise_number) == (customer, "12345678")


def test_an_association_abroad_without_a_number_is_asked_about_too(client: Client) -> None:
    join(client, "other", country="NL", enterprise_number="", vat_number=DUTCH_VAT)
    membership, now = Membership.objects.get(), timezone.now()
    customer = membership.organisation.customer
    assert customer is not None
    assert customer.vat_asked_at is not None
    staff = User.objects.create_user("s@demo.example")
    decide_vat_number(customer=customer, is_confirmed=True, reason="gebeld", at=now, by=staff)
    approve_application(membership=membership, at=now, by=staff)
    assert Invoice.objects.get().lines.get().vat_category == "AE"


def test_the_same_number_in_another_spelling_is_the_same(client: Client) -> None:
    Organisation.objects.create(
        name="Amsterdams", country="NL", enterprise_number="12345678", is_confirmed=True
    )
    answer = join(client, country="NL", enterprise_number="1234-56 78")
    assert answer["Location"] == "/nl/word-lid/doorgegeven/"


def test_a_business_of_another_member_state_without_vat_number_pays_belgian_vat_at_once(
    client: Client,
) -> None:
    join(client, country="FR", enterprise_number="552 008 443")
    invoice = Invoice.objects.get()
    assert (invoice.gross, invoice.country, invoice.enterprise_number) == (Decimal(1210), "FR", "552008443")
    assert Membership.objects.get().status == "awaiting_payment"
    page = client.get(f"/nl/facturen/{invoice.pk}/")
    assert page.status_code == 302, "nobody is logged in"


def test_a_business_outside_the_union_joins(client: Client) -> None:
    join(client, country="GB", enterprise_number="SC123456", vat_number="GB 980 7806 84")
    membership = Membership.objects.get()
    assert membership.status == "applied"  # its invoice bears no VAT: somebody looks first
    approve_application(
        membership=membership, at=timezone.now(), by=User.objects.create_user("s@demo.example")
    )
    invoice = Invoice.objects.get()
    assert (invoice.vat, invoice.vat_number) == (Decimal(0), "GB980780684")
    assert invoice.lines.get().vat_category == "O"
    client.force_login(User.objects.create_superuser("b@demo.example", "x"))
    assert (
        "Verenigd Koninkrijk" in client.get(private_url(invoice=invoice, at=timezone.now())).content.decode()
    )


def test_a_number_blocks_in_its_own_country_only(client: Client) -> None:
    Organisation.objects.create(
        name="Amsterdams", country="NL", enterprise_number="0999101384", is_confirmed=True
    )
    join(client)
    assert Membership.objects.get().organisation.country == "BE"
    assert Membership.objects.get().status == "awaiting_payment"
    second = join(client, country="NL", enterprise_number="0999101384", email="piet@amsterdam.example")
    assert second["Location"] == "/nl/word-lid/doorgegeven/"


@pytest.mark.parametrize(
    ("changes", "field", "dutch", "english"),
    [
        ({"country": "FR"}, "enterprise_number", "Frankrijk", "France"),
        (
            {"enterprise_number": "552 008 443"},
            "enterprise_number",
            "tikfout maakte, of kies een ander land",
            "typing error, or choose another country",
        ),
        (
            {"enterprise_number": "2999.101.384"},
            "enterprise_number",
            "kies een ander land",
            "another country",
        ),
        (
            {"country": "GB", "enterprise_number": "SC1", "vat_number": "GB1"},
            "vat_number",
            "Verenigd",
            "United",
        ),
        ({"country": "XX"}, "country", "landen", "countries"),
    ],
)
def test_a_number_of_another_country_is_refused_beside_its_field_and_kept(
    client: Client, changes: dict[str, str], field: str, dutch: str, english: str
) -> None:
    for language, said in (("nl", dutch), ("en", english)):
        page = client.post(address("company", language), {**WORDS, **changes}, headers=OWN)
        assert page.status_code == 200
        assert said in str(page.context["form"].errors[field])
        html = page.content.decode()
        assert 'value="Lampstraat 1"' in html
        if "country" in changes and field != "country":
            assert f'<option value="{changes["country"]}" selected>' in html
    assert not Membership.objects.exists()


def test_who_is_asked_no_country_is_not_told_to_choose_one(client: Client) -> None:
    for number in ("552 008 443", "2999.101.384"):
        page = client.post(address("local_government"), {**WORDS, "enterprise_number": number}, headers=OWN)
        (said,) = page.context["form"].errors["enterprise_number"]
        assert "ondernemingsnummer" in said
        assert "land" not in said


def test_a_government_pays_by_transfer_unless_it_says_otherwise(client: Client, settings: Any) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = "sk_test_form", "whsec_form"
    form = client.get(address("local_government")).context["form"]
    assert form["payment"].value() == "transfer"
    assert client.get(address("company")).context["form"]["payment"].value() == "online"
