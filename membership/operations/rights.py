"""Who may change a membership, asked again where nothing can come in between any more: under its lock."""

from accounts.models import User
from membership.models import Affiliation, Membership


class MayNotChange(ValueError):
    """The person is no main contact of the organisation, or not any more, and no treasurer either."""


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
