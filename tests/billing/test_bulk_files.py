"""The PDFs and UBL files of many invoices in one file to download."""

from decimal import Decimal
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import fromstring
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Site

from billing.models import Invoice, Payment
from billing.operations.invoices import record_payment
from billing.operations.pro_formas import withdraw_pro_forma
from billing.viewsets import bulk_files
from tests.desk import chosen_on, many, person, words_of
from tests.factories.billing import CustomerFactory, ask, fill_in_issuer, issue

pytestmark = pytest.mark.django_db


def address(action: str, *rows: Any, **query: str) -> str:
    return many(action, *rows, model="billing/invoice", **query)


def unpacked(client: Client, url: str) -> dict[str, bytes]:
    answer: Any = client.post(url, {"chosen": chosen_on(client.get(url))})
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"].startswith('attachment; filename="invoices-')
    with ZipFile(BytesIO(b"".join(answer.streaming_content))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("role", ["finance", "board"])
def test_who_may_read_invoices_downloads_their_pdfs(client: Client, site: Site, role: str) -> None:
    invoices = [issue() for _number in range(2)]
    client.force_login(person(role))
    url = address("pdf", *invoices)
    assert "U downloadt 2 bestanden, in één ZIP-bestand." in words_of(client.get(url))
    found = unpacked(client, url)
    assert sorted(found) == [f"factuur-{each.number}.pdf" for each in invoices]
    assert all(each.startswith(b"%PDF") for each in found.values())


@pytest.mark.parametrize("role", ["editor", "events", "matchmaker"])
def test_who_may_not_read_invoices_is_sent_away(client: Client, site: Site, role: str) -> None:
    invoice = issue()
    client.force_login(person(role))
    for action in ("pdf", "ubl"):
        assert client.get(address(action, invoice)).status_code == 302
        assert client.post(address(action, invoice), {"chosen": f"{invoice.pk}="}).status_code == 302


def test_what_lacks_something_for_ubl_is_left_out_and_says_what(client: Client, site: Site) -> None:
    fine, gap = issue(), issue(customer=CustomerFactory.create(street=""))
    client.force_login(person("finance"))
    url = address("ubl", fine, gap)
    page = words_of(client.get(url))
    assert "1 rij wordt overgeslagen" in page
    assert f"De straat van de klant ontbreekt. (1) {gap.number}, {gap.name}" in page
    found = unpacked(client, url)
    assert [name for name in found if gap.number in name] == []
    assert fromstring(next(iter(found.values()))).tag.endswith("Invoice")
    sent: Any = client.post(url, {"chosen": f"{fine.pk}=,{gap.pk}="})
    with ZipFile(BytesIO(b"".join(sent.streaming_content))) as archive:
        assert "De straat van de klant ontbreekt." in archive.read("overgeslagen.txt").decode()


def test_all_that_the_filters_leave_are_in_it_and_no_pro_forma(
    client: Client, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_files, "IN_MEMORY", 10)
    here, _there = (issue(customer=CustomerFactory.create(name=name)) for name in ("Brug", "Kaai"))
    pro_forma = ask(customer=CustomerFactory.create(name="Brug"))
    client.force_login(person("finance"))
    assert list(unpacked(client, address("pdf", "all", q="Brug"))) == [f"factuur-{here.number}.pdf"]
    assert "Er zijn geen rijen gekozen" in words_of(client.get(address("pdf", pro_forma)))
    assert Invoice.documents.count() == 3


def test_the_page_asks_the_same_however_many_are_chosen(client: Client, site: Site) -> None:
    invoices = [issue() for _number in range(8)]
    client.force_login(person("finance"))
    for action in ("pdf", "ubl"):
        counts = []
        for some in (invoices[:1], invoices[:1], invoices):
            with CaptureQueriesContext(connection) as queries:
                client.get(address(action, *some))
            counts.append(len(queries))
        assert counts[1] == counts[2] <= 25


def test_the_pdfs_of_what_was_paid_are_in_it_once_and_no_pro_forma(client: Client, site: Site) -> None:
    """Two payments of one invoice, one of another by somebody else, and one for a pro forma."""
    treasurer, now = person("finance"), timezone.now()
    client.force_login(treasurer)
    fill_in_issuer()
    twice, once, asked = issue(), issue(), ask()
    withdraw_pro_forma(pro_forma=asked, reason="vergist", at=now, by=None)
    for number, (invoice, amount, by) in enumerate(
        ((twice, "100", None), (twice, "2000", None), (once, "50", treasurer), (asked, "60", None))
    ):
        record_payment(
            invoice=invoice,
            amount=Decimal(amount),
            method="transfer",
            received_on=timezone.localdate(),
            external_reference=f"bank:{number}",
            by=by,
            at=now,
        )
    payments = list(Payment.objects.order_by("pk"))
    url = many("pdf", *payments, model="billing/payment")
    page = words_of(client.get(url))
    assert "U downloadt 2 bestanden, in één ZIP-bestand." in page
    assert "hoort bij een uitnodiging tot betaling" in page
    assert sorted(unpacked(client, url)) == [f"factuur-{each.number}.pdf" for each in (twice, once)]
    for query, invoice in (({"is_too_much": "true"}, twice), ({"recorded_by": str(treasurer.pk)}, once)):
        assert list(unpacked(client, many("pdf", "all", model="billing/payment", **query))) == [
            f"factuur-{invoice.number}.pdf"
        ]
    counts = []
    for some in (payments[:1], payments[:1], payments):
        with CaptureQueriesContext(connection) as queries:
            client.get(many("pdf", *some, model="billing/payment"))
        counts.append(len(queries))
    assert counts[1] == counts[2] <= 25
    client.force_login(person("editor"))
    assert client.get(url).status_code == 302
