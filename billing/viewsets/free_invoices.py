"""Making an invoice by hand: for whom, its lines, a look at what it comes to, and one confirmation."""

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.model import ModelViewSet

from accounts.models import User
from billing.documents import Gap, find_gaps
from billing.forms.free_invoices import FreeInvoiceForm, FreeLineFormSet, FreeLines
from billing.models import Customer, Invoice, Issuer
from billing.models.customers import POSTAL_FIELDS
from billing.models.issuer import IssuerIncomplete
from billing.operations.free_invoices import (
    Preview,
    PreviewOutdated,
    find_vat_gaps,
    issue_free_invoice,
    preview_free_invoice,
)
from billing.operations.invoices import NothingToInvoice, VatUnconfirmed
from billing.queries import usual_treatment, vat_treatments
from billing.rules import InvalidLine, SeriesIsFull, due_date
from billing.vat import REVERSE_CHARGE
from billing.viewsets.desk import DeskView
from cms.amounts import say_euro, say_percent

PERMISSION = "billing.add_invoice"
LINES = "lines"
STEPS = ("step", "confirmed", "csrfmiddlewaretoken")
"""What is sent along that is no part of the invoice."""


class FreeInvoiceView(DeskView):
    """The form, its preview and its confirmation, at one address; nothing is stored before the last."""

    permission = PERMISSION
    label = gettext_lazy("New invoice")
    icon = "doc-full"
    form_class = FreeInvoiceForm
    template_name = "billing/admin/free_invoice.html"
    preview_template_name = "billing/admin/free_invoice_preview.html"
    list_url_name = "billing_free_invoices:index"
    model = Customer
    preview: Preview | None = None

    def get_success_url(self) -> str:
        """Lead back to the choice of a customer."""
        return reverse(self.list_url_name)

    def get_initial(self) -> dict[str, Any]:
        """Propose the customer's order number and the usual days to pay."""
        days = Issuer.load().payment_days
        return {
            "po_number": self.object.po_number,
            "due_on": due_date(timezone.localdate(), days),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Add a line or go back with what was typed; else check it, and show or issue what it comes to."""
        step = request.POST.get("step", "")
        if step in ("add", "change"):
            rows = FreeLines.typed(request.POST, LINES)
            if step == "add":
                rows.append({"quantity": "1"})
            typed = {name: request.POST.get(name, "") for name in FreeInvoiceForm.base_fields}
            form = FreeInvoiceForm(initial=typed)
            return self.render_to_response(self.get_context_data(form=form, lines=self._lines(rows=rows)))
        form, lines = self.get_form(), self._lines(data=request.POST)
        if not (form.is_valid() & lines.is_valid()):
            return self.render_to_response(self.get_context_data(form=form, lines=lines))
        return self._look(form, lines, is_confirmed=step == "issue")

    def _look(self, form: Any, lines: Any, *, is_confirmed: bool) -> HttpResponse:
        data, by = form.cleaned_data, cast(User, self.request.user)
        words = {
            "customer": self.object,
            "lines": lines.drafts,
            **{name: data[name] for name in ("po_number", "buyer_reference", "due_on")},
        }
        try:
            self.preview = preview_free_invoice(**words, at=timezone.now())
            if not self._blocking():
                if not is_confirmed:
                    return self._show_preview()
                seal = data["confirmed"]
                invoice = issue_free_invoice(**words, key=data["key"], seal=seal, at=timezone.now(), by=by)
                told = {"number": invoice.number, "email": invoice.email}
                messages.success(self.request, _("%(number)s is issued and mailed to %(email)s.") % told)
                return redirect("billing_invoices:inspect", invoice.pk)
        except (PreviewOutdated, VatUnconfirmed):
            messages.warning(self.request, _("Something has changed since you looked: check it once more."))
            return self._show_preview()
        except (InvalidLine, NothingToInvoice):
            form.add_error(None, _("Together the lines come to nothing, or to more than an invoice may."))
        except IssuerIncomplete:
            form.add_error(None, _("Fill in the association’s details first (Settings, Association)."))
        except SeriesIsFull:
            form.add_error(None, _("This year has no invoice numbers left."))
        return self.render_to_response(self.get_context_data(form=form, lines=lines))

    def _show_preview(self) -> HttpResponse:
        context = self.get_context_data(lines=None)
        return self.response_class(
            request=self.request,
            template=[self.preview_template_name],
            context=context,
            using=self.template_engine,
        )

    def _lines(self, **words: Any) -> Any:
        return FreeLineFormSet(prefix=LINES, form_kwargs={"treatments": self._treatments}, **words)

    @cached_property
    def _usual(self) -> str:
        """The treatment of VAT that holds for this customer."""
        facts = {"country": self.object.country, "vat_number": self.object.vat_number}
        return usual_treatment(regime=Issuer.load().vat_regime, **facts, at=timezone.now())

    @cached_property
    def _treatments(self) -> list[tuple[str, str]]:
        """The treatments of VAT to choose from; first the one that holds for this customer."""
        known = vat_treatments()
        words = {"treatment": known[self._usual].name}
        return [
            ("", _("As usual for this customer: %(treatment)s") % words),
            *((slug, each.name) for slug, each in known.items()),
        ]

    def _gaps(self) -> list[Gap]:
        """What is missing; before there are lines, of the customer alone."""
        if self.preview:
            return self.preview.gaps
        details = {name: getattr(self.object, name) for name in POSTAL_FIELDS}
        invoice = Invoice(**details, issuer=dict.fromkeys(("enterprise_number", "iban", "name"), ""))
        invoice.issuer |= {"street": "", "town": ""}
        gaps = [gap for gap in find_gaps(invoice, []) if gap.about != "issuer"]
        if self._usual == REVERSE_CHARGE:
            gaps += find_vat_gaps(self.object, at=timezone.now())
        return gaps

    def _blocking(self) -> list[Gap]:
        """What any invoice needs; without an address on Peppol one is mailed all the same."""
        return [gap for gap in self._gaps() if gap.about != "peppol"]

    def what_happens(self) -> list[str]:
        """Say that nothing is issued yet, or what confirming does."""
        if self.preview and not self._blocking():
            words = {"email": self.object.email}
            return [
                _("This is not issued yet. When you confirm, it gets its number and is mailed to %(email)s.")
                % words,
                _("An issued invoice never changes: it can only be credited."),
            ]
        return [_("You first see what the invoice comes to. Nothing is issued before you confirm that.")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the lines, the customer, what is missing, and the preview with all that was typed."""
        if "lines" not in kwargs:
            kwargs["lines"] = self._lines()
        gaps = self._gaps()
        context: dict[str, Any] = super().get_context_data(
            customer=self.object,
            customer_url=reverse("billing_customers:edit", args=[self.object.pk]),
            customer_gaps=[gap.text for gap in gaps if gap.about in ("customer", "issuer")],
            line_gaps=[gap.text for gap in gaps if gap.about == "lines"],
            peppol_gaps=[gap.text for gap in gaps if gap.about == "peppol"],
            **kwargs,
        )
        if preview := self.preview:
            context |= {
                "preview": preview,
                "rows": [
                    (line, say_euro(line.unit_price), say_percent(line.vat_rate), say_euro(line.net))
                    for line in preview.lines
                ],
                "vats": [
                    (part, say_percent(part.rate), say_euro(part.net), say_euro(part.vat))
                    for part in preview.totals.per_rate
                ],
                "net": say_euro(preview.totals.net),
                "gross": say_euro(preview.totals.gross),
                "typed": [(name, value) for name, value in self.request.POST.items() if name not in STEPS],
            }
        return context


class ChooseCustomerView(IndexView):
    """All customers, to search; each row leads to the form of an invoice for that customer."""

    page_title = gettext_lazy("New invoice: for whom?")
    add_item_label = gettext_lazy("New customer")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer only who may issue invoices."""
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_edit_url(self, instance: Customer) -> str:
        """Lead to the form of an invoice."""
        return reverse("billing_free_invoices:draw-up", args=[instance.pk])

    def get_list_more_buttons(self, instance: Customer) -> list[Any]:
        """Offer nothing else: the row itself leads on."""
        return []

    def get_add_url(self) -> str:
        """Lead to the form of a new customer, which leads back to an invoice."""
        return f"{reverse('billing_customers:add')}?then=invoice"


class FreeInvoiceMenuItem(MenuItem):
    """Shown to who may issue invoices."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Ask for the right."""
        return bool(request.user.has_perm(PERMISSION))


class FreeInvoiceViewSet(ModelViewSet):
    """Choosing a customer, and the form of an invoice."""

    model = Customer
    icon = "doc-full"
    name = "billing_free_invoices"
    url_prefix = "billing/free-invoices"
    menu_label = gettext_lazy("New invoice")
    menu_item_class = FreeInvoiceMenuItem
    index_view_class = ChooseCustomerView
    add_to_reference_index = False
    search_backend_name = None
    list_per_page = 50
    search_fields = ["name", "email", "enterprise_number", "vat_number", "city"]
    list_display = [
        "name",
        "city",
        Column(
            "enterprise_number",
            label=gettext_lazy("Enterprise number"),
            accessor="shown_enterprise_number",
            sort_key="enterprise_number",
        ),
        "email",
    ]
    form_fields: list[str] = []

    def register_admin_url_finder(self) -> None:
        """Leave finding a customer's page to the list of customers."""

    def get_urlpatterns(self) -> list[Any]:
        """Serve the choice and the form."""
        kept = {"index", "index_results"}
        return [
            *(each for each in super().get_urlpatterns() if each.name in kept),
            path("<int:pk>/", FreeInvoiceView.as_view(), name="draw-up"),
        ]
