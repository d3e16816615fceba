"""Uploading a bank file, and looking once more for the invoices of lines that wait."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from billing.bank.statements import FileRefused
from billing.forms import BankFileForm, SendForm
from billing.models import BankEntry, BankFile
from billing.operations.bank_files import AccountUnknown, Imported, import_bank_file
from billing.operations.bank_lines import match_entries
from billing.viewsets.bank_refusals import say_refusal
from cms.forms import without_hidden_signs

AT_ONCE = 200
"""So many lines are matched while the person waits, in a second or two; the worker does the rest."""


class BankDeskView(WagtailAdminTemplateMixin, FormView):
    """A form about no single line, with what will happen above it."""

    template_name = "billing/admin/action.html"
    permission: str
    list_name: str
    model: type[Any]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse who may not."""
        if not request.user.has_perm(self.permission):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def what_happens(self) -> list[str]:
        """Return the sentences that a person reads before confirming."""
        raise NotImplementedError

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the list."""
        return [
            *self.breadcrumbs_items,
            {"url": reverse(self.list_name), "label": capfirst(self.model._meta.verbose_name_plural)},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the sentences and the way back."""
        return super().get_context_data(
            what_happens=self.what_happens(),
            back_url=reverse(self.list_name),
            action_label=self.page_title,
            **kwargs,
        )


class UploadView(BankDeskView):
    """Take a bank file, and show what came of it."""

    template_name = "billing/admin/bank_upload.html"
    permission = "billing.add_bankfile"
    list_name = "billing_bank_files:index"
    model = BankFile
    form_class = BankFileForm
    page_title = gettext_lazy("Upload a bank file")
    header_icon = "upload"

    def what_happens(self) -> list[str]:
        """Say what is done with it."""
        return [
            _("The file is checked first: opening balance and lines must come to the closing balance."),
            _(
                "Each new line that names an invoice is recorded as its payment at once; the others wait for "
                "you. Lines that came in before add nothing, so periods may overlap."
            ),
            _("A mistake can be undone later, with a reason."),
        ]

    def form_valid(self, form: Form) -> HttpResponse:
        """Take it, or say beside the field why not."""
        upload = form.cleaned_data["file"]
        by: Any = self.request.user
        try:
            done = import_bank_file(
                content=upload.read(),
                name=without_hidden_signs(upload.name),
                at=timezone.now(),
                by=by,
                limit=AT_ONCE,
            )
        except FileRefused as refused:
            form.add_error("file", say_refusal(refused))
        except AccountUnknown:
            form.add_error("file", _("Fill in the association’s IBAN first (Settings, Association)."))
        else:
            messages.success(self.request, say_outcome(done))
            return redirect(reverse("billing_bank_files:inspect", args=[done.file.pk]))
        return self.form_invalid(form)


def say_outcome(done: Imported) -> str:
    """Return in a sentence or two what an upload brought."""
    if not done.is_new:
        return _("This very file was taken before: it adds nothing.")
    told = ngettext("%(new)s new line.", "%(new)s new lines.", done.new) % {"new": done.new}
    if done.known:
        known = ngettext("%(count)s was known already.", "%(count)s were known already.", done.known)
        told += " " + known % {"count": done.known}
    if done.matched:
        matched = ngettext("%(count)s is matched.", "%(count)s are matched.", done.matched)
        told += " " + matched % {"count": done.matched}
    if done.matched >= AT_ONCE:
        told += " " + _("There are many: the rest follows in a few minutes, look again then.")
    return told


class MatchView(BankDeskView):
    """Look for the invoices of lines that wait once more."""

    permission = "billing.change_bankentry"
    list_name = "billing_bank_entries:index"
    model = BankEntry
    form_class = SendForm
    page_title = gettext_lazy("Match again")
    header_icon = "rotate"

    def what_happens(self) -> list[str]:
        """Say what is looked for."""
        return [
            _(
                "Each line that waits and names an invoice, or comes from a known account with exactly the "
                "open amount of one invoice, is recorded as its payment. Lines in doubt are left to you."
            ),
            _("A mistake can be undone later, with a reason."),
        ]

    def form_valid(self, form: Form) -> HttpResponse:
        """Match, and say how many."""
        by: Any = self.request.user
        count = match_entries(at=timezone.now(), by=by, limit=AT_ONCE)
        if count:
            told = ngettext("%(count)s line is matched.", "%(count)s lines are matched.", count)
            messages.success(self.request, told % {"count": count})
        else:
            messages.info(self.request, _("No line that waits fits an invoice for certain."))
        return redirect(reverse(self.list_name))
