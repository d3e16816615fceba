"""Organisations, memberships and prices in the back office."""

from membership.viewsets.memberships import MembershipsViewSetGroup
from membership.viewsets.organisations import OrganisationViewSet

__all__ = ["MembershipsViewSetGroup", "OrganisationViewSet"]
