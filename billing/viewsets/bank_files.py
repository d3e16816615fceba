"""The treasurer's list of bank files, and the page of one: what it told and what became of it."""

from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.widgets import HeaderButton
from wagtail.models import ModelLogEntry

from billing.documents.sheet import spaced
from billing.models import BankEntry, BankFile
from billing.queries import ZERO, follows_known_file
from billing.viewsets.bank_actions import SetDebitsAsideView
from billing.viewsets.bank_upload import UploadView
from billing.viewsets.ledger import AmountColumn, DayColumn, LedgerIndexView, LedgerViewSet
from cms.amounts import say_euro
from cms.details import DetailsView


class OfferUpload:
    """A list that offers to upload a bank file to who may, also where it is empty."""

    request: Any

    @cached_property
    def upload_url(self) -> str:
        """Where to upload, for who may."""
        may = self.request.user.has_perm(UploadView.permission)
        return reverse("billing_bank_files:upload") if may else ""

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """Offer it above the list."""
        if not self.upload_url:
            return []
        return [HeaderButton(UploadView.page_title, url=self.upload_url, icon_name="upload")]

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Tell the empty list."""
        parent: Any = super()
        return {**parent.get_context_data(*args, **kwargs), "upload_url": self.upload_url}


class FileIndexView(OfferUpload, LedgerIndexView):
    """All bank files that were taken, each with what still waits."""

    def get_base_queryset(self) -> QuerySet[BankFile]:
        """Count along what waits."""
        files: QuerySet[BankFile] = super().get_base_queryset().select_related("uploaded_by")
        return files.annotate(waiting=Count("entries", filter=Q(entries__status=BankEntry.Status.WAITING)))


class FileInspectView(DetailsView):
    """One bank file: what it told, and what became of its lines."""

    def get_page_subtitle(self) -> str:
        """Name the file."""
        return str(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the outcome by state and direction."""
        file = self.object
        groups = (
            file.entries.order_by()
            .values("status")
            .annotate(
                came_in=Count("pk", filter=Q(amount__gt=0)),
                sum_in=Sum("amount", filter=Q(amount__gt=0)),
                went_out=Count("pk", filter=Q(amount__lt=0)),
                sum_out=Sum("amount", filter=Q(amount__lt=0)),
            )
        )
        found = {group["status"]: group for group in groups}
        listing = reverse("billing_bank_entries:index")
        return super().get_context_data(
            file=file,
            iban=spaced(file.iban),
            opening=say_euro(file.opening),
            has_gap=not follows_known_file(file),
            closing=say_euro(file.closing),
            outcome=[
                {
                    "label": label,
                    "url": f"{listing}?file={file.pk}&status={status}",
                    "came_in": found[status]["came_in"],
                    "sum_in": say_euro(found[status]["sum_in"] or ZERO),
                    "went_out": found[status]["went_out"],
                    "sum_out": say_euro(found[status]["sum_out"] or ZERO),
                }
                for status, label in BankEntry.Status.choices
                if status in found
            ],
            set_aside_url=reverse("billing_bank_files:set-aside", args=[file.pk])
            if SetDebitsAsideView.may(self.request.user, file)
            else "",
            set_aside_label=SetDebitsAsideView.label,
            timeline=ModelLogEntry.objects.for_instance(file).select_related("user").order_by("-timestamp"),
            **kwargs,
        )


class BankFileViewSet(LedgerViewSet):
    """Bank files that were taken."""

    model = BankFile
    icon = "upload"
    name = "billing_bank_files"
    url_prefix = "billing/bank-files"
    menu_label = _("Bank files")
    index_view_class = FileIndexView
    inspect_view_class = FileInspectView
    inspect_template_name = "billing/admin/bank_file.html"
    index_results_template_name = "billing/admin/bank_results.html"
    ordering = ("-uploaded_at", "-pk")
    search_fields = ["name", "sha256"]
    list_display = [
        "name",
        DayColumn("from_on", label=_("From"), sort_key="from_on"),
        DayColumn("to_on", label=_("Up to and including"), sort_key="to_on"),
        AmountColumn("opening", label=_("Opening balance")),
        AmountColumn("closing", label=_("Closing balance")),
        Column("new_count", label=_("New lines"), sort_key="new_count"),
        Column("waiting", label=_("Of which wait"), sort_key="waiting"),
        DateColumn("uploaded_at", label=_("Uploaded"), sort_key="uploaded_at"),
        "uploaded_by",
    ]
    list_export = [
        "name",
        "iban",
        "from_on",
        "to_on",
        "opening",
        "closing",
        "new_count",
        "known_count",
        "sha256",
    ]
    typed = ("name",)

    def get_urlpatterns(self) -> list[Any]:
        """Add the upload and the action on one file."""
        return [
            *super().get_urlpatterns(),
            path("upload/", UploadView.as_view(), name="upload"),
            path("set-aside/<int:pk>/", SetDebitsAsideView.as_view(), name="set-aside"),
        ]
