"""Signing up: one screen, one call to an operation, and the same answer for every address."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from cms.limits import within_limits
from cms.navigation import get_privacy_url, way_to
from cms.page_cache import expires_at
from cms.protection import public_form
from cms.queries import Told
from events import queries, tasks
from events.forms import SignupForm
from events.models import Activity, EventIndexPage, Signup
from events.operations.signups import ActivityFull, AlreadySignedUp, Attendee, SignupClosed
from events.operations.signups import sign_up as give_place
from events.rules import ActivityState, next_change
from membership.queries import suggested_names

PER_IP = 600
"""An hour: a whole congress hall may share one address, and each mail costs a place."""
DOUBLE_SUBMIT = timedelta(minutes=15)
"""Within this time the same form from the same person is a second click, not somebody who asks around."""


@public_form
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest, activity_id: int) -> HttpResponse:
    """The one screen by which a visitor takes a place."""
    if request.method != "POST":
        return _show_form(request, activity_id, SignupForm(initial=_own_data(request)))
    form = SignupForm(request.POST)
    if not form.is_valid():
        return _show_form(request, activity_id, form)
    at = timezone.now()
    attendee = form.attendee(get_language() or settings.LANGUAGE_CODE)
    if not within_limits(form, request, scope="sign-up", address=attendee.email, at=at, per_ip=PER_IP):
        return _show_form(request, activity_id, form, status=429)
    try:
        give_place(
            activity_id=activity_id, attendee=attendee, at=at, among=queries.public_activities(request)
        )
    except Activity.DoesNotExist:
        raise Http404 from None
    except (SignupClosed, ActivityFull):
        return _show_form(request, activity_id, form, status=409)
    except AlreadySignedUp as known:
        # The screen must not tell a stranger who comes: the mail tells the person.
        tasks.mail_place.enqueue(known.signup.pk, at.isoformat())
        if known.is_full and not _is_second_click(known.signup, attendee, at):
            return _show_form(request, activity_id, form, status=409)
    messages.success(
        request, _("We have sent your confirmation to %(address)s.") % {"address": attendee.email}
    )
    return redirect("events:signed_up", activity_id)


@require_GET
def signed_up(request: HttpRequest, activity_id: int) -> HttpResponse:
    """What happens next, for whoever has just signed up: the same words for everybody."""
    told = _told(request, activity_id)
    way = way_to(request, EventIndexPage.open_to(request), (told.title, told.url), (_("Signed up"), ""))
    return render(request, "events/signed_up.html", {"told": told, "activity": told.row, **way})


def _show_form(
    request: HttpRequest, activity_id: int, form: SignupForm, *, status: int = 200
) -> HttpResponse:
    told, calendar = _told(request, activity_id), EventIndexPage.open_to(request)
    context: dict[str, Any] = {
        "told": told,
        "activity": told.row,
        **way_to(request, calendar, (told.title, told.url), (_("Sign up"), "")),
    }
    is_open = told.row.state == ActivityState.OPEN
    if is_open or form.is_bound:  # what was typed stays there, however the activity stands by now
        context |= {
            "form": form,
            "organisations": suggested_names(),
            "privacy_url": get_privacy_url(request),
        }
    if not is_open:
        context["index_url"] = (calendar.get_url(request) if calendar else "") or f"/{get_language()}/"
    return render(request, "events/sign_up.html", context, status=status)


def _told(request: HttpRequest, activity_id: int) -> Told:
    at = timezone.now()
    told = queries.told_activity(activity_id, request=request, at=at)
    if told is None:
        raise Http404
    expires_at(request, next_change(told.row.schedule(taken=told.row.taken), at=at))
    return told


def _own_data(request: HttpRequest) -> dict[str, str]:
    """What is known of the person who is logged in."""
    user = request.user
    if not user.is_authenticated:
        return {}
    return {"first_name": user.first_name, "last_name": user.last_name, "email": user.email}


def _is_second_click(signup: Signup, attendee: Attendee, at: datetime) -> bool:
    same = (signup.first_name, signup.last_name) == (attendee.first_name, attendee.last_name)
    return same and at - signup.created_at < DOUBLE_SUBMIT
