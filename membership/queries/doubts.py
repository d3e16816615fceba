"""What speaks against an application, or another kind of its organisation: staff look at it first."""

from datetime import date

from django.utils import timezone

from membership.models.membership import Membership
from membership.models.organisation import Organisation
from membership.models.prices import Tier
from membership.queries.members import known_organisation
from membership.queries.prices import yearly_fees


def other_kind(membership: Membership, *, known: Organisation | None = None) -> Organisation | None:
    """Return the organisation that an application is for, where it is of another kind than was applied for.

    What is asked would be the price of another. Who is known with its number is who it is for: a row that
    the form made goes over into that one when it is paid. `known` is `known_organisation`, asked before.
    """
    own = membership.organisation
    known = known or known_organisation(own.enterprise_number, country=own.country) or own
    return known if known.kind != (membership.application.kind or own.kind) else None


def engagement_above(organisation: Organisation, *, tier: Tier, on: date) -> Membership | None:
    """Return the ended membership whose engagement at a higher tier still runs on a day, if there is one.

    Whoever lets a membership lapse stays engaged (`end_membership`): who joins again does not go down so.
    """
    engaged = Membership.objects.filter(
        organisation=organisation,
        status__in=Membership.ENDED,
        engaged_until__gte=on,
        tier__rank__gt=tier.rank,
    )
    return engaged.select_related("tier").order_by("-tier__rank", "-engaged_until").first()


def tiers_without_price(organisation: Organisation, *, kind: str, employees: int | None) -> list[Tier]:
    """Return the tiers of what is open of an organisation, now or next, without a price for a kind and size.

    A membership at one could not be renewed.
    """
    membership = organisation.memberships.filter(status__in=Membership.OPEN).select_related("tier").first()
    if membership is None:
        return []
    last = membership.charges.filter(voided_at__isnull=True).select_related("tier").last()
    if last is None:
        return []
    fees = yearly_fees(
        employees=employees or last.employees,
        kind=kind,
        on=membership.next_term_on or timezone.localdate(),
    )
    tiers = {each.pk: each for each in (membership.tier, membership.next_tier, last.tier) if each}
    return [tier for tier in sorted(tiers.values(), key=lambda tier: tier.rank) if tier.pk not in fees]
