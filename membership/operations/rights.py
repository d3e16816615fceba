"""Who may change a membership, asked again where nothing can come in between any more: under its lock."""

from accounts.models import User
from membership.models import Affiliation, Membership
from membership.queries import NotRunning


class MayNotChange(ValueError):
    """The person is no main contact of the organisation, or not any more, and no treasurer either."""


class ReadOnly(NotRunning):
    """The membership is in grace: until all is paid its member can pay, hand over and go, no more."""


def check_changeable(membership: Membership | None, by: User | None) -> None:
    """Raise ReadOnly for a member in grace, and NotRunning where no membership runs.

    Call it with the membership locked. Treasurers and the clock (`by` is None) change one in grace as well.
    """
    if membership is None or not membership.is_running:
        raise NotRunning
    is_free = by is None or by.has_perm("membership.change_membership")
    if membership.is_read_only and not is_free:
        raise ReadOnly


def check_right(membership: Membership, by: User | None) -> None:
    """Raise MayNotChange for a person who may not change a membership now.

    Call it with the membership locked: who takes a role away or ends a place locks the same row. `by` is None
    for the clock and for what follows from something else. Treasurers have the right by their role in the
    back office.
    """
    if by is None:
        return
    is_contact = Affiliation.objects.filter(
        organisation=membership.organisation_id,
        user_id=by.pk,
        user__is_active=True,
        ended_at__isnull=True,
        role=Affiliation.Role.MAIN_CONTACT,
    ).exists()
    if not is_contact and not by.has_perm("membership.change_membership"):
        raise MayNotChange
