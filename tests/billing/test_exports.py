"""What a spreadsheet, a bookkeeping program or a folder gets: every cent, once, and nothing harmful."""

import csv
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from wagtail.users.models import UserProfile

from accounts.models import User
from billing.exports import BookedLine, booked_lines, no_formula
from billing.models import Invoice
from billing.operations.invoices import credit_invoice
from billing.viewsets.accounting import last_month
from tests.billing.test_desk import person
from tests.factories.billing import NOON, CustomerFactory, issue, line

pytestmark = pytest.mark.django_db
PAGE = "/admin/billing/accounting/"
DAY = date(2026, 11, 23)


def credit(invoice: Invoice, at: datetime = NOON) -> Invoice:
    return credit_invoice(invoice=invoice, reason="", at=at, by=None, is_mailed=False)


def test_the_lines_come_to_what_stands_on_each_document() -> None:
    thirds = [line(unit_price=Decimal("0.02"), ledger_account=f"70{number}000") for number in range(3)]
    first = issue(*thirds, line(vat_treatment="exempt"))
    credit(first)
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    rows = list(booked_lines(DAY, DAY))
    for row in rows:
        kept = sums[row.number]
        sums[row.number] = [kept[0] + row.net, kept[1] + row.vat, kept[2] + row.gross]
    amounts = [first.net, first.vat, first.gross]
    assert sums == {"2026-00001": amounts, "CN2026-00001": [-amount for amount in amounts]}
    assert [row.ledger_account for row in rows[:4]] == ["700000", "701000", "702000", "700000"]
    assert [row.vat_code for row in rows[:4]] == ["21", "21", "21", "V44"]
    assert (rows[0].credits, rows[4].credits) == ("", "2026-00001")
    assert (rows[0].kind, rows[4].kind) == ("factuur", "creditnota")


def test_a_period_holds_both_its_days() -> None:
    for days in (-1, 0, 1):
        issue(at=NOON + timedelta(days=days))

    def numbers(since: date | None, until: date | None) -> list[str]:
        return [row.number for row in booked_lines(since, until)]

    assert numbers(DAY, DAY) == ["2026-00002"]
    assert numbers(DAY, None) == ["2026-00002", "2026-00003"]
    assert numbers(None, DAY) == ["2026-00001", "2026-00002"]
    assert len(numbers(None, None)) == 3


def test_the_lines_take_the_same_queries_however_many(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _number in range(3):
        credit(issue(line(), line()))
    with django_assert_num_queries(2):
        rows: list[BookedLine] = list(booked_lines(None, None))
    assert len(rows) == 12


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_is_no_formula(start: str) -> None:
    assert no_formula(f"{start}1") == f"'{start}1"
    assert no_formula("1=1") == "1=1"
    assert no_formula(None) == ""


def lines_of(**fields: str) -> dict[str, str]:
    today = timezone.localdate().strftime("%d/%m/%Y")
    asked = {"since": today, "until": today, "file_type": "csv", **fields}
    return {"what": "lines", **{f"lines-{name}": value for name, value in asked.items()}}


def open_of(**fields: str) -> dict[str, str]:
    asked = {"on": timezone.localdate().strftime("%d/%m/%Y"), "file_type": "csv", **fields}
    return {"what": "open", **{f"open-{name}": value for name, value in asked.items()}}


def content(response: Any) -> bytes:
    return b"".join(response)


@pytest.fixture
def treasurer(client: Client, site: object) -> Client:
    client.force_login(person("finance"))
    return client


def test_the_back_office_gives_lines_and_open_items_in_both_formats(treasurer: Client) -> None:
    issue(customer=CustomerFactory.create(name="=HYPERLINK(1)"), at=timezone.now())
    for asked, amount in ((lines_of(), "1000.00"), (open_of(), "1210.00")):
        response = treasurer.get(PAGE, asked)
        rows = list(csv.reader(StringIO(content(response).decode())))
        assert len(rows) == 2
        assert "'=HYPERLINK(1)" in rows[1]
        assert amount in rows[1]
        assert rows[0][0] == "Nummer"
        assert "attachment" in response["Content-Disposition"]
    for asked in (lines_of(file_type="xlsx"), open_of(file_type="xlsx")):
        sheet = openpyxl.load_workbook(BytesIO(content(treasurer.get(PAGE, asked)))).worksheets[0]
        heading, row = sheet.iter_rows(values_only=True)
        assert heading[0] == "Nummer"
        assert "'=HYPERLINK(1)" in row
        assert 1210 in row


@pytest.mark.parametrize("file_type", ["csv", "xlsx"])
def test_the_words_are_in_the_language_of_who_asks(treasurer: Client, file_type: str) -> None:
    issue(at=timezone.now())
    UserProfile.objects.create(user=User.objects.get(email="finance@demo.example"), preferred_language="en")
    for asked in (lines_of(file_type=file_type), open_of(file_type=file_type)):
        file = content(treasurer.get(PAGE, asked))
        if file_type == "csv":
            heading, row = csv.reader(StringIO(file.decode()))
        else:
            heading, row = openpyxl.load_workbook(BytesIO(file)).worksheets[0].iter_rows(values_only=True)
        assert heading[:2] in (["Number", "Kind"], ("Number", "Kind"))
        assert heading[-1] in ("Reference", "Open")
        assert row[1] == "invoice"


def test_the_page_says_what_is_wrong_beside_the_field(treasurer: Client) -> None:
    page = treasurer.get(PAGE).content.decode()
    assert "Download de lijnen" in page
    for asked, said in (
        (lines_of(), "In deze periode is niets uitgereikt."),
        (open_of(), "Op deze dag stond niets open."),
        (lines_of(since="31/12/2026", until="01/01/2026"), "De periode eindigt voor ze begint."),
        (lines_of(since="31/02/2026"), "31/02/2026"),
        (open_of(on="gisteren"), "gisteren"),
        (lines_of(file_type="exe"), "exe"),
        (lines_of(until="01/01/0001"), "De periode eindigt"),
        ({"what": "lines"}, "lines-since"),
        ({"what": "\0"}, "lines-since"),
    ):
        response = treasurer.get(PAGE, asked)
        assert response.status_code == 200
        assert said in response.content.decode(), asked


@pytest.mark.parametrize(
    ("today", "since", "until"),
    [
        (date(2026, 11, 28), date(2026, 10, 1), date(2026, 10, 31)),
        (date(2027, 1, 1), date(2026, 12, 1), date(2026, 12, 31)),
        (date(2028, 3, 31), date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_last_month_is_whole(today: date, since: date, until: date) -> None:
    assert last_month(today) == (since, until)


def test_who_may_read_invoices_opens_the_page_and_sees_it_in_the_menu(client: Client, site: object) -> None:
    found = {}
    for role in ("finance", "administrator", "board", "editor", "events"):
        client.force_login(person(role))
        home = client.get("/admin/").content.decode()
        found[role] = (client.get(PAGE).status_code == 200, PAGE in home)
    assert found == {
        "finance": (True, True),
        "administrator": (True, True),
        "board": (True, True),
        "editor": (False, False),
        "events": (False, False),
    }


def export(folder: Path, kind: str, *options: str) -> None:
    call_command("export_invoices", "--format", kind, "--output", str(folder), *options)


def test_the_command_writes_a_file_for_each_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    invoice = issue()
    credit(invoice)
    issue(at=NOON + timedelta(days=30))
    folder = tmp_path / "new" / "folder"
    for _time in range(2):
        export(folder, "ubl", "--from", "2026-11-23", "--to", "2026-11-23")
    assert sorted(path.name for path in folder.iterdir()) == ["2026-00001.xml", "CN2026-00001.xml"]
    assert ElementTree.parse(folder / "CN2026-00001.xml").getroot().tag.endswith("}CreditNote")
    assert f"2 files in {folder}" in capsys.readouterr().out
    export(tmp_path / "pdf", "pdf")
    names = sorted(path.name for path in (tmp_path / "pdf").iterdir())
    assert names == ["creditnota-CN2026-00001.pdf", "factuur-2026-00001.pdf", "factuur-2026-00002.pdf"]
    assert (tmp_path / "pdf" / names[0]).read_bytes().startswith(b"%PDF")


def test_the_command_writes_the_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    issue(line(text="=1+1"), line(text='Een "lijn", met komma'))
    export(tmp_path, "csv", "--from", "2026-01-01", "--to", "2026-12-31")
    path = tmp_path / "invoices-2026-01-01-2026-12-31.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["Omschrijving"] for row in rows] == ["'=1+1", 'Een "lijn", met komma']
    assert [row["Grootboekrekening"] for row in rows] == ["700000", "700000"]
    assert f"2 lines in {path}" in capsys.readouterr().out
    export(tmp_path, "csv")
    assert (tmp_path / "invoices.csv").exists()


def test_the_command_says_what_it_cannot_write_and_writes_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    issue()
    issue(customer=CustomerFactory.create(street=""))
    issue()
    with pytest.raises(CommandError, match="1 documents could not be written"):
        export(tmp_path, "ubl")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2026-00001.xml", "2026-00003.xml"]
    assert "2026-00002: De straat van de klant ontbreekt." in capsys.readouterr().err


def test_the_command_refuses_nonsense(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for wrong in (
        ["--from", "2026-02-30"],
        ["--from", "2026-02-02", "--to", "2026-02-01"],
    ):
        with pytest.raises(CommandError):
            export(tmp_path, "csv", *wrong)
    with pytest.raises(CommandError):
        export(tmp_path, "doc")
    with pytest.raises(CommandError, match="file"):
        export(tmp_path / "file", "csv")
