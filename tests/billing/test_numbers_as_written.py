"""Enterprise numbers and IBANs in the back office stand as people write them."""

import pytest
from django.test import Client
from django.utils import timezone

from billing.models import Customer
from billing.operations.bank_files import keep_bank_file
from membership.models import Organisation
from tests.desk import person, words_of
from tests.factories.bank import bank_file, entry
from tests.factories.billing import CustomerFactory, fill_in_issuer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("country", ["BE", "NL"])
def test_lists_write_a_belgian_enterprise_number_with_points(client: Client, country: str) -> None:
    details = {"country": country, "enterprise_number": "0999183538"}
    CustomerFactory.create(vat_number="", **details)
    Organisation.objects.create(name="De Brug", **details)
    client.force_login(person("finance"))
    assert Customer.objects.get().enterprise_number == "0999183538"
    said = "0999.183.538" if country == "BE" else "0999183538"
    for address in ("/admin/billing/customers/", "/admin/billing/free-invoices/", "/admin/organisations/"):
        assert said in words_of(client.get(address)), address


def test_a_bank_line_and_its_file_write_an_iban_in_groups_of_four(client: Client) -> None:
    fill_in_issuer()
    content = bank_file(entry(50, text="gift", name="Gever bv", iban="BE71096123456769"))
    file = keep_bank_file(content=content, name="bank.xml", at=timezone.now(), by=None).file
    client.force_login(person("finance"))
    line = words_of(client.get(f"/admin/billing/bank-lines/inspect/{file.entries.get().pk}/"))
    assert "BE71 0961 2345 6769" in line
    own = " ".join(file.iban[start : start + 4] for start in range(0, len(file.iban), 4))
    assert own in words_of(client.get(f"/admin/billing/bank-files/inspect/{file.pk}/"))
