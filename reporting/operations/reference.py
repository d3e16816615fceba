"""Loads the figures of the action plan; what staff changed since stays as it is."""

import tomllib
from pathlib import Path
from typing import Any

from django.db import transaction

from cms.models import Term
from reporting.models import (
    GrowthTarget,
    Kpi,
    KpiTarget,
    PlannedActivity,
    RevenueTarget,
    WorkPackageWeight,
)

PLAN_FILE = Path(__file__).resolve().parent.parent / "data" / "plan.toml"


@transaction.atomic
def load_plan() -> str:
    """Create the plan's rows where they are missing."""
    data = tomllib.loads(PLAN_FILE.read_text())
    packages = {term.slug: term for term in Term.objects.filter(kind=Term.Kind.WORK_PACKAGE)}
    for position, row in enumerate(data["kpi"]):
        _load_kpi({**row, "position": position}, packages)
    for row in data["planned_activity"]:
        for slug, number in row.pop("yearly_number").items():
            PlannedActivity.objects.get_or_create(
                kind=row["kind"], work_package=packages[slug], defaults={**row, "yearly_number": number}
            )
    for row in data["growth"]:
        for year, members in enumerate(row.pop("members")):
            GrowthTarget.objects.get_or_create(**row, year=year, defaults={"members": members})
    for row in data["revenue"]:
        for year, amount in enumerate(row.pop("amount_eur"), start=1):
            RevenueTarget.objects.get_or_create(
                stream=row["stream"], year=year, defaults={**row, "amount_eur": amount}
            )
    for row in data["weight"]:
        for year, percent in enumerate(row["percent"], start=1):
            WorkPackageWeight.objects.get_or_create(
                work_package=packages[row["work_package"]], year=year, defaults={"percent": percent}
            )
    return f"{Kpi.objects.count()} KPIs, {KpiTarget.objects.count()} targets"


def _load_kpi(row: dict[str, Any], packages: dict[str, Term]) -> None:
    targets, slugs = row.pop("targets"), row.pop("work_packages")
    parent = Kpi.objects.filter(code=row["code"].rstrip("ab")).first() if row["code"][-1].isalpha() else None
    kpi, created = Kpi.objects.get_or_create(code=row["code"], defaults={**row, "parent": parent})
    if created:
        kpi.work_packages.set([packages[slug] for slug in slugs])
    for year, target in enumerate(targets, start=1):
        KpiTarget.objects.get_or_create(kpi=kpi, year=year, defaults={"target": target})
