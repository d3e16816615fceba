"""Customers and the association's details, as the treasurer types them."""

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import User
from billing.models import Customer, Issuer
from cms.operations.roles import load_roles
from tests.factories.billing import ISSUER, CustomerFactory, fill_in_issuer

pytestmark = pytest.mark.django_db


@pytest.fixture
def treasurer(client: Client) -> Client:
    load_roles()
    user = User.objects.create_user("penning@demo.example", is_staff=True)
    user.groups.add(Group.objects.get(name="finance"))
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    "wrong",
    [
        {"vat_number": "BE0999888768"},
        {"vat_number": "XX123"},
        {"enterprise_number": "2999888767"},
        {"enterprise_number": "999888768"},
        {"country": "be"},
        {"peppol_id": "0999888767"},
        {"email": "geen adres"},
        {"name": "x" * 151},
    ],
)
def test_what_is_wrong_is_refused(wrong: dict[str, str]) -> None:
    customer = CustomerFactory.build(peppol_id="0208:0999888767")
    customer.full_clean()
    with pytest.raises(ValidationError) as refused:
        CustomerFactory.build(**{"peppol_id": "0208:0999888767", **wrong}).full_clean()
    assert set(refused.value.message_dict) == set(wrong)


def test_numbers_are_kept_without_the_points_that_people_type() -> None:
    customer = CustomerFactory.build(vat_number="BE 0999.888.767")
    customer.full_clean()
    assert customer.vat_number == "BE0999888767"
    old = CustomerFactory.build(enterprise_number="999.888.767")  # as it was written before 2008
    old.full_clean()
    assert old.enterprise_number == "0999888767"
    foreign = CustomerFactory.build(country="NL", vat_number="NL 4495445B01", enterprise_number="")
    foreign.full_clean()
    assert foreign.address_lines == ["Testkaai 7", "2000 Antwerpen", "Nederland"]


def test_the_treasurer_changes_a_customer_and_adds_one(treasurer: Client) -> None:
    customer = CustomerFactory.create()
    form = {"name": "Nieuw bv", "email": "nieuw@demo.example", "country": "BE", "language": "nl"}
    assert treasurer.post(f"/admin/billing/customers/edit/{customer.pk}/", form).status_code == 302
    customer.refresh_from_db()
    assert customer.name == "Nieuw bv"
    assert treasurer.post("/admin/billing/customers/new/", form).status_code == 302
    assert Customer.objects.count() == 2
    page = treasurer.post("/admin/billing/customers/new/", {**form, "vat_number": "BE0999888768"})
    assert "Dit is geen btw-nummer" in page.content.decode()


def test_the_treasurer_fills_in_the_association(treasurer: Client) -> None:
    address = f"/admin/settings/billing/issuer/{Issuer.load().pk}/"
    form = {
        **ISSUER,
        "country": "BE",
        "vat_regime": "standard",
        "payment_days": "14",
        "ledger_account": "730000",
    }
    page = treasurer.post(address, {**form, "iban": "BE90 9992 0260 0133"})
    assert "De controlecijfers van deze IBAN kloppen niet." in page.content.decode()
    page = treasurer.post(address, {**form, "enterprise_number": "0999999923"})
    assert "De controlecijfers van dit ondernemingsnummer kloppen niet." in page.content.decode()
    treasurer.post(address, {**form, "iban": "be90 9992 0260 0132"})
    issuer = Issuer.load()
    assert (issuer.iban, issuer.payment_days) == ("BE90999202600132", 14)


def test_an_association_that_is_not_subject_to_vat_shows_no_vat_number() -> None:
    assert fill_in_issuer().vat_number == "BE0999999922"
    issuer = fill_in_issuer(vat_regime="none")
    assert (issuer.vat_number, issuer.shown_enterprise_number) == ("", "0999.999.922")
