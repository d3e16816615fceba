"""Files of one invoice that staff download."""

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import View
from wagtail.admin import messages

from billing.documents import UblImpossible, make_ubl, ubl_file_name
from billing.models import Invoice


class UblView(PermissionRequiredMixin, View):
    """The invoice as a bookkeeping program reads it; what is missing for that, above the invoice."""

    permission_required = "billing.view_invoice"
    raise_exception = True

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send the file, or go back and say why there is none."""
        invoice = get_object_or_404(Invoice.objects.select_related("credits"), pk=pk)
        try:
            content = make_ubl(invoice)
        except UblImpossible as refusal:
            words: dict[str, Any] = {"number": refusal.number, "problems": " ".join(refusal.problems)}
            messages.error(request, _("No UBL file can be made of %(number)s. %(problems)s") % words)
            return redirect("billing_invoices:inspect", pk)
        return HttpResponse(
            content,
            content_type="application/xml",
            headers={"Content-Disposition": f'attachment; filename="{ubl_file_name(invoice)}"'},
        )
