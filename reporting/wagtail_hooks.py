"""Puts the action plan in the back office."""

from wagtail import hooks

from reporting.viewsets import PlanViewSetGroup


@hooks.register("register_admin_viewset")
def register_plan() -> PlanViewSetGroup:
    """Register the lists of the plan."""
    return PlanViewSetGroup()
