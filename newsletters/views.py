"""Asking for the newsletter, confirming it and leaving it. GET changes nothing."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cms.limits import within_limits
from cms.navigation import get_privacy_url
from cms.protection import public_form
from cms.views.links import PrivateLinkView
from newsletters.forms import SubscribeForm
from newsletters.models import ConsentEvent, NewsletterPage, Subscription
from newsletters.operations.subscriptions import (
    CONFIRM_PURPOSE,
    LEAVE_PURPOSE,
    confirm_subscription,
    request_subscription,
    unsubscribe,
)


@public_form
@require_http_methods(["POST"])
def subscribe(request: HttpRequest) -> HttpResponse:
    """Take a request for the newsletter; the answer is the same for every address."""
    form, at = SubscribeForm(request.POST), timezone.now()
    status = 200
    if form.is_valid():
        email = form.cleaned_data["email"]
        if within_limits(form, request, scope="newsletter", address=email, at=at):
            request_subscription(
                email=email,
                language=get_language() or "nl",
                wording=str(form.fields["consent"].label),
                at=at,
            )
            messages.success(request, _("We have sent an e-mail to %(address)s.") % {"address": email})
            return redirect("newsletters:asked")
        status = 429
    page = NewsletterPage.find()
    context = {"form": form, "page": page, "self": page, "privacy_url": get_privacy_url(request)}
    return render(request, "newsletters/newsletter_page.html", context, status=status)


def asked(request: HttpRequest) -> HttpResponse:
    """Say that a mail is on its way."""
    page = NewsletterPage.find()
    words = {"offered": page, "form_url": page.get_url(request) if page else ""}
    return render(request, "newsletters/asked.html", words)


@method_decorator(public_form, name="dispatch")
class ConfirmView(PrivateLinkView):
    """Behind the mailed link: one button that confirms."""

    purpose = CONFIRM_PURPOSE

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the button, or that it is done."""
        subscription = cast(Subscription, self.link.target)
        is_done = subscription.status == Subscription.Status.CONFIRMED
        words = {"subscription": subscription, "offered": NewsletterPage.find() if is_done else None}
        return render(request, "newsletters/confirm.html", words)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Confirm; a second time changes nothing."""
        confirm_subscription(subscription=cast(Subscription, self.link.target), at=timezone.now())
        return redirect(request.path)


@method_decorator(public_form, name="dispatch")
class LeaveView(PrivateLinkView):
    """Behind the link in each mail: one button that unsubscribes."""

    purpose = LEAVE_PURPOSE

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the button, or that it is done."""
        return render(request, "newsletters/leave.html", {"subscription": self.link.target})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Unsubscribe; a second time changes nothing."""
        unsubscribe(
            email=cast(Subscription, self.link.target).email,
            source=ConsentEvent.Source.SITE,
            at=timezone.now(),
        )
        return redirect(request.path)
