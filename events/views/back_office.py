"""The back office's questions before something that cannot be taken back."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from cms.dates import say_period
from events.models import Activity, Signup
from events.operations.activities import AlreadyCancelled, cancel_activity
from events.operations.signups import NoPlace, TooLate, cancel_signup


class ConfirmView(WagtailAdminTemplateMixin, View):
    """A question with one button that does it and one that leaves."""

    template_name = "events/back_office/confirm.html"
    permission: str
    model: type[Activity] | type[Signup]
    yes: Any
    no: Any
    instance: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer only who may do it."""
        if not request.user.has_perm(self.permission):
            raise PermissionDenied
        self.instance = get_object_or_404(self.model, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask."""
        context = self.get_context_data(
            question=self.question(), yes=self.yes, no=self.no, back_url=self.back_url()
        )
        response: HttpResponse = self.render_to_response(context)
        return response

    def question(self) -> str:
        """What is about to happen, and to whom."""
        raise NotImplementedError

    def back_url(self) -> str:
        """Where to go when it is done, or not done."""
        raise NotImplementedError


class CancelActivityView(ConfirmView):
    """Whether to call an activity off, and how many people will hear it by mail."""

    model = Activity
    permission = "events.change_activity"
    page_title = gettext_lazy("Cancel activity")
    header_icon = "cross"
    yes = gettext_lazy("Yes, cancel the activity and e-mail the attendees")
    no = gettext_lazy("No, it takes place")

    def question(self) -> str:
        """Name the activity and count the people."""
        count = self.instance.signups.filter(status=Signup.Status.CONFIRMED).count()
        people = ngettext(
            "%(count)s person has a place and will be told by e-mail.",
            "%(count)s people have a place and will be told by e-mail.",
            count,
        )
        when = say_period(self.instance.starts_at, self.instance.ends_at)
        question = _("Do you want to cancel “%(activity)s”, %(when)s? This cannot be undone.")
        return f"{question % {'activity': self.instance, 'when': when}} {people % {'count': count}}"

    def back_url(self) -> str:
        """The list of activities."""
        return reverse("events_activity:index")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Cancel it; a second time says so."""
        by: Any = request.user
        try:
            cancel_activity(activity=self.instance, by=by)
        except AlreadyCancelled:
            messages.warning(request, _("This activity was cancelled before."))
        else:
            messages.success(request, _("The activity is cancelled; the e-mails are on their way."))
        return redirect(self.back_url())


class ReleasePlaceView(ConfirmView):
    """Whether to cancel somebody's place."""

    model = Signup
    permission = "events.change_signup"
    page_title = gettext_lazy("Cancel sign-up")
    header_icon = "cross"
    yes = gettext_lazy("Yes, free the place")
    no = gettext_lazy("No, keep the place")

    def question(self) -> str:
        """Name the person and the activity."""
        return _(
            "Do you want to free the place of %(name)s at “%(activity)s”? The person is told by e-mail."
        ) % {
            "name": self.instance.full_name,
            "activity": self.instance.activity,
        }

    def back_url(self) -> str:
        """The attendees of the activity."""
        return f"{reverse('events_signup:index')}?activity={self.instance.activity_id}"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Free it; a second time says so."""
        by: Any = request.user
        try:
            cancel_signup(signup=self.instance, at=timezone.now(), by=by)
        except NoPlace:
            messages.warning(request, _("This place was free already."))
        except TooLate:
            messages.warning(request, _("The activity is over."))
        else:
            messages.success(request, _("The place is free."))
        return redirect(self.back_url())
