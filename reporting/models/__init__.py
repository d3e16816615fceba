"""The action plan as data: KPIs and their targets, activities, growth, revenue, governance."""

from reporting.models.plan import (
    GrowthTarget,
    Kpi,
    KpiTarget,
    PlannedActivity,
    RevenueTarget,
    WorkPackageWeight,
)

__all__ = ["GrowthTarget", "Kpi", "KpiTarget", "PlannedActivity", "RevenueTarget", "WorkPackageWeight"]
