"""Customers and the association's details, as the treasurer types them."""

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.test import Client
from wagtail.models import ModelLogEntry

from accounts.models import User
from billing.documents.ubl import peppol_address
from billing.models import Customer, Issuer
from billing.models.customers import POSTAL_FIELDS
from billing.operations.customers import change_customer
from cms.models import OutgoingMail
from cms.operations.roles import load_roles
from cms.roles import ADMINISTRATOR, BOARD, FINANCE
from tests.factories.billing import ISSUER, NOON, CustomerFactory, fill_in_issuer, issue

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


@pytest.mark.parametrize(
    ("peppol_id", "details", "left"),
    [
        ("0208:0999888767", {"country": "NL", "enterprise_number": "12345678", "vat_number": ""}, ""),
        ("0088:5412345000013", {"country": "NL", "enterprise_number": "12345678", "vat_number": ""}, ""),
        ("0208:0999888767", {"enterprise_number": "0999101384", "vat_number": "BE0999101384"}, ""),
        ("9925:BE0999888767", {"vat_number": ""}, ""),
        ("0088:5412345000013", {"enterprise_number": "0999101384"}, "0088:5412345000013"),
        ("0208:0999888767", {"country": "BE", "enterprise_number": "0999888767"}, "0208:0999888767"),
        ("0208:0999888767", {"city": "Gent"}, "0208:0999888767"),
        ("0208:0999888767", {"country": "NL", "enterprise_number": "", "peppol_id": "0106:12345678"}, None),
    ],
)
def test_a_peppol_address_lasts_as_long_as_its_number_and_country(
    peppol_id: str, details: dict[str, str], left: str | None
) -> None:
    customer = CustomerFactory.create(
        enterprise_number="0999888767", vat_number="BE0999888767", peppol_id=peppol_id
    )
    change_customer(customer=customer, details=details, at=NOON, by=None)
    customer.refresh_from_db()
    assert customer.peppol_id == (details["peppol_id"] if left is None else left)


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ({"enterprise_number": "0999101384", "vat_number": "BE0999101384"}, ""),
        ({"country": "NL", "enterprise_number": "12345678", "vat_number": ""}, ""),
        ({"enterprise_number": "0999.888.767", "name": "Anders"}, "0208:0999888767"),
        (
            {"enterprise_number": "0999101384", "vat_number": "BE0999101384", "peppol_id": "0208:0999101384"},
            "0208:0999101384",
        ),
    ],
)
def test_staff_who_type_another_number_leave_no_peppol_address_of_the_old_one(
    treasurer: Client, typed: dict[str, str], left: str
) -> None:
    customer = CustomerFactory.create(
        enterprise_number="0999888767", vat_number="BE0999888767", peppol_id="0208:0999888767"
    )
    form = {name: getattr(customer, name) for name in POSTAL_FIELDS} | typed
    assert treasurer.post(f"/admin/billing/customers/edit/{customer.pk}/", form).status_code == 302
    customer.refresh_from_db()
    assert customer.peppol_id == left


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


@pytest.mark.parametrize(
    "typed", ["0208:0999.888.767", "0208:BE0999888767", "0208:999888767", "0208:BE 0999 888 767"]
)
def test_a_peppol_address_is_kept_as_its_ten_digits(treasurer: Client, typed: str) -> None:
    customer = CustomerFactory.create()
    form = {name: getattr(customer, name) for name in POSTAL_FIELDS} | {"peppol_id": typed}
    assert treasurer.post(f"/admin/billing/customers/edit/{customer.pk}/", form).status_code == 302
    customer.refresh_from_db()
    assert customer.peppol_id == "0208:0999888767"
    assert peppol_address(issue(customer=CustomerFactory.create(peppol_id=typed))) == "0208:0999888767"


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
    for code in ("GKCC BE", "GKCC XX BB"):
        page = treasurer.post(address, {**form, "bic": code})
        assert "Dit is geen BIC: die heeft 8 of 11 letters en cijfers" in page.content.decode()
    page = treasurer.post(address, {**form, "country": "EU"})
    assert "Twee hoofdletters, zoals BE." in page.content.decode()
    treasurer.post(address, {**form, "iban": "be90 9992 0260 0132", "bic": "gkcc be bb", "country": "be"})
    issuer = Issuer.load()
    assert (issuer.iban, issuer.bic, issuer.payment_days) == ("BE90999202600132", "GKCCBEBB", 14)
    assert issuer.country == "BE"


OTHER_IBAN = "BE79999202600233"


def save_issuer(browser: Client, **changes: str) -> None:
    """Save the association's details in the settings."""
    form = {
        **ISSUER,
        "country": "BE",
        "vat_regime": "standard",
        "payment_days": "14",
        "ledger_account": "730000",
    }
    answer = browser.post(f"/admin/settings/billing/issuer/{Issuer.load().pk}/", {**form, **changes})
    assert answer.status_code == 302


def test_another_bank_account_is_logged_with_both_and_mailed_to_who_keep_the_books(treasurer: Client) -> None:
    load_roles()
    fill_in_issuer()
    people = {}
    for name, language, role, is_active in (
        ("board", "nl", BOARD, True),
        ("admin", "en", ADMINISTRATOR, True),
        ("finance", "nl", FINANCE, True),
        ("gone", "nl", FINANCE, False),
    ):
        people[name] = User.objects.create_user(
            f"{name}@demo.example", language=language, is_active=is_active
        )
        people[name].groups.add(Group.objects.get(name=role))
    save_issuer(treasurer, bank="Een andere bank")
    assert not OutgoingMail.objects.exists()
    assert not ModelLogEntry.objects.filter(action="billing.change_account").exists()
    save_issuer(treasurer, iban=OTHER_IBAN, email="dief@demo.example")
    line = ModelLogEntry.objects.get(action="billing.change_account")
    assert line.data == {"before": ISSUER["iban"], "after": OTHER_IBAN}
    assert line.user == User.objects.get(pk=treasurer.session["_auth_user_id"])
    assert f"{ISSUER['iban']} naar {OTHER_IBAN}" in line.message
    mails = {mail.recipient: mail for mail in OutgoingMail.objects.all()}
    expected = {"finance@demo.example", "admin@demo.example", ISSUER["email"], "dief@demo.example"}
    assert expected <= set(mails)
    assert not {"board@demo.example", "gone@demo.example"} & set(mails)
    assert mails["admin@demo.example"].subject == f"The bank account of {ISSUER['name']} has changed"
    assert ISSUER["iban"] in mails["finance@demo.example"].text
    assert OTHER_IBAN in mails["finance@demo.example"].text


def test_an_account_that_is_emptied_first_is_told_of_twice(treasurer: Client) -> None:
    fill_in_issuer()
    issue()
    for iban in ("", OTHER_IBAN):
        save_issuer(treasurer, iban=iban)
    lines = ModelLogEntry.objects.filter(action="billing.change_account").order_by("pk")
    assert [line.data["after"] for line in lines] == ["", OTHER_IBAN]
    assert OutgoingMail.objects.filter(recipient=ISSUER["email"]).count() == 2


def test_filling_in_the_first_account_alarms_nobody(treasurer: Client) -> None:
    save_issuer(treasurer)
    assert Issuer.load().iban == ISSUER["iban"]
    assert not OutgoingMail.objects.exists()


def test_an_association_that_is_not_subject_to_vat_shows_no_vat_number() -> None:
    assert fill_in_issuer().vat_number == "BE0999999922"
    issuer = fill_in_issuer(vat_regime="none")
    assert (issuer.vat_number, issuer.shown_enterprise_number) == ("", "0999.999.922")
