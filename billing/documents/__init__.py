"""The invoice as a document: what stands on it in the customer's language, and the accessible PDF of it."""

from billing.documents.pdf import render_pdf
from billing.documents.sheet import Sheet, make_sheet

__all__ = ["Sheet", "make_sheet", "render_pdf"]
