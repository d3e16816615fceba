"""The demo's bank file: it fits the open invoices, and shows each thing that a treasurer meets."""

from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import User
from billing.models import BankEntry, Invoice
from billing.operations.bank_files import import_bank_file
from billing.queries import open_amount, surplus_amount
from cms.roles import BOARD, FINANCE
from demo.operations.bank_file import sample_bank_file
from home.models import HomePage
from tests.billing.test_bank_desk import UPLOAD, person
from tests.factories.billing import NOON, CustomerFactory, fill_in_issuer, issue

pytestmark = pytest.mark.django_db


def test_it_fits_the_open_invoices() -> None:
    invoices = [issue(customer=CustomerFactory.create(name=f"Lid {number} & co")) for number in range(6)]
    done = import_bank_file(content=sample_bank_file(at=NOON), name="demo.xml", at=NOON, by=None)
    assert (done.new, done.matched, done.waiting) == (9, 6, 3)
    assert [open_amount(each) for each in invoices] == [0, 605, 0, 0, 0, 1210]
    assert surplus_amount(invoices[2]) == 1220
    assert sorted(BankEntry.objects.filter(status="waiting").values_list("amount", flat=True)) == [
        Decimal("-12.40"),
        Decimal("50.00"),
        Decimal("1210.00"),
    ]
    again = import_bank_file(content=sample_bank_file(at=NOON), name="demo.xml", at=NOON, by=None)
    assert again.is_new, "what is open has changed, and the file with it"


@pytest.mark.parametrize("count", range(6))
def test_fewer_open_invoices_are_fine_too(count: int) -> None:
    fill_in_issuer()
    for _number in range(count):
        issue()
    done = import_bank_file(content=sample_bank_file(at=NOON), name="demo.xml", at=NOON, by=None)
    assert done.waiting == 2
    assert Invoice.objects.count() == count


def test_the_treasurer_finds_it_above_the_upload(client: Client, home: HomePage) -> None:
    fill_in_issuer()
    treasurer: User = person(FINANCE)
    client.force_login(treasurer)
    assert "/nl/demo/bank/" in client.get(UPLOAD).content.decode()
    answer = client.get("/nl/demo/bank/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"BkToCstmrStmt" in answer.content
    client.force_login(person(BOARD))
    assert client.get("/nl/demo/bank/").status_code == 403
    client.logout()
    assert client.get("/nl/demo/bank/").status_code in (302, 403, 404)
