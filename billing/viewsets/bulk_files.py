"""The PDFs or UBL files of many invoices as one file to download."""

from collections.abc import Sequence
from tempfile import SpooledTemporaryFile
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.db.models import QuerySet
from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.documents import UblImpossible, file_name, find_gaps, make_ubl, render_pdf, ubl_file_name
from billing.models import Invoice, Payment
from billing.viewsets.bulk import Step
from billing.viewsets.bulk_invoices import ManyInvoices
from billing.viewsets.payments import PaymentViewSet
from cms.amounts import say_euro

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
            for invoice in self.documents(list(form.cleaned_data["chosen"])):
                try:
                    archive.writestr(self.file_name(invoice), self.make(invoice))
                except UblImpossible as refusal:
                    missing.append(f"{refusal.number}: {' '.join(refusal.problems)}")
            if missing:
                archive.writestr(_("skipped.txt"), "\n".join(missing) + "\n")
        packed.seek(0)
        name = f"invoices-{self.kind}-{timezone.localdate().isoformat()}.zip"
        return FileResponse(packed, as_attachment=True, filename=name, content_type="application/zip")

    def documents(self, pks: Sequence[int]) -> QuerySet[Invoice]:
        """Return the documents to send."""
        return self.rows(pks)

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


class DownloadPaid(DownloadPdfs):
    """The PDFs of the invoices that some payments were for, each once."""

    models = [Payment]
    viewset = PaymentViewSet
    display_name = gettext_lazy("Download the PDFs of the invoices")

    def rows(self, pks: Sequence[int]) -> QuerySet[Any]:
        """Return the payments with their invoices."""
        payments = Payment.objects.filter(pk__in=pks).select_related("invoice__credits")
        return payments.order_by("received_on", "pk")

    def documents(self, pks: Sequence[int]) -> QuerySet[Invoice]:
        """Return their invoices."""
        paid = Payment.objects.filter(pk__in=pks).values("invoice")
        return super().rows(list(paid.values_list("invoice", flat=True)))

    def plan(self, things: Sequence[Any]) -> dict[int, Step]:
        """Name the file of each. A pro forma is no invoice, and what was paid for it may have none yet."""
        obstacle = Step(obstacle=_("It was paid for a pro forma invoice, whose invoice is not issued yet."))
        return {
            payment.pk: obstacle
            if payment.invoice.is_pro_forma
            else Step(words=self.file_name(payment.invoice))
            for payment in things
        }

    def what_happens(self, things: Sequence[Any]) -> list[str]:
        """Say how many files: one invoice may have several payments."""
        return super().what_happens(list({payment.invoice_id for payment in things}))

    def name(self, thing: Any) -> str:
        """Name a payment by its invoice, day and amount."""
        return f"{thing.invoice.number}, {date_format(thing.received_on)}, {say_euro(thing.amount)}"

    def page_of(self, thing: Any) -> str:
        """Return the page of its invoice, where its payments stand."""
        return reverse("billing_invoices:inspect", args=[thing.invoice_id])


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
