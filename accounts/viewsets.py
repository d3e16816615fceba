"""People in the back office: Wagtail's own list and forms, for a user without a username."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.users.views.users import UserViewSet

from accounts.forms import PersonCreationForm, PersonEditForm
from accounts.models import User
from accounts.operations.people import remove_second_factor
from accounts.queries import security_of
from accounts.views import person


class PersonViewSet(UserViewSet):
    """Staff add people and give them roles; people choose their own password."""

    create_template_name = "accounts/people/create.html"
    edit_template_name = "accounts/people/edit.html"

    def get_form_class(self, for_update: bool = False) -> type[Any]:
        """Return the form with the language and without a password."""
        return PersonEditForm if for_update else PersonCreationForm


class RemoveSecondFactorView(WagtailAdminTemplateMixin, TemplateView):
    """Lets somebody back in who lost phone, passkeys and recovery codes."""

    template_name = "accounts/people/remove_second_factor.html"
    page_title = gettext_lazy("Switch off two-step log-in")
    header_icon = "lock-open"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Find the person; refuse who may not change people, and oneself."""
        self.person = get_object_or_404(User, pk=kwargs["pk"])
        if not request.user.has_perm("accounts.change_user") or request.user == self.person:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_page_subtitle(self) -> str:
        """Say whose it is."""
        return str(self.person)

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        """Lead back to the list of people."""
        people = {"url": reverse("wagtailusers_users:index"), "label": _("Users")}
        here = {"url": "", "label": self.get_page_title(), "sublabel": self.get_page_subtitle()}
        return [*self.breadcrumbs_items, people, here]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the person and how the account is protected."""
        return super().get_context_data(person=self.person, security=security_of(self.person), **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Remove it and go back to the list."""
        remove_second_factor(user=self.person, by=person(request))
        messages.success(request, _("Two-step log-in is switched off. The person is told by e-mail."))
        return redirect("wagtailusers_users:index")
