"""People in the back office: Wagtail's own list and forms, for a user without a username."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.users.views import groups
from wagtail.users.views.bulk_actions import DeleteBulkAction, SetActiveStateBulkAction
from wagtail.users.views.users import DeleteView, EditView, UserViewSet

from accounts.forms import PersonCreationForm, PersonEditForm
from accounts.models import User
from accounts.operations.people import remove_second_factor
from accounts.queries import kept_rows, security_of, why_needed
from accounts.views import person


class PersonEditView(EditView):
    """Closes no account without which something would be left alone."""

    @transaction.atomic
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask whether an account is needed and close it in one go."""
        return super().post(request, *args, **kwargs)

    def is_valid(self, form: Any) -> bool:
        """Say beside the box why the account stays open."""
        is_closed = (
            form.is_valid() and "is_active" in form.changed_data and not form.cleaned_data["is_active"]
        )
        if is_closed and (reasons := why_needed([self.object.pk]).get(self.object.pk)):
            form.add_error("is_active", reasons)
        return bool(super().is_valid(form))


class PersonDeleteView(DeleteView):
    """Deletes who left no trace. Whom a history names stays, and is forgotten by erasing the own data."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what keeps the person."""
        pk = self.object.pk
        return super().get_context_data(kept=kept_rows([pk]).get(pk, ()), **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Look once more, with the row locked: who got a place meanwhile stays."""
        with transaction.atomic():
            if free_to_go([self.object.pk]):
                return super().form_valid(form)
        return self.render_to_response(self.get_context_data(form=form))


class DeletePeople(DeleteBulkAction):
    """Deletes many of whom no history tells, and says of the others why they stay."""

    template_name = "accounts/people/delete_many.html"

    def get_actionable_objects(self) -> tuple[list[User], dict[str, Any]]:
        """Leave out whom a history names."""
        people, others = super().get_actionable_objects()
        kept = kept_rows([each.pk for each in people])
        others["kept"] = [(each, kept[each.pk]) for each in people if each.pk in kept]
        return [each for each in people if each.pk not in kept], others

    @classmethod
    def execute_action(
        cls, objects: list[User], model: type[models.Model] | None = None, **kwargs: Any
    ) -> tuple[int, int]:
        """Delete those who still may go."""
        gone = free_to_go([each.pk for each in objects])
        User.objects.filter(pk__in=gone).delete()
        return len(gone), 0


class SetActivePeople(SetActiveStateBulkAction):
    """Opens or closes many accounts; none is closed where one of them is needed."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Say beside the choice who is needed, and for what."""
        with transaction.atomic():
            if not form.cleaned_data["mark_as_active"]:
                people, _others = self.get_actionable_objects()
                needed = why_needed([each.pk for each in people if each.is_active])
                if reasons := [why for each in people for why in needed.get(each.pk, ())]:
                    form.add_error("mark_as_active", reasons)
                    return self.form_invalid(form)
            return super().form_valid(form)


def free_to_go(people: list[int]) -> list[int]:
    """Lock some people, and return those whom nothing keeps: no row can begin to name them until then."""
    locked = User.objects.select_for_update().filter(pk__in=people).order_by("pk")
    there = list(locked.values_list("pk", flat=True))
    kept = kept_rows(there)
    return [pk for pk in there if pk not in kept]


class PersonViewSet(UserViewSet):
    """Staff add people and give them roles; people choose their own password."""

    create_template_name = "accounts/people/create.html"
    edit_template_name = "accounts/people/edit.html"
    delete_template_name = "accounts/people/delete.html"
    edit_view_class = PersonEditView
    delete_view_class = PersonDeleteView

    def get_form_class(self, for_update: bool = False) -> type[Any]:
        """Return the form with the language and without a password."""
        return PersonEditForm if for_update else PersonCreationForm


class GroupIndexView(groups.IndexView):
    """Groups as people call them; the name that code knows beside it."""

    columns = [
        TitleColumn(
            "label",
            label=gettext_lazy("Group"),
            accessor=str,
            sort_key="name",
            url_name="wagtailusers_groups:edit",
        ),
        Column("name", label=gettext_lazy("Name"), sort_key="name"),
    ]


class PeopleGroupViewSet(groups.GroupViewSet):
    """Wagtail's groups, each called by a word."""

    index_view_class = GroupIndexView


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
