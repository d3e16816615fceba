"""The action plan as data: KPIs and their targets, activities, growth, revenue, governance."""

from reporting.models.plan import (
    SIZES,
    GrowthTarget,
    Kpi,
    KpiTarget,
    PlannedActivity,
    RevenueTarget,
    WorkPackageWeight,
)

__all__ = [
    "SIZES",
    "GrowthTarget",
    "Kpi",
    "KpiTarget",
    "PlannedActivity",
    "RevenueTarget",
    "WorkPackageWeight",
]
