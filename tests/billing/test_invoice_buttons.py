"""The buttons on the page of an invoice: in groups, the next step told apart, and called what they do."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from html5lib import HTMLParser
from wagtail.models import Site

from billing.models import Invoice
from billing.operations.invoices import credit_invoice
from billing.operations.undoing import undo_payment
from tests.billing.paying import pay
from tests.desk import person
from tests.factories.billing import issue

pytestmark = pytest.mark.django_db


def groups_on(client: Client, invoice: Invoice) -> dict[str, list[str]]:
    """The groups of buttons on the page, the next step with a star."""
    answer = client.get(f"/admin/billing/invoices/inspect/{invoice.pk}/")
    main = HTMLParser(namespaceHTMLElements=False).parse(answer.content.decode()).find(".//main")
    return {
        each.get("aria-label"): [
            "".join(link.itertext()) + ("" if "button-secondary" in link.get("class") else " *")
            for link in each.iter("a")
        ]
        for each in main.iter("ul")
        if each.get("aria-label") and each.find(".//a[@class]") is not None
    }


def test_one_button_is_the_next_step_and_none_where_nothing_is_awaited(client: Client, site: Site) -> None:
    invoice = issue(at=timezone.now())
    client.force_login(person("finance"))
    shown = groups_on(client, invoice)
    assert shown["Geld"] == ["Betaling registreren *", "Crediteren"]
    assert shown["Bestanden"] == ["Pdf openen", "UBL-bestand downloaden"]
    assert "Opnieuw mailen" in shown["Aflevering en herinneringen"]
    pay(invoice)
    paid = groups_on(client, invoice)
    assert paid["Geld"][0] == "Overschot registreren", "what comes in twice is recorded, then paid back"
    assert not [label for labels in paid.values() for label in labels if label.endswith("*")]
    pay(invoice, Decimal(10))
    assert [label for label in groups_on(client, invoice)["Geld"] if label.endswith("*")] == [
        "Terugbetalen *"
    ]


def test_a_credit_note_offers_no_money_and_who_only_reads_only_files(client: Client, site: Site) -> None:
    invoice = issue(at=timezone.now())
    note = credit_invoice(invoice=invoice, reason="dubbel", amounts=None, at=timezone.now(), by=None)
    client.force_login(person("finance"))
    assert "Geld" not in groups_on(client, note)
    header = client.get(f"/admin/billing/invoices/inspect/{note.pk}/").content.decode()
    assert re.search(r"<title>[^<]*Creditnota", header), "its amounts stand above zero"
    client.force_login(person("board"))
    assert list(groups_on(client, invoice)) == ["Bestanden"]


def test_undoing_is_offered_while_a_payment_is_left_and_a_second_click_is_still_answered(
    client: Client, site: Site
) -> None:
    invoice = issue(at=timezone.now())
    treasurer = person("finance")
    client.force_login(treasurer)
    payment = pay(invoice)
    undo = "Een betaling ongedaan maken"
    assert undo in groups_on(client, invoice)["Geld"]
    words: dict[str, Any] = {"returned_on": payment.received_on, "reason": "fout", "by": treasurer}
    undo_payment(payment=payment, kind="mistake", at=timezone.now(), **words)
    assert undo not in groups_on(client, invoice)["Geld"]
    again = client.post(f"/admin/billing/invoices/undo/{invoice.pk}/", {"payment": payment.pk}, follow=True)
    assert "Deze betaling was al ongedaan gemaakt" in again.content.decode()
