"""What staff correct of an organisation goes where its price and its invoices are kept."""

from datetime import date
from decimal import Decimal
from typing import Any
from unittest.mock import Mock

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.models import ModelLogEntry, Site

from billing.documents.ubl import peppol_address
from billing.models import Customer, Invoice, Issuer
from billing.rules import SeriesIsFull
from membership.models import Charge, Membership, Organisation, Price
from membership.queries import NotRunning, size_band_for
from tests.factories.billing import fill_in_issuer
from tests.membership.life import FIRST, join, live, mails, member, morning, pay_all
from tests.membership.test_timeline import rows
from tests.membership.test_viewsets import staff

pytestmark = pytest.mark.django_db
LATE = date(2028, 2, 10)
OTHER = "0999888767"
TOWN = Organisation.Kind.LOCAL_GOVERNMENT


@pytest.fixture(autouse=True)
def _issuer(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    fill_in_issuer()
    monkeypatch.setattr(timezone, "now", lambda: morning(LATE))


@pytest.fixture
def desk() -> Client:
    return staff("finance")


def save(client: Client, organisation: Organisation, **words: Any) -> Any:
    """Send the form of an organisation as it stands, with other words."""
    url = f"/admin/organisations/edit/{organisation.pk}/"
    fields = client.get(url).context["form"]
    sent = {
        name: value
        for name in fields.fields
        if (value := fields.get_initial_for_field(fields.fields[name], name)) not in (None, False, [])
    }
    return client.post(url, {**sent, **words})


def errors(answer: Any, name: str) -> str:
    assert answer.status_code == 200
    return " ".join(answer.context["form"].errors.get(name, []))


def test_another_size_goes_as_the_member_says_it_mailed_invoiced_anew_and_in_the_history(
    desk: Client,
) -> None:
    membership = member()
    live(FIRST, LATE)
    assert save(desk, membership.organisation, employees="300", city="Brugge").status_code == 302
    organisation = Organisation.objects.get()
    assert (organisation.employees, organisation.city) == (300, "Brugge")
    old, new = Charge.objects.filter(purpose="renewal").order_by("pk")
    assert old.invoice
    assert new.invoice
    assert (old.invoice.status, old.invoice.net, new.invoice.net) == (
        "credited",
        Decimal(1000),
        Decimal(3000),
    )
    assert len(mails("size_changed")) == 1
    line = ("Aantal medewerkers gewijzigd", "25 → 300", "finance@demo.example")
    assert line in [row[1:] for row in rows(desk, membership, "nl")]
    assert save(desk, organisation, employees="300", city="Gent").status_code == 302
    assert len(mails("size_changed")) == 1


def test_a_member_keeps_a_size_and_only_the_treasurer_changes_it(desk: Client) -> None:
    organisation = member().organisation
    assert "prijs" in errors(save(desk, organisation, employees=""), "employees")
    organiser = staff("events")
    refused = save(organiser, organisation, employees="300", enterprise_number=OTHER)
    assert "penningmeester" in errors(refused, "employees")
    assert "penningmeester" in errors(refused, "enterprise_number")
    assert save(organiser, organisation, city="Brugge").status_code == 302
    organisation.refresh_from_db()
    assert (organisation.employees, organisation.city) == (25, "Brugge")
    stranger = Organisation.objects.create(name="De Brug", employees=4)
    assert save(organiser, stranger, employees="300").status_code == 302
    stranger.refresh_from_db()
    assert stranger.employees == 300


def test_who_changes_while_no_renewal_can_be_invoiced_reads_so_and_nothing_is_kept(desk: Client) -> None:
    membership = member()
    live(FIRST, LATE)
    Customer.objects.update(country="NL", vat_number="NL123456782B12")
    assert "niet bevestigd" in errors(save(desk, membership.organisation, employees="300"), "employees")
    organisation = Organisation.objects.get()
    assert (organisation.employees, mails("size_changed")) == (25, [])
    assert Invoice.objects.filter(kind="credit_note").count() == 0


def test_another_kind_and_size_at_once_are_invoiced_at_the_price_of_both(desk: Client) -> None:
    Price.objects.filter(kind=TOWN).update(yearly_fee=50)
    membership = member(tier="inform")
    live(FIRST, LATE)
    assert save(desk, membership.organisation, kind=TOWN, employees="300").status_code == 302
    fees = [charge.yearly_fee for charge in Charge.objects.filter(purpose="renewal").order_by("pk")]
    assert fees == [135, 50]
    assert Invoice.objects.exclude(kind="credit_note").latest("pk").net == 50
    (told,) = mails("size_changed")
    assert "50,00" in told.text


def test_another_kind_alone_is_invoiced_at_its_price_mailed_and_in_the_history(desk: Client) -> None:
    Price.objects.filter(kind=TOWN).update(yearly_fee=50)
    membership = member(tier="inform")
    live(FIRST, LATE)
    assert save(desk, membership.organisation, kind=TOWN).status_code == 302
    old, new = Charge.objects.filter(purpose="renewal").order_by("pk")
    assert old.invoice
    assert new.invoice
    assert (old.invoice.status, old.invoice.net, new.invoice.net) == ("credited", Decimal(135), Decimal(50))
    (told,) = mails("size_changed")
    for words in ("lokaal bestuur", "50,00", "een creditnota en een nieuwe factuur"):
        assert words in told.text
    assert "aantal medewerkers" not in told.subject
    line = ("Soort organisatie rechtgezet", "bedrijf → lokaal bestuur", "finance@demo.example")
    assert line in [row[1:] for row in rows(desk, membership, "nl")]


def test_another_kind_at_the_same_price_changes_no_invoice_and_one_that_is_paid_stays(desk: Client) -> None:
    membership = member(tier="inform")
    live(FIRST, LATE)
    refused = save(staff("events"), membership.organisation, kind=TOWN)
    assert "penningmeester" in errors(refused, "kind")
    documents = Invoice.objects.count()
    assert save(desk, membership.organisation, kind=TOWN).status_code == 302
    assert Organisation.objects.get().kind == TOWN
    assert (Invoice.objects.count(), mails("size_changed")) == (documents, [])
    pay_all(LATE)
    Price.objects.filter(kind="company").update(yearly_fee=200)
    assert save(desk, Organisation.objects.get(), kind="company").status_code == 302
    assert Invoice.objects.count() == documents
    (told,) = mails("size_changed")
    assert "is al betaald" in told.text


def test_another_kind_is_held_against_the_price_of_the_new_size(desk: Client) -> None:
    organisation = member(tier="inform").organisation
    prices = Price.objects.filter(tier__slug="inform", kind=TOWN)
    prices.filter(size_band=size_band_for(300)).delete()
    assert "geen prijs" in errors(save(desk, organisation, kind=TOWN, employees="300"), "kind")
    organisation.refresh_from_db()
    assert (organisation.kind, organisation.employees) == ("company", 25)
    prices.filter(size_band=size_band_for(25)).delete()
    assert "geen prijs" in errors(save(desk, organisation, kind=TOWN), "kind")
    assert save(desk, organisation, kind=TOWN, employees="60").status_code == 302
    organisation.refresh_from_db()
    assert (organisation.kind, organisation.employees) == (TOWN, 60)


def test_a_member_without_a_price_is_corrected_in_this_form(desk: Client) -> None:
    membership = member()
    Organisation.objects.update(kind=TOWN)  # Connect has no price for it
    assert save(desk, membership.organisation, employees="300").status_code == 302
    assert (Organisation.objects.get().employees, mails("size_changed")) == (300, [])
    assert save(desk, membership.organisation, kind="company", employees="60").status_code == 302
    (told,) = mails("size_changed")
    assert "1.500,00" in told.text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("price", "geen prijs"),
        ("customer", "geen klant"),
        ("issuer", "gegevens van de vereniging"),
        ("series", "geen factuurnummers"),
        ("ended", "intussen gewijzigd"),
    ],
)
def test_who_cannot_invoice_a_renewal_anew_reads_why(
    desk: Client, monkeypatch: pytest.MonkeyPatch, wrong: str, words: str
) -> None:
    organisation = member().organisation
    live(LATE, LATE)
    if wrong == "price":
        Price.objects.filter(tier__slug="connect", size_band=size_band_for(300)).delete()
    elif wrong == "customer":
        Organisation.objects.update(customer=None)
    elif wrong == "issuer":
        Issuer.objects.update(iban="")
    else:
        raised = {"series": SeriesIsFull, "ended": NotRunning}[wrong]
        monkeypatch.setattr("membership.operations.profile.change_size", Mock(side_effect=raised))
    told = errors(save(desk, organisation, employees="300"), "employees")
    assert words in told
    assert Organisation.objects.get().employees == 25
    assert Invoice.objects.filter(kind="credit_note").count() == 0


def test_another_number_stands_on_the_next_invoice_and_where_it_is_sent(desk: Client) -> None:
    membership = member()
    Customer.objects.update(vat_number="BE0999101384", peppol_id="0208:0999101384")
    assert save(desk, membership.organisation, enterprise_number="BE 0999.888.767").status_code == 302
    customer = Customer.objects.get()
    assert (customer.enterprise_number, customer.vat_number) == (OTHER, "BE0999888767")
    assert Organisation.objects.get().enterprise_number == OTHER
    line = ModelLogEntry.objects.get(action="billing.change_customer")
    assert line.user
    assert line.user.email == "finance@demo.example"
    live(FIRST, LATE)
    first, renewal = Invoice.objects.order_by("pk")
    assert (first.enterprise_number, renewal.enterprise_number) == ("0999101384", OTHER)
    assert peppol_address(renewal) == f"0208:{OTHER}"


def test_a_number_that_the_desk_gave_the_customer_stays_and_one_that_does_not_fit_is_refused(
    desk: Client,
) -> None:
    membership = member()
    Customer.objects.update(country="NL", enterprise_number="0999101384", vat_number="")
    refused = save(desk, membership.organisation, enterprise_number="12")
    assert errors(refused, "enterprise_number")
    Customer.objects.update(country="BE", enterprise_number="0999777655")
    assert save(desk, membership.organisation, enterprise_number=OTHER).status_code == 302
    assert Customer.objects.get().enterprise_number == "0999777655"


def test_an_application_keeps_what_it_was_asked_for(desk: Client) -> None:
    membership = join(LATE)
    assert save(desk, membership.organisation, employees="300", enterprise_number=OTHER).status_code == 302
    pay_all(LATE)
    membership = Membership.objects.get()
    assert membership.status == "active"
    customer = membership.organisation.customer
    assert customer
    assert customer.enterprise_number == OTHER
