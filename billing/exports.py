"""What a spreadsheet or a bookkeeping program gets."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http.response import HttpResponse, HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.mixins import SpreadsheetExportMixin

from billing.documents.signs import tidy
from billing.models import Invoice
from billing.money import cents
from billing.queries import issued_between, open_items

CHUNK = 500
_FORMULA = re.compile(r"((?:^|[;,\t\r\n])\s*)(?=[=+\-@])|^(?=[\t\r])")
"""Where a text, or what a spreadsheet cuts it into, would begin a formula."""


def no_formula(text: object) -> str:
    """Keep a spreadsheet from reading a text that somebody typed as a formula (OWASP, CSV injection)."""
    return _FORMULA.sub(r"\1'", "" if text is None else str(text))


@dataclass(frozen=True)
class BookedLine:
    """One line of an invoice as it is booked. Amounts in EUR; those of a credit note are below zero."""

    number: str
    kind: str
    issued_on: date
    due_on: date
    customer: str
    country: str
    vat_number: str
    enterprise_number: str
    text: str
    period_from: date | None
    period_to: date | None
    ledger_account: str
    vat_code: str
    vat_category: str
    vat_rate: Decimal
    net: Decimal
    vat: Decimal
    gross: Decimal
    credits: str
    communication: str
    reference: str


LINE_HEADINGS: dict[str, Promise] = {
    "number": _("Number"),
    "kind": _("Kind"),
    "issued_on": _("Date"),
    "due_on": _("Due date"),
    "customer": _("Customer"),
    "country": _("Country"),
    "vat_number": _("VAT number"),
    "enterprise_number": _("Enterprise number"),
    "text": _("Description"),
    "period_from": _("From"),
    "period_to": _("Up to and including"),
    "ledger_account": _("Ledger account"),
    "vat_code": _("VAT code"),
    "vat_category": _("VAT category"),
    "vat_rate": _("VAT rate"),
    "net": _("Amount"),
    "vat": _("VAT"),
    "gross": _("Total"),
    "credits": _("Credits"),
    "communication": _("Structured communication"),
    "reference": _("Reference"),
}
OPEN_HEADINGS: dict[str, Promise] = {
    "number": _("Number"),
    "get_kind_display": _("Kind"),
    "issued_on": _("Date"),
    "due_on": _("Due date"),
    "name": _("Customer"),
    "email": _("E-mail address"),
    "structured_communication": _("Structured communication"),
    "reference": _("Reference"),
    "invoiced": _("Invoiced"),
    "credited": _("Credited"),
    "received": _("Received"),
    "returned": _("Went back"),
    "left": _("Open"),
}


class Spreadsheet(SpreadsheetExportMixin):
    """Rows of attributes as CSV or XLSX, written by Wagtail; texts can do no harm there."""

    def __init__(self, name: str, headings: dict[str, Promise]) -> None:
        self.export_filename = name
        self.list_export = list(headings)
        self.export_headings = headings

    def get_preprocess_function(self, field: str, value: object, export_format: str) -> Any:
        """Make texts harmless, give amounts their cents, and leave days what they are."""
        if isinstance(value, str | Promise):
            return partial(_harmless)
        if isinstance(value, Decimal):
            return cents  # also what the database reckoned, which SQLite gives without its zeros
        return super().get_preprocess_function(field, value, export_format)

    def csv(self, rows: Iterable[object]) -> Iterator[bytes]:
        """Return the lines of a CSV file, in UTF-8."""
        lines: Iterator[bytes] = self.stream_csv(rows)
        return lines

    def response(self, rows: Iterable[object], file_type: str) -> HttpResponseBase:
        """Return the file to download, "csv" or "xlsx".

        It is made at once: while an answer streams, the reader's language is no longer active.
        """
        if file_type == "csv":
            name = f'attachment; filename="{self.get_filename()}.csv"'
            lines = b"".join(self.csv(rows))
            return HttpResponse(lines, content_type="text/csv", headers={"Content-Disposition": name})
        answer: HttpResponseBase = self.write_xlsx_response(rows)
        return answer


def _harmless(value: object) -> str:
    return no_formula(tidy(str(value)))


def booked_lines(since: date | None, until: date | None) -> Iterator[BookedLine]:
    """Return each line issued from one day up to and including another, by document, oldest first.

    Each line keeps its part of the VAT, so that they add up to what stands on the document.
    """
    for invoice in issued_between(since, until).iterator(chunk_size=CHUNK):
        sign = -1 if invoice.kind == Invoice.Kind.CREDIT_NOTE else 1
        for line in invoice.lines.all():
            yield BookedLine(
                number=invoice.number,
                kind=invoice.get_kind_display(),
                issued_on=invoice.issued_on,
                due_on=invoice.due_on,
                customer=invoice.name,
                country=invoice.country,
                vat_number=invoice.vat_number,
                enterprise_number=invoice.enterprise_number,
                text=line.text,
                period_from=line.period_from,
                period_to=line.period_to,
                ledger_account=line.ledger_account,
                vat_code=line.vat_code,
                vat_category=line.vat_category,
                vat_rate=line.vat_rate,
                net=line.net * sign,
                vat=line.vat * sign,
                gross=(line.net + line.vat) * sign,
                credits=invoice.credits.number if invoice.credits else "",
                communication=invoice.structured_communication,
                reference=invoice.reference,
            )


def line_sheet(since: date | None, until: date | None) -> tuple[Spreadsheet, Iterator[BookedLine]]:
    """Return the accounting export of a period: the sheet and its rows."""
    days = "-".join(day.isoformat() for day in (since, until) if day)
    return Spreadsheet(f"invoices-{days}".rstrip("-"), LINE_HEADINGS), booked_lines(since, until)


def open_sheet(on: date) -> tuple[Spreadsheet, QuerySet[Any]]:
    """Return the open items at the end of a day: the sheet and its rows."""
    return Spreadsheet(f"open-items-{on.isoformat()}", OPEN_HEADINGS), open_items(on)
