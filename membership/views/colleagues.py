"""How somebody comes in: behind the link of an invitation, or by asking with an address at work."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
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
    InvitationGone,
    accept_invitation,
    tell_no_place,
)
from membership.operations.seats import NoSeatLeft
from membership.queries import Contact, NotRunning, member_of, people_of
from membership.tasks import answer_colleague


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
        return self.show(self.make_form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Accept; a second time changes nothing."""
        form = self.make_form(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            names = {name: form.cleaned_data.get(name, "") for name in ("first_name", "last_name")}
            accept_invitation(invitation=self.invitation, **names, at=timezone.now())
        except (InvitationGone, NotRunning):
            return self.show(form, is_closed=True)
        except NoSeatLeft:
            asker = Contact(self.invitation.email, self.invitation.language)
            tell_no_place(organisation=self.invitation.organisation, asker=asker, at=timezone.now())
            return self.show(form, is_full=True)
        return redirect(request.path)

    def make_form(self, data: QueryDict | None = None) -> forms.Form:
        """Ask for a name only where there is no account."""
        has_account = User.objects.filter(email=self.invitation.email).exists()
        return (forms.Form if has_account else AcceptForm)(data)

    def show(self, form: forms.Form, *, is_closed: bool = False, is_full: bool = False) -> HttpResponse:
        """Print the page."""
        invitation = self.invitation
        belongs = people_of(invitation.organisation).filter(user__email=invitation.email).exists()
        is_over = bool(invitation.accepted_at) or member_of(invitation.organisation) is None
        context = {
            "form": form,
            "invitation": invitation,
            "organisation": invitation.organisation,
            "belongs": belongs,
            "is_full": is_full,
            "is_closed": is_closed or (is_over and not belongs),
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
            answer_colleague.enqueue(email, get_language() or "nl")
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
