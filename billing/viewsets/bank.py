"""The treasurer's list of bank lines, and the page of one."""

import re
from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import F, Q, QuerySet, Sum
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from stdnum.be import ogm_vcs
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets import Button
from wagtail.models import ModelLogEntry

from billing.documents.sheet import spaced
from billing.models import BankEntry, BankFile
from billing.queries import ZERO, candidate_invoices
from billing.rules import show_structured_communication
from billing.viewsets import bank_actions
from billing.viewsets.bank_files import OfferUpload
from billing.viewsets.bank_upload import MatchView
from billing.viewsets.bulk_listing import BulkListing
from billing.viewsets.ledger import AmountColumn, DayColumn, LedgerIndexView, LedgerViewSet
from billing.viewsets.undoing import RecallView
from cms.amounts import say_euro
from cms.details import DetailsView

ENTRY_ACTIONS = bank_actions.ENTRY_ACTIONS | {"recall": RecallView}
TYPED_AMOUNT = re.compile(r"-?\d{1,3}(?:\.?\d{3})*,\d\d|-?\d+\.\d\d", re.ASCII)
WHY = {
    "named": _("named in the message"),
    "account": _("this account paid for the customer before"),
    "amount": _("exactly this amount is open"),
    "name": _("the name looks like it"),
}


class EntryFilters(WagtailFilterSet):
    """Bank lines by what became of them, by direction, day and file."""

    status = django_filters.MultipleChoiceFilter(label=_("Status"), choices=BankEntry.Status.choices)
    direction = django_filters.ChoiceFilter(
        label=_("Direction"),
        method="filter_direction",
        choices=[("in", _("came in")), ("out", _("went out"))],
    )
    booked_on = django_filters.DateFromToRangeFilter(label=_("Booked on"), widget=DateRangePickerWidget)
    file = django_filters.ModelChoiceFilter(label=_("Bank file"), queryset=BankFile.objects.all())

    class Meta:
        model = BankEntry
        fields = ("status", "direction", "booked_on", "file")

    def filter_direction(self, queryset: QuerySet[BankEntry], name: str, value: str) -> QuerySet[BankEntry]:
        """Keep what came in, or what went out."""
        return queryset.filter(amount__gt=0) if value == "in" else queryset.filter(amount__lt=0)


class MessageColumn(Column):
    """What the payer wrote, shortened."""

    def get_value(self, instance: BankEntry) -> str:
        """Return the structured communication, else the first words."""
        if instance.structured_communication:
            return show_structured_communication(instance.structured_communication)
        text = instance.remittance
        return f"{text[:60]}…" if len(text) > 60 else text


class EntryIndexView(OfferUpload, BulkListing, LedgerIndexView):
    """All bank lines, and the totals of what the filters leave."""

    @cached_property
    def columns(self) -> list[Any]:
        """Lead to the line by who it is from, also where the bank gives no name."""
        columns: list[Any] = super().columns
        columns[0].accessor = lambda entry: entry.counterparty_name or entry.counterparty_iban or _("no name")
        return columns

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        """Offer to match again."""
        buttons: list[Button] = list(super().header_more_buttons)
        if self.request.user.has_perm(MatchView.permission):
            url = reverse("billing_bank_entries:match")
            buttons.append(Button(MatchView.page_title, url=url, icon_name="rotate"))
        return buttons

    def search_queryset(self, queryset: QuerySet[BankEntry]) -> QuerySet[BankEntry]:
        """Find a communication, an amount or an account however it is typed."""
        typed = " ".join((self.search_query or "").split())
        if ogm_vcs.is_valid(typed):
            return queryset.filter(structured_communication=ogm_vcs.compact(typed))
        if TYPED_AMOUNT.fullmatch(typed) and len(typed) < 16:
            plain = typed.replace(".", "").replace(",", ".") if "," in typed else typed
            amount = abs(Decimal(plain))
            return queryset.filter(Q(amount=amount) | Q(amount=-amount))
        iban = typed.replace(" ", "").upper()
        if re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{8,30}", iban, re.ASCII):
            return queryset.filter(counterparty_iban=iban)
        # A line that was assigned in parts has several invoices to be found by, and stands there once.
        found = super().search_queryset(BankEntry.objects.order_by()).values("pk")
        return queryset.filter(pk__in=found)

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the totals over all pages."""
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        rows = context["paginator"].object_list.order_by() if context.get("paginator") else None
        if rows is not None and context["paginator"].count:
            waiting = Q(status=BankEntry.Status.WAITING, amount__gt=0)
            sums = rows.aggregate(
                came_in=Sum("amount", filter=Q(amount__gt=0)),
                went_out=Sum("amount", filter=Q(amount__lt=0)),
                left=Sum(F("amount") - F("assigned"), filter=waiting),
            )
            context["sums"] = [
                (_("Came in"), say_euro(sums["came_in"] or ZERO)),
                (_("Went out"), say_euro(sums["went_out"] or ZERO)),
                (_("To be assigned"), say_euro(sums["left"] or ZERO)),
            ]
        return context


class EntryInspectView(DetailsView):
    """One bank line: what the bank told, where it went, which invoices it may be for, what may be done."""

    def get_page_subtitle(self) -> str:
        """Name the line."""
        return str(self.object)

    @property
    def header_more_buttons(self) -> list[Button]:
        """Offer what this person may do with this line."""
        entry, user = self.object, self.request.user
        return [
            Button(
                action.label,
                url=reverse(f"billing_bank_entries:{name}", args=[entry.pk]),
                icon_name=action.icon,
            )
            for name, action in ENTRY_ACTIONS.items()
            if action.may(user, entry)
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add allocations, candidates and the timeline."""
        entry = self.object
        may_assign = ENTRY_ACTIONS["assign"].may(self.request.user, entry)
        is_waiting = entry.status == BankEntry.Status.WAITING
        allocations = entry.allocations.select_related(
            "payment__invoice", "payment__recorded_by"
        ).prefetch_related("payment__reversals")
        recalls = entry.reversals.select_related("payment__invoice", "recorded_by").order_by("pk")
        timeline = ModelLogEntry.objects.for_instance(entry).select_related("user")
        return super().get_context_data(
            entry=entry,
            amount=say_euro(entry.amount),
            iban=spaced(entry.counterparty_iban),
            left=say_euro(entry.left if entry.is_credit else entry.taking_back),
            communication=show_structured_communication(entry.structured_communication)
            if entry.structured_communication
            else "",
            allocations=[
                (
                    each,
                    say_euro(each.payment.amount),
                    say_euro(each.payment.surplus) if each.payment.surplus else "",
                    [reversal for reversal in each.payment.reversals.all() if reversal.counts],
                )
                for each in allocations
            ],
            recalls=[(each, say_euro(each.amount)) for each in recalls],
            candidates=[
                (invoice, say_euro(left), WHY[why]) for invoice, left, why in candidate_invoices(entry)
            ]
            if is_waiting
            else [],
            is_waiting=is_waiting,
            may_assign=may_assign,
            timeline=timeline.order_by("-timestamp", "-pk"),
            actions=self.header_more_buttons,
            **kwargs,
        )


class BankEntryViewSet(LedgerViewSet):
    """Lines of bank files; those that went to no invoice wait here."""

    model = BankEntry
    icon = "list-ul"
    name = "billing_bank_entries"
    url_prefix = "billing/bank-lines"
    menu_label = _("Bank lines")
    index_view_class = EntryIndexView
    inspect_view_class = EntryInspectView
    inspect_template_name = "billing/admin/bank_entry.html"
    index_results_template_name = "billing/admin/bank_results.html"
    filterset_class = EntryFilters
    ordering = ("-booked_on", "-pk")
    search_fields = [
        "counterparty_name", "counterparty_iban", "remittance", "structured_communication", "bank_reference",
        "end_to_end_id", "allocations__payment__invoice__number",
    ]  # fmt: skip
    list_display = [
        "counterparty_name",
        DayColumn("booked_on", label=_("Booked on"), sort_key="booked_on"),
        MessageColumn("message", label=_("Communication")),
        AmountColumn("amount", label=_("Amount"), sort_key="amount"),
        AmountColumn("left", label=_("To be assigned")),
        Column("get_status_display", label=_("Status"), sort_key="status"),
    ]
    list_export = [
        "booked_on", "valued_on", "amount", "assigned", "status", "reason", "counterparty_name",
        "counterparty_iban", "structured_communication", "remittance", "end_to_end_id", "bank_reference",
        "file.name",
    ]  # fmt: skip
    typed = (
        "reason", "counterparty_name", "counterparty_iban", "remittance", "end_to_end_id", "bank_reference",
        "file.name",
    )  # fmt: skip

    def get_urlpatterns(self) -> list[Any]:
        """Add the actions."""
        return [
            *super().get_urlpatterns(),
            path("match/", MatchView.as_view(), name="match"),
            *(path(f"{name}/<int:pk>/", view.as_view(), name=name) for name, view in ENTRY_ACTIONS.items()),
        ]
