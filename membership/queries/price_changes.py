"""What other prices would change, and for whom: read before they are set."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256

from django.db.models import F, Max

from membership.models.membership import Membership, Notice
from membership.models.prices import SizeBand, Tier
from membership.money import PriceChange, PriceKey
from membership.queries.prices import price_matrix
from membership.queries.renewals import NextTerm, next_terms, renewing_memberships

NOTHING = Decimal(0)


@dataclass(frozen=True)
class ChangedRenewal:
    """A renewal that would cost something else. `term` is as it would be; amounts in EUR a year without VAT.

    `fee_before` is None where there was no price. `announced_at` is when the member last read the old amount.
    """

    membership: Membership
    term: NextTerm
    fee_before: Decimal | None
    announced_at: datetime | None

    @property
    def before(self) -> Decimal:
        """What it costs without the change, extra places included."""
        return (self.fee_before or NOTHING) + self.term.seats_fee

    @property
    def after(self) -> Decimal:
        """What it would cost, extra places included."""
        return self.term.total_fee

    @property
    def is_engaged(self) -> bool:
        """Whether an engagement runs when the term begins, so that the member cannot leave or go down."""
        engaged_until = self.membership.engaged_until
        return engaged_until is not None and engaged_until >= self.term.starts_on


@dataclass(frozen=True)
class PricePreview:
    """What changes where these fees count from a day on, and for whom.

    `charged` are renewals at a changed price that are charged already and stay so; `earlier` says how many
    members at one renew before the day, so that it counts for them a term later.
    """

    valid_from: date
    changes: list[PriceChange]
    tiers: Mapping[int, Tier]
    size_bands: Mapping[int, SizeBand]
    renewals: list[ChangedRenewal]
    charged: list[tuple[Membership, NextTerm]]
    earlier: int

    @property
    def before(self) -> Decimal:
        """What all these renewals cost without the change, in EUR without VAT."""
        return sum((each.before for each in self.renewals), NOTHING)

    @property
    def after(self) -> Decimal:
        """What they would cost."""
        return sum((each.after for each in self.renewals), NOTHING)

    def renewals_at(self, key: PriceKey) -> int:
        """Return how many of these renewals one price is for."""
        return sum(each.term.price_key(each.membership.organisation) == key for each in self.renewals)

    @property
    def seal(self) -> str:
        """A fingerprint of all that is shown: who confirms it confirms this and nothing else."""
        shown: list[object] = [self.valid_from, self.earlier, *self.changes]
        for each in self.renewals:
            member, term = each.membership, each.term
            shown += [member.pk, member.status, member.engaged_until, each.announced_at, term.starts_on]
            shown += [term.tier.pk, term.extra_seats, each.before, each.after]
        shown += [(member.pk, term.starts_on, term.total_fee) for member, term in self.charged]
        return sha256("\0".join(map(repr, shown)).encode()).hexdigest()


def preview_prices(*, fees: Mapping[PriceKey, Decimal], valid_from: date) -> PricePreview:
    """Return what `set_prices` would change and for whom, as things stand, in a fixed number of queries.

    Of each running membership that goes on the next renewal counts.
    """
    now = price_matrix()
    changes = now.changes(fees, valid_from=valid_from)
    then, keys = now.changed(changes, valid_from=valid_from), {change.key for change in changes}
    members = renewing_memberships().select_related("organisation", "tier", "next_tier")
    memberships = list(members.order_by("ends_on", "organisation__name", "pk")) if changes else []
    terms, announced = next_terms(memberships, prices=then), _announced(memberships)
    renewals: list[ChangedRenewal] = []
    charged: list[tuple[Membership, NextTerm]] = []
    earlier = 0
    for each in memberships:
        term = terms.get(each.pk)
        key = term and term.price_key(each.organisation)
        if term is None or key not in keys:
            continue
        before, after = now.fee(key, on=term.starts_on), then.fee(key, on=term.starts_on)
        if term.starts_on < valid_from:
            earlier += 1
        elif before == after:
            continue  # a price that is planned for later holds by then
        elif term.is_charged:
            charged.append((each, term))
        else:
            renewals.append(ChangedRenewal(each, term, before, announced.get(each.pk)))
    return PricePreview(
        valid_from, changes, Tier.objects.in_bulk(), SizeBand.objects.in_bulk(), renewals, charged, earlier
    )


def _announced(memberships: list[Membership]) -> dict[int, datetime]:
    """Return when the coming renewal was last announced, by the id of each membership."""
    notices = Notice.objects.filter(membership__in=memberships, ends_on=F("membership__ends_on"))
    return dict(notices.order_by().values_list("membership").annotate(Max("sent_at")))
