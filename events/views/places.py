"""What the holder of a place may do behind the mailed link: see, correct, cancel. GET changes nothing."""

from contextlib import suppress
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.navigation import way_to
from cms.protection import public_form
from cms.queries import Told, tell
from cms.views.links import PrivateLinkView
from events import queries
from events.forms import PlaceForm, place_form
from events.models import Activity, EventIndexPage, Signup
from events.operations.signups import PLACE_PURPOSE, NoPlace, TooLate, cancel_signup, change_signup
from events.rules import REFUSED_TO_ALL
from membership.queries import suggested_names


class HolderView(PrivateLinkView):
    """What both views know: the sign-up, and the activity with or without a page that tells of it."""

    purpose = PLACE_PURPOSE
    token: str

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Keep the token, for the addresses of the pages behind the same link."""
        super().setup(request, *args, **kwargs)
        self.token = kwargs["token"]

    def own_url(self, name: str) -> str:
        """Return the address of a view for the same link."""
        return reverse(f"events:{name}", args=[self.token])

    @property
    def signup(self) -> Signup:
        """The sign-up that the link opens."""
        return cast(Signup, self.link.target)

    def facts(self, last_crumb: str) -> dict[str, Any]:
        """Return what both pages show."""
        activities = Activity.objects.filter(pk=self.signup.activity_id)
        activity = queries.with_state(activities, at=timezone.now()).get()
        told: Told | None = next(iter(tell([activity], request=self.request)), None)
        may_change = self.signup.is_confirmed and activity.state not in REFUSED_TO_ALL
        return {
            "signup": self.signup,
            "activity": activity,
            "told": told,
            "may_change": may_change,
            **way_to(
                self.request,
                EventIndexPage.open_to(self.request),
                (activity.name, told.url if told else ""),
                (last_crumb, ""),
            ),
        }


class PlaceView(HolderView):
    """The place, its calendar file, and what may be corrected."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the place with the form to correct it."""
        return self.show(place_form(self.signup))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Correct name and organisation."""
        form = place_form(self.signup, request.POST)
        if not form.is_valid():
            return self.show(form)
        data = form.cleaned_data
        try:
            change_signup(
                signup=self.signup,
                first_name=data["first_name"],
                last_name=data["last_name"],
                organisation_name=data["organisation"],
                organisation_kind=data["organisation_kind"],
                at=timezone.now(),
            )
        except (NoPlace, TooLate):
            return self.show(form, status=409)
        messages.success(request, _("Your details have been changed."))
        return redirect(request.path)

    def show(self, form: PlaceForm, status: int = 200) -> HttpResponse:
        """Print the page; the form only while something may be changed."""
        context = self.facts(_("Your sign-up"))
        if context["may_change"]:
            own = {"organisations": suggested_names(), "release_url": self.own_url("release")}
            context |= {"form": form, **own}
        return render(self.request, "events/place.html", context, status=status)


class ReleaseView(HolderView):
    """The question whether to cancel, and one button."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask; a mail program that opens the link cancels nothing."""
        context = self.facts(_("Cancel sign-up"))
        if not context["may_change"]:
            return redirect(self.own_url("place"))
        return render(request, "events/release.html", {**context, "place_url": self.own_url("place")})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Free the place; a second time changes nothing."""
        with suppress(NoPlace, TooLate):
            cancel_signup(signup=self.signup, at=timezone.now())
        return redirect(self.own_url("place"))


@public_form
def place(request: HttpRequest, token: str) -> HttpResponse:
    """The place behind a private link."""
    return cast(HttpResponse, PlaceView.as_view()(request, token=token))


@public_form
def release(request: HttpRequest, token: str) -> HttpResponse:
    """The question whether to cancel the place behind a private link."""
    return cast(HttpResponse, ReleaseView.as_view()(request, token=token))
