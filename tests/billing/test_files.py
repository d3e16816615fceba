"""Files that staff download from the page of an invoice."""

from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone

from billing.models import Invoice
from tests.billing.test_desk import LIST, person
from tests.factories.billing import CustomerFactory, issue

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(site: object) -> Invoice:
    return issue(at=timezone.now())


def test_who_may_read_an_invoice_downloads_its_ubl(client: Client, invoice: Invoice) -> None:
    address = f"{LIST}ubl/{invoice.pk}/"
    found = {}
    for role in ("finance", "administrator", "board", "editor", "events"):
        client.force_login(person(role))
        found[role] = client.get(address).status_code
    assert found == {"finance": 200, "administrator": 200, "board": 200, "editor": 302, "events": 302}
    client.logout()
    assert client.get(address).status_code == 302


def test_the_page_of_an_invoice_offers_the_file(client: Client, invoice: Invoice) -> None:
    client.force_login(person("finance"))
    address = f"{LIST}ubl/{invoice.pk}/"
    assert address in client.get(f"{LIST}inspect/{invoice.pk}/").content.decode()
    response = client.get(address)
    assert response["Content-Disposition"] == f'attachment; filename="{invoice.number}.xml"'
    assert response["Content-Type"] == "application/xml"
    assert ElementTree.fromstring(response.content).tag.endswith("}Invoice")
    assert client.get(f"{LIST}ubl/999999/").status_code == 404


def test_what_is_missing_is_said_above_the_invoice(client: Client, invoice: Invoice) -> None:
    client.force_login(person("finance"))
    poor = issue(customer=CustomerFactory.create(street=""), at=timezone.now())
    response = client.get(f"{LIST}ubl/{poor.pk}/", follow=True)
    assert response.status_code == 200
    assert response.redirect_chain == [(f"{LIST}inspect/{poor.pk}/", 302)]
    assert f"Van {poor.number} kan geen UBL-bestand gemaakt worden. De straat" in response.content.decode()
