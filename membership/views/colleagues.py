"""How somebody comes in: behind the link of an invitation, or by asking with an address at work."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from cms.limits import within_limits
from cms.navigation import way_to
from cms.protection import public_form
from cms.views.links import PrivateLinkView
from membership.forms import AcceptForm, AskToJoinForm
from membership.models import Invitation
from membership.operations.invitations import (
    INVITATION_PURPOSE,
    accept_invitation,
    ask_to_join,
)
from membership.queries import NotRunning, member_of


@method_decorator(public_form, name="dispatch")
class AcceptView(PrivateLinkView):
    """Behind the mailed link: who one is, where there is no account yet, and one button."""

    purpose = INVITATION_PURPOSE

    @property
    def invitation(self) -> Invitation:
        """The invitation that the link opens."""
        return cast(Invitation, self.link.target)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the button, or that it is done."""
        return self.show(self.form_class()())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Accept; a second time changes nothing."""
        form = self.form_class()(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            names = {name: form.cleaned_data.get(name, "") for name in ("first_name", "last_name")}
            accept_invitation(invitation=self.invitation, **names, at=timezone.now())
        except NotRunning:
            return self.show(form)
        return redirect(request.path)

    def form_class(self) -> type[forms.Form]:
        """Ask for a name only where there is no account."""
        has_account = User.objects.filter(email__iexact=self.invitation.email).exists()
        return forms.Form if has_account else AcceptForm

    def show(self, form: forms.Form) -> HttpResponse:
        """Print the page."""
        context = {
            "form": form,
            "invitation": self.invitation,
            "organisation": self.invitation.organisation,
            "is_closed": member_of(self.invitation.organisation) is None,
            **way_to(self.request, None, (_("Invitation"), "")),
        }
        return render(self.request, "membership/people/accept.html", context)


@public_form
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Take the address of who works for a member; the answer is the same for every address."""
    form, at, status = AskToJoinForm(request.POST or None), timezone.now(), 200
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if within_limits(form, request, scope="colleague", address=email, at=at):
            ask_to_join(email=email, language=get_language() or "nl", at=at)
            messages.success(request, _("We have sent an e-mail to %(address)s.") % {"address": email})
            return redirect("membership:asked")
        status = 429
    context = {"form": form, **way_to(request, None, (_("Join your colleagues"), ""))}
    return render(request, "membership/people/ask.html", context, status=status)


def asked(request: HttpRequest) -> HttpResponse:
    """Say that a mail is on its way."""
    return render(
        request, "membership/people/asked.html", way_to(request, None, (_("Join your colleagues"), ""))
    )
