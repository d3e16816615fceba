"""The invoice as a document: what stands on it in the customer's language, its accessible PDF and its UBL."""

from billing.documents.collecting import Collecting, collecting
from billing.documents.pdf import render_pdf
from billing.documents.sheet import Sheet, make_sheet, title_of
from billing.documents.ubl import (
    Gap,
    UblImpossible,
    find_gaps,
    is_for_peppol,
    make_ubl,
    peppol_address,
    ubl_file_name,
)
from billing.models import Invoice
from cms.emails import MailFile

__all__ = [
    "Collecting",
    "Gap",
    "Sheet",
    "UblImpossible",
    "attached_pdf",
    "collecting",
    "file_name",
    "find_gaps",
    "is_for_peppol",
    "make_sheet",
    "make_ubl",
    "peppol_address",
    "render_pdf",
    "ubl_file_name",
]


def file_name(invoice: Invoice) -> str:
    """Return the name of the PDF: creditnota-CN2026-00001.pdf."""
    return f"{title_of(invoice).lower().replace(' ', '-')}-{invoice.number}.pdf"


def attached_pdf(invoice_id: int) -> MailFile:
    """Make the PDF for a mail that is about to leave."""
    invoice = Invoice.documents.get(pk=invoice_id)
    return MailFile(file_name(invoice), render_pdf(invoice), "application/pdf")
