"""The PDFs or UBL files of many invoices as one file to download."""

from collections.abc import Sequence
from tempfile import SpooledTemporaryFile
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.db.models import QuerySet
from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.documents import UblImpossible, file_name, find_gaps, make_ubl, render_pdf, ubl_file_name
from billing.models import Invoice
from billing.viewsets.bulk import Step
from billing.viewsets.bulk_invoices import ManyInvoices

IN_MEMORY = 8 * 1024 * 1024
"""So many bytes before the file is kept on disk while it is made."""


class DownloadMany(ManyInvoices):
    """A file for each document, in a ZIP file; nothing changes."""

    permission = "billing.view_invoice"
    icon = "download"
    kind: str

    def rows(self, pks: Sequence[int]) -> QuerySet[Invoice]:
        """Return them with what stands on them."""
        return super().rows(pks).select_related("credits").prefetch_related("lines").order_by("pk")

    def plan(self, things: Sequence[Any]) -> dict[int, Step]:
        """Name the file of each."""
        return {invoice.pk: Step(words=self.file_name(invoice)) for invoice in things}

    def what_happens(self, things: Sequence[Any]) -> list[str]:
        """Say how many files."""
        count = len(things)
        told = ngettext(
            "You download %(count)s file, in a ZIP file.",
            "You download %(count)s files, in one ZIP file.",
            count,
        )
        return [told % {"count": count}, _("Nothing changes, and nobody gets an e-mail.")]

    def form_valid(self, form: Any) -> HttpResponseBase:
        """Send them; what could not be made after all stands in a text among them."""
        packed = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (the answer closes it)
        missing = []
        with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
            for invoice in self.rows(list(form.cleaned_data["chosen"])):
                try:
                    archive.writestr(self.file_name(invoice), self.make(invoice))
                except UblImpossible as refusal:
                    missing.append(f"{refusal.number}: {' '.join(refusal.problems)}")
            if missing:
                archive.writestr(_("left out.txt"), "\n".join(missing) + "\n")
        packed.seek(0)
        name = f"invoices-{self.kind}-{timezone.localdate().isoformat()}.zip"
        return FileResponse(packed, as_attachment=True, filename=name, content_type="application/zip")

    def file_name(self, invoice: Invoice) -> str:
        """Return the name of the file of one."""
        raise NotImplementedError

    def make(self, invoice: Invoice) -> bytes:
        """Make it. Raises UblImpossible."""
        raise NotImplementedError


class DownloadPdfs(DownloadMany):
    """The PDFs."""

    display_name = gettext_lazy("Download the PDFs")
    action_type = "pdf"
    action_priority = 50
    kind = "pdf"

    def file_name(self, invoice: Invoice) -> str:
        """Return the name of its PDF."""
        return file_name(invoice)

    def make(self, invoice: Invoice) -> bytes:
        """Draw it."""
        return render_pdf(invoice)


class DownloadUbl(DownloadMany):
    """The UBL files; what lacks something for it is left out and says what."""

    display_name = gettext_lazy("Download the UBL files")
    action_type = "ubl"
    action_priority = 60
    kind = "ubl"

    def plan(self, things: Sequence[Any]) -> dict[int, Step]:
        """Say what is missing where."""
        steps = super().plan(things)
        for invoice in things:
            if gaps := list(find_gaps(invoice, list(invoice.lines.all()))):
                steps[invoice.pk] = Step(obstacle=" ".join(str(gap.text) for gap in gaps))
        return steps

    def file_name(self, invoice: Invoice) -> str:
        """Return the name of its UBL file."""
        return ubl_file_name(invoice)

    def make(self, invoice: Invoice) -> bytes:
        """Write it."""
        return make_ubl(invoice)
