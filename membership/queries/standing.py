"""What a membership gives a person, asked at the moment: so it ends when that ends.

Access (`membership.operations.access`) is the one copy, as groups that Wagtail's privacy reads.
"""

from collections.abc import Collection

from django.db.models import BooleanField, CharField, Exists, ExpressionWrapper, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from wagtail.models import ModelLogEntry

from billing.models import Invoice
from billing.queries import with_open_amount
from membership.models.membership import Charge, Membership
from membership.models.organisation import Affiliation

ACTS = (Affiliation.Role.MAIN_CONTACT, Affiliation.Role.BILLING)


def from_outside() -> Q:
    """Select the applications that wait for staff, and that nobody who acts for the organisation sent.

    Anybody can type its number: such a one tells its people nothing, and keeps none of them from applying.
    """
    acting = Affiliation.objects.filter(
        organisation=OuterRef(OuterRef("organisation")), ended_at__isnull=True, role__in=ACTS
    )
    sent = ModelLogEntry.objects.filter(
        object_id=Cast(OuterRef("pk"), CharField()),
        content_type__app_label="membership",
        content_type__model="membership",
        action="membership.apply",
        user__in=acting.values("user"),
    )
    return Q(~Exists(sent), status=Membership.Status.APPLIED)


def shown_memberships(organisations: Collection[int]) -> dict[int, Membership]:
    """Return by the id of each organisation the membership that its people see, in one query.

    That is the last one. An application that was closed, or that somebody from outside sent, hides no other:
    neither one that is open, nor when one ended and how to join again.
    """
    rows = Membership.objects.filter(organisation__in=organisations).annotate(
        is_from_outside=ExpressionWrapper(from_outside(), output_field=BooleanField())
    )
    shown: dict[int, Membership] = {}
    hiding: dict[int, bool] = {}
    for row in rows.select_related("tier", "next_tier").order_by("applied_at", "pk"):
        hides = row.status != Membership.Status.CLOSED and not row.is_from_outside
        if hides or not hiding.get(row.organisation_id):
            shown[row.organisation_id], hiding[row.organisation_id] = row, hides
    return shown


def ranks_of(people: Collection[int]) -> dict[int, int]:
    """Return by the id of each of some people who belong to a member the rank of their highest tier."""
    running = Affiliation.objects.filter(
        user__in=people, ended_at__isnull=True, organisation__memberships__status__in=Membership.RUNNING
    )
    highest = running.order_by().values("user").annotate(rank=Max("organisation__memberships__tier__rank"))
    return dict(highest.values_list("user", "rank"))


def count_lapses_held() -> int:
    """Return how many memberships should have lapsed, and wait for staff because a part was paid."""
    return Membership.objects.filter(lapse_held_on__isnull=False).count()


def applications_paid_in_part() -> QuerySet[Membership]:
    """Return the applications of which a part was paid: they neither start nor close by themselves."""
    asked = Invoice.documents.filter(pk=OuterRef("invoice"), status__in=Invoice.OPEN)
    part = Exists(with_open_amount(asked).filter(Q(settled__gt=0)))
    charges = Charge.objects.filter(part, voided_at__isnull=True)
    awaiting = Membership.objects.filter(status=Membership.Status.AWAITING_PAYMENT)
    return awaiting.filter(pk__in=charges.values("membership"))


def count_applications_paid_in_part() -> int:
    """Return how many applications wait because a part was paid."""
    return applications_paid_in_part().count()
