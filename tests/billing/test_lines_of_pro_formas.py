"""A bank line that names a pro forma whose invoice was made is for that invoice."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Site

from billing.forms import find_document
from billing.models import BankEntry, Invoice
from billing.operations.bank_files import keep_bank_file
from billing.operations.overdue import mark_overdue
from billing.operations.pro_formas import withdraw_pro_forma
from billing.queries import (
    Obstacle,
    candidate_invoices,
    followed,
    open_amount,
    recalled_payments,
    reminder_obstacle,
)
from tests.billing.paying import pay
from tests.desk import words_of
from tests.factories.accounts import make_user
from tests.factories.bank import Entry, bank_file, entry
from tests.factories.billing import NOON, ask, issue

pytestmark = pytest.mark.django_db


def take(*entries: Entry) -> list[BankEntry]:
    """Take a bank file with these, and match nothing."""
    file = keep_bank_file(content=bank_file(*entries), name="bank.xml", at=NOON, by=None).file
    return list(file.entries.order_by("pk"))


def test_what_came_in_holds_back_reminders_and_is_assigned_to_the_invoice(site: Site, client: Client) -> None:
    pro_forma, other = ask(), issue()
    pay(pro_forma, Decimal("500.00"))
    invoice = followed(Invoice.documents.get(pk=pro_forma.pk))
    twin = entry("355.00", structured=pro_forma.structured_communication)
    _first, line, named = take(
        twin, twin, entry("7.00", text=f"betreft {pro_forma.number}", name="", iban="")
    )
    assert line.doubt == "twin"
    for each in (line, named):
        assert candidate_invoices(each)[:1] == [(invoice, Decimal("710.00"), "named")]

    late = timezone.now() + timedelta(days=60)
    mark_overdue(late)
    for document, obstacle in ((invoice, Obstacle.PENDING), (other, None)):
        document.refresh_from_db()
        assert reminder_obstacle(document, late + timedelta(days=1)) == obstacle

    client.force_login(make_user(is_superuser=True, is_staff=True))
    url = reverse("billing_bank_entries:assign", args=[line.pk])
    form = {"invoice": pro_forma.number, "amount": "355,00", "reason": "nagekeken", "seen": "0"}
    asked = client.post(url, form)
    assert f"Op factuur {invoice.number} van {invoice.name} staat 710,00 euro open" in words_of(asked)
    assert "te veel" not in words_of(asked)
    client.post(url, form | {"confirmed": asked.context["form"]["confirmed"].value()})
    assert open_amount(invoice) == Decimal("355.00")


def test_what_went_out_takes_back_the_payment_on_the_invoice() -> None:
    pro_forma, withdrawn = ask(), ask()
    payment = pay(pro_forma)
    structured, text = take(
        entry("-7.00", structured=pro_forma.structured_communication), entry("-8.00", text=pro_forma.number)
    )
    for line in (structured, text):
        assert recalled_payments(line) == [payment]
    for typed in (pro_forma.number.lower(), pro_forma.communication):
        assert recalled_payments(structured, find_document(typed)) == [payment]
    withdraw_pro_forma(pro_forma=withdrawn, reason="vergist", at=NOON, by=None)
    assert find_document(withdrawn.number) == withdrawn
