"""The plan's figures in the back office: lists for the board, forms for who may change them."""

from typing import Any

from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet

from cms.amounts import say_euro
from cms.forms import PlainTexts
from reporting.forms import GrowthForm, PlannedActivityForm, RevenueForm
from reporting.models import SIZES, GrowthTarget, Kpi, PlannedActivity, RevenueTarget, WorkPackageWeight

YEARS = range(1, 5)


class TargetColumn(Column):
    """What an indicator should reach in one plan year."""

    def __init__(self, year: int) -> None:
        super().__init__(f"target_{year}", label=format_lazy(_("Year {year}"), year=year))
        self.year = year

    def get_value(self, instance: Kpi) -> str:
        """The target with its unit; empty when the year has none."""
        targets = {target.year: target.target for target in instance.targets.all()}
        unit = " %" if instance.unit == Kpi.Unit.PERCENT else ""
        if self.year not in targets:
            return ""
        return number_format(targets[self.year], use_l10n=True, force_grouping=True) + unit


class KpiIndexView(IndexView):
    """The indicators with their targets, in two queries."""

    def get_base_queryset(self) -> QuerySet[Kpi]:
        """Fetch the targets along."""
        queryset: QuerySet[Kpi] = super().get_base_queryset().prefetch_related("targets")
        return queryset


class WorkPackageIndexView(IndexView):
    """Rows that name their work package, in one query."""

    def get_base_queryset(self) -> QuerySet[Any]:
        """Fetch the work package along."""
        queryset: QuerySet[Any] = super().get_base_queryset().select_related("work_package")
        return queryset


class PlanViewSet(PlainTexts, ModelViewSet):
    """What the lists of the plan share."""

    copy_view_enabled = False
    list_per_page = 50


class KpiViewSet(PlanViewSet):
    """The indicators; targets stand on the same form."""

    model = Kpi
    icon = "success"
    menu_label = _("KPIs")
    index_view_class = KpiIndexView
    list_display = ["code", "__str__", "group", *(TargetColumn(year) for year in YEARS)]
    list_filter = ["group"]
    list_export = ["code", "name_nl", "name_en", "group", "unit"]
    search_fields = ["code", "name_nl", "name_en"]
    panels = [
        FieldRowPanel([FieldPanel("code"), FieldPanel("group"), FieldPanel("unit"), FieldPanel("parent")]),
        FieldPanel("name_nl"),
        FieldPanel("name_en"),
        FieldPanel("work_packages"),
        InlinePanel(
            "targets",
            label=pgettext_lazy("plan", "target"),
            panels=[FieldRowPanel([FieldPanel("year"), FieldPanel("target")])],
        ),
    ]


class PlannedActivityViewSet(PlanViewSet):
    """How many activities of each kind a year."""

    model = PlannedActivity
    index_view_class = WorkPackageIndexView
    icon = "calendar"
    menu_label = _("Planned activities")
    list_display = ["__str__", "work_package", "yearly_number"]
    list_filter = ["work_package"]
    edit_handler = ObjectList(
        [FieldPanel(name) for name in ("name_nl", "name_en", "work_package", "yearly_number")],
        base_form_class=PlannedActivityForm,
    )
    list_export = ["kind", "name_nl", "name_en", "work_package", "yearly_number"]


class GrowthTargetViewSet(PlanViewSet):
    """How the number of members should grow."""

    model = GrowthTarget
    icon = "group"
    menu_label = _("Growth")
    list_display = [
        "year",
        Column(
            "size",
            label=_("Size"),
            accessor=lambda target: SIZES.get(target.size, target.size),
            sort_key="size",
        ),
        Column("tier", label=_("Tier"), accessor=lambda target: target.tier.capitalize(), sort_key="tier"),
        "members",
    ]
    list_filter = ["year", "size", "tier"]
    edit_handler = ObjectList(
        [FieldPanel(name) for name in ("year", "size", "tier", "members")], base_form_class=GrowthForm
    )
    list_export = ["year", "size", "tier", "members"]


class RevenueTargetViewSet(PlanViewSet):
    """What should come in, in whole EUR."""

    model = RevenueTarget
    icon = "download"
    menu_label = _("Revenue")
    list_display = [
        "year",
        "__str__",
        Column(
            "amount_eur",
            label=_("Amount"),
            accessor=lambda target: say_euro(target.amount_eur, places=0),
            sort_key="amount_eur",
        ),
    ]
    list_filter = ["year", "stream"]
    edit_handler = ObjectList(
        [FieldPanel(name) for name in ("name_nl", "name_en", "year", "amount_eur")],
        base_form_class=RevenueForm,
    )
    list_export = ["year", "stream", "name_nl", "name_en", "amount_eur"]


class WorkPackageWeightViewSet(PlanViewSet):
    """How the work is divided over the work packages."""

    model = WorkPackageWeight
    index_view_class = WorkPackageIndexView
    icon = "table"
    menu_label = _("Weights")
    list_display = ["year", "work_package", "percent"]
    list_filter = ["year", "work_package"]
    form_fields = ["year", "work_package", "percent"]
    list_export = ["year", "work_package", "percent"]


class PlanViewSetGroup(ViewSetGroup):
    """The action plan in the menu."""

    menu_label = _("Action plan")
    menu_icon = "clipboard-list"
    menu_order = 700
    items = (
        KpiViewSet,
        PlannedActivityViewSet,
        GrowthTargetViewSet,
        RevenueTargetViewSet,
        WorkPackageWeightViewSet,
    )
