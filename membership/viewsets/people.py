"""Who belongs to which organisation, in the back office: everybody with their role, and what staff change."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets import Button
from wagtail.permissions import register_permission_policy

from billing.forms import SendForm
from billing.models.issuer import IssuerIncomplete
from billing.operations.invoices import VatUnconfirmed
from billing.rules import SeriesIsFull
from billing.viewsets.desk import DeskView
from billing.viewsets.ledger import DayColumn, LedgerIndexView, LedgerViewSet
from cms.details import DetailsView
from cms.permissions import LedgerPolicy
from membership.forms import InviteForm, RoleForm, SuccessorForm, say_seat
from membership.models import Affiliation, Organisation
from membership.operations.invitations import (
    AlreadyInvited,
    AlreadyThere,
    invite_colleague,
)
from membership.operations.people import (
    LastMainContact,
    NotOfOrganisation,
    change_role,
    remove_colleague,
)
from membership.operations.seats import NoSeatLeft
from membership.queries import (
    CustomerMissing,
    NotRunning,
    PriceMissing,
    SeatQuote,
    is_last_main_contact,
    member_of,
    people_of,
    seat_quote,
)

register_permission_policy(Affiliation, LedgerPolicy(Affiliation))


class PersonAction(DeskView):
    """A form about somebody's place in an organisation."""

    permission = "membership.change_affiliation"
    list_url_name = "membership_people:index"
    model = Affiliation
    object: Affiliation

    @classmethod
    def may(cls, user: Any, thing: Affiliation) -> bool:
        """Only while the place lasts."""
        return thing.ended_at is None and super().may(user, thing)

    def get_success_url(self) -> str:
        """Lead back to the person's place."""
        return reverse("membership_people:inspect", args=[self.object.pk])

    def form_valid(self, form: Any) -> HttpResponse:
        """Say it when a main contact would be missing."""
        try:
            return super().form_valid(form)
        except LastMainContact:
            form.add_error(
                None,
                _(
                    "You cannot change this role yet: an organisation always has a main contact. "
                    "First make somebody else the main contact."
                ),
            )
        except (NotOfOrganisation, NotRunning):
            messages.error(self.request, _("Nothing was done: it has changed meanwhile."))
            return redirect(self.get_success_url())
        return self.form_invalid(form)


class ChangeRoleView(PersonAction):
    """Another role."""

    label = gettext_lazy("Change role")
    icon = "user"
    form_class = RoleForm

    def get_initial(self) -> dict[str, Any]:
        """Start from the role as it is."""
        return {"role": self.object.role}

    def what_happens(self) -> list[str]:
        """Say who hears of it."""
        return [_("The person gets an e-mail about the new role.")]

    def act(self, form: Any, by: Any) -> str:
        """Change it."""
        role = Affiliation.Role(form.cleaned_data["role"])
        change_role(affiliation=self.object, role=role, at=timezone.now(), by=by)
        return _("%(name)s is now %(role)s.") % {"name": self.object.user, "role": role.label}


class EndPlaceView(PersonAction):
    """End a place."""

    label = gettext_lazy("Remove from the organisation")
    icon = "cross"
    is_final = True

    def get_form(self, form_class: Any = None) -> forms.Form:
        """Ask for a successor where there would be no main contact any more."""
        if not is_last_main_contact(self.object):
            return SendForm(**self.get_form_kwargs())
        active = people_of(self.object.organisation).filter(user__is_active=True)
        others = active.exclude(pk=self.object.pk)
        return SuccessorForm(others, **self.get_form_kwargs())

    def what_happens(self) -> list[str]:
        """Say what ends."""
        said = [_("The member zone of this organisation closes for the person, who gets an e-mail about it.")]
        if is_last_main_contact(self.object):
            said.append(
                _("This is the last main contact: choose who takes over. Invite somebody first if needed.")
            )
        return said

    def act(self, form: Any, by: Any) -> str:
        """End it."""
        successor = form.cleaned_data.get("successor")
        remove_colleague(affiliation=self.object, successor=successor, at=timezone.now(), by=by)
        words = {"name": self.object.user, "organisation": self.object.organisation}
        return _("%(name)s does not belong to %(organisation)s any more.") % words


class InvitePersonView(DeskView):
    """Invite somebody to an organisation that is a member, as its main contact does."""

    permission = "membership.change_affiliation"
    list_url_name = "membership_organisation:index"
    label = gettext_lazy("Invite a person")
    icon = "mail"
    model = Organisation
    object: Organisation
    form_class = InviteForm

    @classmethod
    def may(cls, user: Any, thing: Organisation) -> bool:
        """Whoever changes who belongs; only to a member, which the page says."""
        return super().may(user, thing)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Lead back from what is no member, or read-only."""
        found = Organisation.objects.filter(pk=kwargs["pk"]).first()
        if found and self.may(request.user, found) and member_of(found) is None:
            messages.error(request, _("Only a member whose membership is not read-only invites people."))
            return redirect("membership_organisation:index")
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def quote(self) -> SeatQuote | None:
        """What a place costs the member; None where there is none to be had."""
        membership = member_of(self.object)
        return seat_quote(membership=membership, at=timezone.now()) if membership else None

    def get_initial(self) -> dict[str, Any]:
        """Start from Dutch, and from the price that is shown."""
        return {"language": "nl", "quoted": self.quote and self.quote.total}

    def get_success_url(self) -> str:
        """Lead back to the list."""
        return reverse("membership_organisation:index")

    def what_happens(self) -> list[str]:
        """Say what comes of it, and what it costs the member."""
        said = [_("The person gets an e-mail with a link to accept, which works for 30 days.")]
        membership = member_of(self.object)
        return [*said, *(say_seat(membership, self.quote, at=timezone.now()) if membership else ())]

    def form_valid(self, form: Any) -> HttpResponse:
        """Say it beside the field when this person needs no invitation."""
        try:
            return super().form_valid(form)
        except NoSeatLeft as full:
            self.quote = full.quote
            form.show_quote(full.quote)
            form.add_error(None, _("No place is free, or its price has changed meanwhile."))
        except AlreadyThere:
            form.add_error("email", _("This person belongs to the organisation already."))
        except AlreadyInvited:
            form.add_error("email", _("This person is invited already."))
        except NotRunning:
            form.add_error(None, _("The organisation is no member any more."))
        except (CustomerMissing, IssuerIncomplete, PriceMissing, SeriesIsFull, VatUnconfirmed):
            form.add_error(
                None, _("An extra place cannot be invoiced: look at the details for invoices first.")
            )
        return self.form_invalid(form)

    def act(self, form: Any, by: Any) -> str:
        """Invite."""
        invited = invite_colleague(organisation=self.object, **form.cleaned_data, at=timezone.now(), by=by)
        return _("We have sent %(email)s an invitation.") % {"email": invited.email}


ACTIONS = {"role": ChangeRoleView, "end": EndPlaceView}


class PeopleFilters(WagtailFilterSet):
    """People by role, and whether the place lasts."""

    role = django_filters.MultipleChoiceFilter(label=gettext_lazy("Role"), choices=Affiliation.Role.choices)
    has_ended = django_filters.BooleanFilter(
        label=gettext_lazy("Ended"), field_name="ended_at", lookup_expr="isnull", exclude=True
    )

    class Meta:
        model = Affiliation
        fields = ("role", "has_ended")


class PeopleIndexView(LedgerIndexView):
    """All places, in one query."""

    def get_base_queryset(self) -> QuerySet[Affiliation]:
        """Fetch along what the rows show."""
        places: QuerySet[Affiliation] = super().get_base_queryset()
        return places.select_related("organisation", "user")


class PersonInspectView(DetailsView):
    """One place: who, where, since when, and what may be done."""

    @property
    def header_more_buttons(self) -> list[Button]:
        """Offer what this person may do."""
        return [
            Button(
                action.label,
                url=reverse(f"membership_people:{name}", args=[self.object.pk]),
                icon_name=action.icon,
            )
            for name, action in ACTIONS.items()
            if action.may(self.request.user, self.object)
        ]


class PeopleViewSet(LedgerViewSet):
    """Who belongs, or belonged, to which organisation."""

    model = Affiliation
    icon = "user"
    name = "membership_people"
    url_prefix = "people-of-members"
    menu_label = gettext_lazy("People of organisations")
    index_view_class = PeopleIndexView
    inspect_view_class = PersonInspectView
    filterset_class = PeopleFilters
    ordering = ("organisation__name", "user__last_name", "pk")
    search_fields = ["organisation__name", "user__last_name", "user__first_name", "user__email"]
    inspect_view_fields = ["user", "organisation", "role", "started_at", "ended_at"]
    list_display = [
        "user",
        "organisation",
        Column("get_role_display", label=gettext_lazy("Role"), sort_key="role"),
        DayColumn("started_at", label=gettext_lazy("Since"), sort_key="started_at"),
        DayColumn("ended_at", label=gettext_lazy("Until"), sort_key="ended_at"),
    ]
    list_export = [
        "organisation.name", "user.first_name", "user.last_name", "user.email", "role",
        "started_at", "ended_at",
    ]  # fmt: skip
    typed = ("organisation.name", "user.first_name", "user.last_name")

    def get_urlpatterns(self) -> list[Any]:
        """Add the actions."""
        return [
            *super().get_urlpatterns(),
            *(path(f"{name}/<int:pk>/", view.as_view(), name=name) for name, view in ACTIONS.items()),
        ]
