"""The organiser's desk: activities with their places, and who has one."""

from typing import Any

import django_filters
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.menus import MenuItem
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic import CreateView, IndexView
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy

from cms.dates import say_period
from cms.details import say_value
from cms.forms import PlainTexts
from events import queries
from events.exports import defused
from events.forms import StaffSignupForm
from events.models import Activity, Signup
from events.operations.signups import SignupRefused
from events.templatetags.events import WORDS
from events.views.back_office import CancelActivityView, ReleasePlaceView


class MadeByPages(ModelPermissionPolicy):
    """Activities are made and changed by their pages, and end in no form: nobody adds or deletes one here."""

    def user_has_permission(self, user: AbstractBaseUser, action: str) -> bool:
        """Only look."""
        return action == "view" and bool(super().user_has_permission(user, action))


class NeverDeleted(ModelPermissionPolicy):
    """A place is cancelled, not deleted: what was counted stays counted."""

    def user_has_permission(self, user: AbstractBaseUser, action: str) -> bool:
        """Everything else as the role has it."""
        return action != "delete" and bool(super().user_has_permission(user, action))


register_permission_policy(Activity, MadeByPages(Activity))
register_permission_policy(Signup, NeverDeleted(Signup))


def attendees_url(activity: Activity) -> str:
    """The address of an activity's list of attendees."""
    return f"{reverse('events_signup:index')}?activity={activity.pk}"


class ActivityFilters(WagtailFilterSet):
    """Activities by kind and time."""

    period = django_filters.ChoiceFilter(
        label=gettext_lazy("Period"),
        choices=[("coming", gettext_lazy("upcoming")), ("past", gettext_lazy("past"))],
        method="filter_period",
    )

    class Meta:
        model = Activity
        fields = ("kind", "is_cancelled")

    def filter_period(self, activities: QuerySet[Activity], name: str, value: str) -> QuerySet[Activity]:
        """Keep what is coming, or what is past."""
        at = timezone.now()
        return activities.filter(ends_at__gt=at) if value == "coming" else activities.filter(ends_at__lte=at)


class ActivityIndexView(IndexView):
    """The activities, the latest first, with their live numbers in one query."""

    default_ordering = "-starts_at"

    def get_base_queryset(self) -> QuerySet[Any]:
        """Count the places along, and find the Dutch page, which decides."""
        return queries.with_editing_page(queries.with_state(Activity.objects.all(), at=timezone.now()))

    def get_list_more_buttons(self, instance: Any) -> list[MenuItem]:
        """Offer the attendees, the page, and to call it off."""
        buttons = [MenuItem(_("Attendees"), url=attendees_url(instance), icon_name="group", priority=10)]
        if instance.page_id:
            url = reverse("wagtailadmin_pages:edit", args=[instance.page_id])
            buttons.append(MenuItem(_("Edit the page"), url=url, icon_name="edit", priority=20))
        if not instance.is_cancelled and self.request.user.has_perm("events.change_activity"):
            url = reverse("events_activity:cancel", args=[instance.pk])
            buttons.append(MenuItem(_("Cancel activity"), url=url, icon_name="cross", priority=30))
        return buttons


class ActivityViewSet(ModelViewSet):
    """All activities; the facts are edited on their pages."""

    model = Activity
    name = "events_activity"
    url_prefix = "activities"
    icon = "calendar-alt"
    menu_label = gettext_lazy("Activities")
    copy_view_enabled = False
    index_view_class = ActivityIndexView
    form_fields = ["name_nl", "name_en"]
    filterset_class = ActivityFilters
    search_fields = ["name_nl", "name_en", "place"]
    list_display = [
        TitleColumn("name", label=gettext_lazy("Activity"), get_url=attendees_url, sort_key="name_nl"),
        Column(
            "starts_at",
            label=gettext_lazy("When"),
            accessor=lambda activity: say_period(activity.starts_at, activity.ends_at),
            sort_key="starts_at",
        ),
        Column("kind", label=gettext_lazy("Kind"), accessor="get_kind_display", sort_key="kind"),
        Column(
            "taken",
            label=gettext_lazy("Places taken"),
            accessor=lambda activity: f"{activity.taken} / {activity.capacity or '∞'}",
            sort_key="taken",
        ),
        Column(
            "state",
            label=pgettext_lazy("activity", "Status"),
            accessor=lambda activity: WORDS[activity.state].word,
        ),
    ]
    list_export = [
        "name_nl",
        "name_en",
        "kind",
        "starts_at",
        "ends_at",
        "place",
        "capacity",
        "taken",
        "state",
    ]
    export_headings = {"taken": gettext_lazy("Places taken"), "state": pgettext_lazy("activity", "Status")}

    def get_urlpatterns(self) -> list[Any]:
        """Add the page that asks whether to call an activity off."""
        cancel = path("cancel/<int:pk>/", CancelActivityView.as_view(), name="cancel")
        return [*super().get_urlpatterns(), cancel]


class SignupIndexView(IndexView):
    """Who has a place, with activity and organisation in the same query."""

    def get_base_queryset(self) -> QuerySet[Signup]:
        """Fetch along what each line names."""
        signups: QuerySet[Signup] = super().get_base_queryset()
        return signups.select_related("activity", "organisation")

    def to_row_dict(self, item: Signup) -> dict[str, Any]:
        """Keep a spreadsheet from running what a visitor typed."""
        row: dict[str, Any] = super().to_row_dict(item)
        return {name: defused(value) for name, value in row.items()}

    def get_list_more_buttons(self, instance: Signup) -> list[MenuItem]:
        """Offer to cancel the place."""
        buttons: list[MenuItem] = super().get_list_more_buttons(instance)
        if instance.is_confirmed and self.user_has_permission("change"):
            url = reverse("events_signup:release", args=[instance.pk])
            buttons.append(MenuItem(_("Cancel sign-up"), url=url, icon_name="cross", priority=40))
        return buttons


class AddSignupView(CreateView):
    """Staff give somebody a place; the capacity holds for them too."""

    def get_initial(self) -> dict[str, Any]:
        """Start with the activity from which the form was opened."""
        return {**super().get_initial(), "activity": self.request.GET.get("activity", "")}

    def form_valid(self, form: StaffSignupForm) -> HttpResponse:
        """Sign the person up, or say beside the activity why not."""
        try:
            response: HttpResponse = super().form_valid(form)
        except SignupRefused as refusal:
            form.add_error("activity", str(form.reason_of(refusal)))
            self.is_valid(form)  # notes the message on top
            return self.form_invalid(form)
        return response

    def save_instance(self) -> Signup:
        """Give the place."""
        form: StaffSignupForm = self.form
        return form.give_place(by=self.request.user, at=timezone.now())


class SignupViewSet(PlainTexts, ModelViewSet):
    """All sign-ups, to filter by activity and to export."""

    model = Signup
    name = "events_signup"
    url_prefix = "signups"
    icon = "group"
    menu_label = gettext_lazy("Sign-ups")
    copy_view_enabled = False
    add_to_reference_index = False
    index_view_class = SignupIndexView
    add_view_class = AddSignupView
    list_filter = ["activity", "status", "organisation__kind"]
    search_fields = ["first_name", "last_name", "email", "organisation__name"]
    list_per_page = 50
    list_display = [
        "full_name",
        "email",
        Column("organisation", label=gettext_lazy("Organisation"), sort_key="organisation__name"),
        Column("activity", label=gettext_lazy("Activity"), sort_key="activity__starts_at"),
        Column(
            "is_confirmed",
            label=gettext_lazy("Has a place"),
            accessor=lambda signup: say_value(signup.is_confirmed),
            sort_key="status",
        ),
        Column("created_at", label=gettext_lazy("Signed up"), sort_key="created_at"),
    ]
    list_export = [
        "activity",
        "activity.starts_at",
        "first_name",
        "last_name",
        "email",
        "organisation",
        "organisation_kind",
        "language",
        "status",
        "created_at",
    ]
    export_headings = {
        "activity.starts_at": gettext_lazy("When"),
        "organisation_kind": gettext_lazy("Kind of organisation"),
    }
    form_fields = ["first_name", "last_name", "organisation"]

    def get_form_class(self, for_update: bool = False) -> Any:
        """To add somebody takes the activity and the address too."""
        return super().get_form_class(for_update) if for_update else StaffSignupForm

    def get_urlpatterns(self) -> list[Any]:
        """Add the page that asks whether to cancel a place."""
        release = path("release/<int:pk>/", ReleasePlaceView.as_view(), name="release")
        return [*super().get_urlpatterns(), release]


class EventsGroup(ViewSetGroup):
    """The organiser's part of the menu."""

    menu_label = gettext_lazy("Activities")
    menu_icon = "calendar-alt"
    menu_order = 250
    items = (ActivityViewSet(), SignupViewSet())
