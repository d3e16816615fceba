"""What a person sees of the organisations that they belong to."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import F, Q

from billing import rules
from billing.models import Invoice
from billing.queries import with_open_amount
from membership.models.invitation import EmailDomain, Invitation
from membership.models.membership import Charge, Membership
from membership.models.organisation import Affiliation, Organisation
from membership.models.prices import Tier
from membership.queries.quotes import Seats
from membership.queries.standing import ACTS, shown_memberships


@dataclass(frozen=True)
class OwnPlace:
    """One's place in an organisation: its last membership, its people, and what one may see and do there.

    `invoices` (the newest first, each with `left`, what is to be paid in EUR) are for its main and billing
    contacts; only a main contact changes the membership, to a higher tier now or a lower one next year, and
    sees the `seats`, the `invitations` that wait for an answer and the `domains` whose people join alone.
    """

    organisation: Organisation
    affiliation: Affiliation
    membership: Membership | None
    people: list[Affiliation]
    invoices: list[Invoice]
    seats: Seats | None
    invitations: list[Invitation]
    domains: list[EmailDomain]
    may_upgrade: bool
    may_go_down: bool

    @property
    def is_main_contact(self) -> bool:
        """Whether one may change the membership."""
        return self.affiliation.role == Affiliation.Role.MAIN_CONTACT

    @property
    def may_change(self) -> bool:
        """Whether one may change its profile and size, and let others in: not while it is read-only."""
        membership = self.membership
        return self.is_main_contact and membership is not None and membership.status in membership.CHANGEABLE

    @property
    def oldest_open_invoice(self) -> Invoice | None:
        """The open invoice to pay first."""
        return min(
            (each for each in self.invoices if each.is_open), key=lambda each: each.due_on, default=None
        )

    @property
    def has_credit_note(self) -> bool:
        """Whether one of the invoices takes another back."""
        return any(each.kind == Invoice.Kind.CREDIT_NOTE for each in self.invoices)

    @property
    def is_only_person(self) -> bool:
        """Whether nobody else belongs to it, so that one cannot leave."""
        return len(self.people) == 1

    @property
    def sees_invoices(self) -> bool:
        """Whether one may see the invoices."""
        return self.affiliation.role in ACTS


def own_places(person: AbstractBaseUser, *, at: datetime) -> list[OwnPlace]:
    """Return a person's places by the name of the organisation, in eight queries."""
    own = list(
        Affiliation.objects.filter(user_id=person.pk, ended_at__isnull=True)
        .select_related("organisation__customer")
        .order_by("organisation__name", "pk")
    )
    ids = [each.organisation_id for each in own]
    memberships = shown_memberships(ids)
    people: dict[int, list[Affiliation]] = defaultdict(list)
    colleagues = Affiliation.objects.filter(organisation__in=ids, ended_at__isnull=True)
    for each in colleagues.select_related("user").order_by("user__last_name", "user__first_name", "pk"):
        people[each.organisation_id].append(each)
    customers = [each.organisation.customer_id for each in own if each.role in ACTS]
    invoices: dict[int, list[Invoice]] = defaultdict(list)
    shown = Q(customer__in=customers) & (~Q(kind=rules.PRO_FORMA) | Q(status__in=Invoice.UNDECIDED))
    for invoice in with_open_amount(Invoice.documents.filter(shown).select_related("automatic_payment")):
        invoices[invoice.customer_id].append(invoice)
    led = [each.organisation_id for each in own if each.role == Affiliation.Role.MAIN_CONTACT]
    invitations: dict[int, list[Invitation]] = defaultdict(list)
    waiting = Invitation.objects.filter(organisation__in=led, accepted_at__isnull=True, expires_at__gt=at)
    for invitation in waiting.order_by("-invited_at", "pk"):
        invitations[invitation.organisation_id].append(invitation)
    domains: dict[int, list[EmailDomain]] = defaultdict(list)
    for domain in EmailDomain.objects.filter(organisation__in=led):
        domains[domain.organisation_id].append(domain)
    extra: dict[int, int] = {}
    charges = Charge.objects.filter(
        membership__in=[each.pk for each in memberships.values()],
        voided_at__isnull=True,
        from_on__lte=F("membership__ends_on"),
    )
    for charge in charges.order_by("term_starts_on", "pk"):
        extra[charge.membership_id] = charge.extra_seats
    tiers = list(Tier.objects.all())
    places = []
    for each in own:
        organisation, running = each.organisation, memberships.get(each.organisation_id)
        open_tiers = [tier for tier in tiers if organisation.kind in tier.kinds]
        rank = running.tier.rank if running else 0
        is_free = running is not None and running.stays_until == running.ends_on
        keeping = [one for one in invitations[each.organisation_id] if not one.is_by_domain]
        taken = len(people[each.organisation_id]) + len(keeping)
        places.append(
            OwnPlace(
                organisation=organisation,
                affiliation=each,
                membership=running,
                people=people[each.organisation_id],
                invoices=invoices[organisation.customer_id] if organisation.customer_id else [],
                seats=Seats(running.tier.seats, extra.get(running.pk, 0), taken)
                if running and running.is_running and each.role == Affiliation.Role.MAIN_CONTACT
                else None,
                invitations=invitations[each.organisation_id],
                domains=domains[each.organisation_id],
                may_upgrade=any(tier.rank > rank and not tier.needs_approval for tier in open_tiers),
                may_go_down=is_free and any(tier.rank < rank for tier in open_tiers),
            )
        )
    return places


def own_membership(person: AbstractBaseUser, pk: int) -> Membership | None:
    """Return a running membership that the person may change as main contact, or None."""
    return (
        Membership.objects.filter(
            pk=pk,
            status__in=Membership.RUNNING,
            organisation__affiliations__user_id=person.pk,
            organisation__affiliations__ended_at__isnull=True,
            organisation__affiliations__role=Affiliation.Role.MAIN_CONTACT,
        )
        .select_related("organisation__customer", "tier", "next_tier")
        .first()
    )
