"""The kernel in the back office: menus and terms, and reports on what the platform does by itself."""

from typing import Any

import django_filters
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tasks.base import TaskResultStatus as Status
from django_tasks_db.models import DBTaskResult
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList
from wagtail.admin.ui.tables import Column, DateColumn, LocaleColumn, TitleColumn
from wagtail.admin.views.generic import InspectView
from wagtail.admin.views.reports import ReportView
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from cms.models import Menu, OutgoingMail, PeriodicRun, TaskRetries, Term
from cms.operations.queue import retry_task


class AuthenticatedHttpRequest(HttpRequest):
    """A request in the back office, where somebody is logged in."""

    user: AbstractBaseUser  # type: ignore[assignment]  # nobody is anonymous there


STATES = {
    "waiting": (gettext_lazy("waiting"), Q(status=Status.READY)),
    "running": (gettext_lazy("running"), Q(status=Status.RUNNING)),
    "failed": (
        gettext_lazy("failed, will be tried again"),
        Q(status=Status.FAILED, retries__gave_up_at__isnull=True),
    ),
    "given_up": (gettext_lazy("given up"), Q(status=Status.FAILED, retries__gave_up_at__isnull=False)),
    "done": (gettext_lazy("done"), Q(status=Status.SUCCESSFUL)),
}


def state_of(result: DBTaskResult) -> str:
    """Say in words where a task stands."""
    gave_up = getattr(result, "retries", None) and result.retries.gave_up_at
    names = {Status.READY: "waiting", Status.RUNNING: "running", Status.SUCCESSFUL: "done"}
    name = names.get(Status(result.status), "given_up" if gave_up else "failed")
    return str(STATES[name][0])


class TaskFilters(WagtailFilterSet):
    """Tasks by where they stand."""

    state = django_filters.ChoiceFilter(
        label=gettext_lazy("Status"),
        choices=[(name, label) for name, (label, _condition) in STATES.items()],
        method="filter_state",
    )

    class Meta:
        model = DBTaskResult
        fields = ("state",)

    def filter_state(self, tasks: QuerySet[DBTaskResult], name: str, value: str) -> QuerySet[DBTaskResult]:
        """Keep the tasks in one state."""
        return tasks.filter(STATES[value][1])


class PlatformReport(ReportView):
    """What the reports share: readers need the permission to view the kernel's model."""

    permission_required = "view"
    is_searchable = False

    @property
    def index_results_url(self) -> str:
        """Where the list is asked for anew when a filter changes."""
        return reverse(self.index_results_url_name)


class TaskReport(PlatformReport):
    """Background tasks, the newest first."""

    model = DBTaskResult
    permission_policy = ModelPermissionPolicy(TaskRetries)
    page_title = gettext_lazy("Background tasks")
    header_icon = "cogs"
    index_url_name = "cms_tasks"
    index_results_url_name = "cms_tasks_results"
    filterset_class = TaskFilters
    default_ordering = "-enqueued_at"
    columns = [
        TitleColumn("task_path", label=gettext_lazy("Task"), url_name="cms_task"),
        Column("state", label=gettext_lazy("Status"), accessor=state_of),
        Column("retries", label=gettext_lazy("Times put back"), accessor="retries.count"),
        Column("exception_class_path", label=gettext_lazy("Error")),
        DateColumn("enqueued_at", label=gettext_lazy("Queued")),
    ]

    def get_base_queryset(self) -> QuerySet[DBTaskResult]:
        """Fetch the retries along, and leave the long texts."""
        tasks = DBTaskResult.objects.select_related("retries").defer("traceback", "return_value")
        return tasks


class TaskView(InspectView):
    """One task: what it was asked, why it failed, and a button to try it again."""

    model = DBTaskResult
    permission_policy = ModelPermissionPolicy(TaskRetries)
    any_permission_required = ["view"]
    page_title = gettext_lazy("Background task")
    header_icon = "cogs"
    index_url_name = "cms_tasks"
    template_name = "cms/admin/task.html"

    def get_page_subtitle(self) -> str:
        """Name the task."""
        path: str = self.object.task_path
        return path

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the report."""
        report = {"url": reverse(self.index_url_name), "label": TaskReport.page_title}
        return [*self.breadcrumbs_items, report, {"url": "", "label": self.get_page_subtitle()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the state, and the mail that the task should send."""
        task = self.object
        is_mail = task.task_path == "cms.emails.send_email"
        return super().get_context_data(
            task=task,
            state=state_of(task),
            mail=OutgoingMail.objects.filter(key__in=task.args_kwargs["args"]).first() if is_mail else None,
            may_retry=task.status == Status.FAILED and self.user_has_permission("change"),
            **kwargs,
        )

    def post(self, request: AuthenticatedHttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Put the task back in the queue."""
        if not self.user_has_permission("change"):
            return redirect("wagtailadmin_home")
        if retry_task(result=self.object, at=timezone.now(), by=request.user):
            messages.success(request, _("The task is back in the queue."))
        else:
            messages.warning(request, _("The task was not failed any more, so nothing was done."))
        return redirect("cms_task", self.object.pk)


class MailReport(PlatformReport):
    """Mail on its way and sent; the words are nobody's business."""

    model = OutgoingMail
    page_title = gettext_lazy("Outgoing mail")
    header_icon = "mail"
    index_url_name = "cms_mail"
    index_results_url_name = "cms_mail_results"
    default_ordering = "-queued_at"
    columns = [
        Column("subject", label=gettext_lazy("Subject")),
        Column("recipient", label=gettext_lazy("Recipient")),
        DateColumn("queued_at", label=gettext_lazy("Queued")),
        DateColumn("sent_at", label=gettext_lazy("Sent")),
    ]


class PeriodicReport(PlatformReport):
    """What `run_due` did last, and what failed."""

    model = PeriodicRun
    page_title = gettext_lazy("Periodic work")
    header_icon = "time"
    index_url_name = "cms_periodic"
    index_results_url_name = "cms_periodic_results"
    default_ordering = "name"
    columns = [
        Column("name", label=gettext_lazy("Name"), accessor=lambda run: _(run.name)),
        DateColumn("ran_at", label=gettext_lazy("Last time")),
        Column("done", label=gettext_lazy("Done")),
        DateColumn("failed_at", label=gettext_lazy("Failed")),
        Column("error", label=gettext_lazy("Error")),
    ]


class MenuViewSet(SnippetViewSet):
    """The links on top and at the bottom, per language."""

    model = Menu
    icon = "list-ul"
    list_display = ["place", LocaleColumn(label=gettext_lazy("Language"))]
    copy_view_enabled = False


class TermForm(WagtailAdminModelForm):
    """What a term is stands in addresses and decides its picture: it is chosen once."""

    CHOSEN_ONCE = ("kind", "slug", "number")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in self.CHOSEN_ONCE:
                self.fields[name].disabled = True


class TermViewSet(SnippetViewSet):
    """The words by which everything is tagged and found."""

    model = Term
    icon = "tag"
    list_display = ["__str__", "kind", "number", "slug"]
    list_filter = ["kind"]
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("name_nl"), FieldPanel("name_en")]),
            FieldRowPanel([FieldPanel("description_nl"), FieldPanel("description_en")]),
            FieldPanel("position"),
            FieldRowPanel(
                [FieldPanel("kind"), FieldPanel("number"), FieldPanel("slug")],
                heading=gettext_lazy("What the term is (chosen once)"),
            ),
        ],
        base_form_class=TermForm,
    )
    search_fields = ["name_nl", "name_en", "slug"]
    ordering = ["kind", "position", "slug"]
    list_per_page = 60
    copy_view_enabled = False


class NavigationViewSetGroup(SnippetViewSetGroup):
    """What all pages share, in the menu of the back office."""

    items = (MenuViewSet, TermViewSet)
    menu_label = gettext_lazy("Menus and terms")
    menu_icon = "list-ul"
    menu_order = 450
