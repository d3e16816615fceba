"""Who belongs, with whom, and on what terms."""

from membership.models.application import Application
from membership.models.invitation import EmailDomain, Invitation
from membership.models.lifecycle import Lifecycle
from membership.models.membership import Charge, Membership, Notice
from membership.models.organisation import Affiliation, Organisation
from membership.models.pages import MembershipPage, MembersPage
from membership.models.prices import Price, SizeBand, Tier, TierBenefit

__all__ = [
    "Affiliation",
    "Application",
    "Charge",
    "EmailDomain",
    "Invitation",
    "Lifecycle",
    "MembersPage",
    "Membership",
    "MembershipPage",
    "Notice",
    "Organisation",
    "Price",
    "SizeBand",
    "Tier",
    "TierBenefit",
]
