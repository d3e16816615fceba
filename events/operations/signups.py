"""Gives people places and takes them back. The activity's row is the lock: capacity is exact."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet, Subquery

from accounts.models import User
from cms.log import record
from events.models import Activity, Signup
from events.queries import taken_places
from events.rules import ActivityState, activity_state, takes_signups
from events.signals import place_confirmed, place_released
from membership.models import Organisation
from membership.operations.organisations import add_unconfirmed_organisation, recognise_organisation
from membership.queries import organisations_named

PLACE_PURPOSE = "place"
"""Of the private links to a sign-up."""


@dataclass(frozen=True)
class Attendee:
    """Who signs up, as typed. Without an organisation's name the person comes for him- or herself."""

    first_name: str
    last_name: str
    email: str
    language: str
    organisation_name: str = ""
    organisation_kind: str = Organisation.Kind.COMPANY


class SignupRefused(Exception):
    """Nobody got a place. `activity` is the row as it was when the place was asked for."""

    def __init__(self, activity: Activity) -> None:
        super().__init__(str(activity))
        self.activity = activity


class SignupClosed(SignupRefused):
    """The activity takes no sign-ups now: `state` says why."""

    def __init__(self, activity: Activity, state: ActivityState) -> None:
        super().__init__(activity)
        self.state = state


class ActivityFull(SignupRefused):
    """All places are taken."""


class AlreadySignedUp(SignupRefused):
    """The address has a place already: `signup`. `is_full` says what others would have heard."""

    def __init__(self, activity: Activity, signup: Signup, *, is_full: bool) -> None:
        super().__init__(activity)
        self.signup = signup
        self.is_full = is_full


class NoPlace(Exception):
    """The sign-up was cancelled already."""


class TooLate(Exception):
    """The activity is over."""


@transaction.atomic
def sign_up(
    *,
    activity_id: int,
    attendee: Attendee,
    at: datetime,
    among: QuerySet[Activity] | None = None,
    by: User | None = None,
) -> Signup:
    """Give a person a place and return the sign-up.

    `among` are the activities that the person may choose from (all, when nothing is said). Staff (`by`)
    may add people before sign-up opens and after it closes, never over the capacity.
    Raises Activity.DoesNotExist, SignupClosed, AlreadySignedUp or ActivityFull, in this order.
    """
    activities = Activity.objects.all() if among is None else among
    activity = activities.select_for_update(of=("self",)).get(pk=activity_id)
    email = attendee.email.strip().lower()
    # Read after the lock, in a statement of its own: on PostgreSQL the locking one may not see the
    # places that the transaction before it took.
    taken, own_id, organisation_id = (
        Activity.objects.filter(pk=activity.pk)
        .annotate(
            taken=taken_places(),
            own=Subquery(_confirmed(activity).filter(email=email).values("pk")[:1]),
            known=Subquery(organisations_named(attendee.organisation_name).values("pk")[:1]),
        )
        .values_list("taken", "own", "known")
        .get()
    )
    state = activity_state(activity.schedule(taken=taken), at=at)
    if not takes_signups(state, from_staff=by is not None):
        raise SignupClosed(activity, state)
    is_full = activity.capacity is not None and taken >= activity.capacity
    if own_id:
        raise AlreadySignedUp(activity, Signup.objects.get(pk=own_id), is_full=is_full)
    if is_full:
        raise ActivityFull(activity)
    if not attendee.organisation_name:
        organisation_id = None
    elif not organisation_id:
        organisation_id = add_unconfirmed_organisation(
            name=attendee.organisation_name, kind=attendee.organisation_kind
        ).pk
    signup = Signup.objects.create(
        activity=activity,
        first_name=attendee.first_name,
        last_name=attendee.last_name,
        email=email,
        organisation_id=organisation_id,
        language=attendee.language,
        created_at=at,
        changed_at=at,
    )
    if by is not None:  # of whoever comes without an account, the row itself says all there is
        record(activity, "events.sign_up", by=by, data={"signup": signup.pk})
    place_confirmed.send(Signup, signup_id=signup.pk, activity_id=activity.pk)
    return signup


@transaction.atomic
def record_signups(*, activity: Activity, attendees: Iterable[Attendee], at: datetime) -> list[Signup]:
    """Write down places that were given elsewhere (an import, the demo): no mail goes out.

    The clock does not refuse, the capacity does: raises ActivityFull and writes none. Who is signed up
    already is left as it is.
    """
    activity = Activity.objects.select_for_update().get(pk=activity.pk)
    known = set(_confirmed(activity).values_list("email", flat=True))
    taken = len(known)
    wanted = {attendee.email.strip().lower(): attendee for attendee in attendees}
    new = {email: attendee for email, attendee in wanted.items() if email not in known}
    if activity.capacity is not None and taken + len(new) > activity.capacity:
        raise ActivityFull(activity)
    signups = Signup.objects.bulk_create(
        Signup(
            activity=activity,
            first_name=attendee.first_name,
            last_name=attendee.last_name,
            email=email,
            organisation=_organisation_of(attendee),
            language=attendee.language,
            created_at=at,
            changed_at=at,
        )
        for email, attendee in new.items()
    )
    record(activity, "events.record_signups", data={"count": len(signups)})
    return signups


@transaction.atomic
def change_signup(
    *,
    signup: Signup,
    first_name: str,
    last_name: str,
    organisation_name: str,
    organisation_kind: str,
    at: datetime,
) -> Signup:
    """Correct the name or the organisation of somebody who has a place. Raises NoPlace or TooLate."""
    signup = _locked(signup, at=at)
    attendee = Attendee(
        first_name, last_name, signup.email, signup.language, organisation_name, organisation_kind
    )
    signup.first_name, signup.last_name = first_name, last_name
    signup.organisation = _organisation_of(attendee)
    signup.changed_at = at
    signup.save(update_fields=["first_name", "last_name", "organisation", "changed_at"])
    record(signup.activity, "events.change_signup", data={"signup": signup.pk})
    return signup


@transaction.atomic
def cancel_signup(*, signup: Signup, at: datetime, by: User | None = None) -> Signup:
    """Free a person's place. Raises NoPlace when it was free already, TooLate after the activity."""
    signup = _locked(signup, at=at)
    signup.status = Signup.Status.CANCELLED
    signup.changed_at = at
    signup.save(update_fields=["status", "changed_at"])
    record(signup.activity, "events.cancel_signup", by=by, data={"signup": signup.pk})
    place_released.send(Signup, signup_id=signup.pk, activity_id=signup.activity_id)
    return signup


def _locked(signup: Signup, *, at: datetime) -> Signup:
    """Lock the activity's row, then read the sign-up anew. Raises NoPlace or TooLate."""
    activity = Activity.objects.select_for_update().get(pk=signup.activity_id)
    fresh = Signup.objects.get(pk=signup.pk)
    if not fresh.is_confirmed:
        raise NoPlace
    if at >= activity.ends_at:
        raise TooLate
    fresh.activity = activity
    return fresh


def _confirmed(activity: Activity) -> QuerySet[Signup]:
    return Signup.objects.filter(activity=activity, status=Signup.Status.CONFIRMED)


def _organisation_of(attendee: Attendee) -> Organisation | None:
    if not attendee.organisation_name:
        return None
    return recognise_organisation(name=attendee.organisation_name, kind=attendee.organisation_kind)
