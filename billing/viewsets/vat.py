"""How VAT is treated: rows that the accountant signs off, changed and never added."""

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import EditView
from wagtail.admin.viewsets.model import ModelViewSet

from billing.models import VatTreatment
from billing.viewsets.ledger import DayColumn, LedgerIndexView
from cms.amounts import say_percent

SIGNATURE = {"signed_off_on", "signed_off_by"}


class VatTreatmentForm(WagtailAdminModelForm):
    """A change that is not signed anew makes the signature lapse."""

    has_lapsed = False

    def clean(self) -> dict[str, Any]:
        """Empty the signature when something else changed and it did not."""
        data: dict[str, Any] = super().clean()
        changed = set(self.changed_data)
        if changed - SIGNATURE and not changed & SIGNATURE and self.instance.signed_off_on:
            data |= {"signed_off_on": None, "signed_off_by": ""}
            self.has_lapsed = True
        return data


class VatTreatmentEditView(EditView):
    """Says when a signature lapsed. There is no list of uses: issued lines keep a copy."""

    def get_usage_url(self) -> None:
        """Lead nowhere."""

    def get_success_message(self) -> str:
        """Add that the accountant has to sign off again."""
        said = str(super().get_success_message())
        lapsed = gettext("It is no longer signed off: something changed since.")
        return f"{said} {lapsed}" if self.form.has_lapsed else said


class RateColumn(Column):
    """A percentage as people write it."""

    def get_value(self, instance: VatTreatment) -> str:
        """Return the rate with its sign."""
        return say_percent(instance.rate)


class VatTreatmentViewSet(ModelViewSet):
    """The treatments of VAT."""

    model = VatTreatment
    icon = "tasks"
    name = "billing_vat"
    url_prefix = "billing/vat"
    menu_label = capfirst(_("VAT treatments"))
    index_view_class = LedgerIndexView
    edit_view_class = VatTreatmentEditView
    copy_view_enabled = False
    inspect_view_enabled = False
    search_backend_name = None
    add_to_reference_index = False
    list_display = [
        "__str__",
        "category",
        RateColumn("rate", label=capfirst(_("VAT rate"))),
        "vat_code",
        "ledger_account",
        DayColumn("signed_off_on", label=_("Signed off on")),
        "signed_off_by",
    ]
    edit_handler = ObjectList(
        [
            MultiFieldPanel(
                [
                    FieldPanel("slug", read_only=True),
                    FieldRowPanel([FieldPanel("name_nl"), FieldPanel("name_en")]),
                ],
                heading=_("Name"),
            ),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("category"), FieldPanel("rate")]),
                    FieldPanel("reason_nl"),
                    FieldPanel("reason_en"),
                    FieldPanel("reason_code"),
                    FieldPanel("is_vat_invoice"),
                ],
                heading=_("On the invoice"),
            ),
            MultiFieldPanel(
                [FieldRowPanel([FieldPanel("ledger_account"), FieldPanel("vat_code")])],
                heading=_("In the bookkeeping"),
            ),
            MultiFieldPanel(
                [FieldRowPanel([FieldPanel("signed_off_on"), FieldPanel("signed_off_by")])],
                heading=_("Signed off by the accountant"),
                help_text=_(
                    "What you change applies from the next invoice on. A change that is not signed anew "
                    "makes the signature lapse."
                ),
            ),
        ],
        base_form_class=VatTreatmentForm,
    )

    def get_urlpatterns(self) -> list[Any]:
        """Serve the list, the form and its history only."""
        kept = {"index", "index_results", "edit", "history", "history_results"}
        return [each for each in super().get_urlpatterns() if each.name in kept]
