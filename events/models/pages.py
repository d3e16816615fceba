"""The pages that announce activities: event, focus group, masterclass, and their index."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from cms.models import LedgerPage, SiteImage, SitePage
from events.models.activity import Activity, ActivityFacts


class EventIndexPage(SitePage):
    """The calendar: what is coming, what has been, with filters."""

    template = "events/event_index_page.html"
    parent_page_types = ["home.HomePage"]
    subpage_types = ["events.EventPage", "events.FocusGroupPage", "events.MasterclassPage"]

    class Meta:
        verbose_name = _("event index")
        verbose_name_plural = _("event indexes")


class ActivityPage(LedgerPage, ActivityFacts):
    """What the three kinds of activity page share."""

    facts_model = ActivityFacts
    ledger_model = Activity

    picture = models.ForeignKey(
        SiteImage,
        verbose_name=_("picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Without a picture the platform draws one from the layers and domains."),
    )

    facts_panel = MultiFieldPanel(
        [
            FieldPanel("kind"),
            FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]),
            FieldRowPanel([FieldPanel("place"), FieldPanel("address"), FieldPanel("is_online")]),
            FieldRowPanel(
                [FieldPanel("capacity"), FieldPanel("signup_opens_at"), FieldPanel("signup_closes_at")]
            ),
        ],
        heading=_("The activity (takes effect on publish, for all languages)"),
    )
    head_panels = [*LedgerPage.head_panels, facts_panel, FieldPanel("picture")]
    content_panels = [*head_panels, FieldPanel("body")]
    override_translatable_fields = LedgerPage.synchronized_facts(ActivityFacts)
    template = "events/activity_page.html"
    parent_page_types = ["events.EventIndexPage"]
    subpage_types: list[str] = []

    class Meta:
        abstract = True

    def get_search_date(self) -> date | None:
        """The day of the activity."""
        return timezone.localdate(self.starts_at) if self.starts_at else None

    def clean(self) -> None:
        """Refuse an activity that ends before it starts, or whose sign-up never opens."""
        super().clean()
        errors = {}
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            errors["ends_at"] = _("The activity must end after it starts.")
        if self.signup_opens_at and self.signup_closes_at and self.signup_closes_at <= self.signup_opens_at:
            errors["signup_closes_at"] = _("Sign-up must close after it opens.")
        if self.capacity == 0:
            errors["capacity"] = _("Type at least 1, or leave this empty if there is no limit.")
        if errors:
            raise ValidationError(errors)


class EventPage(ActivityPage):
    """An info session, matchmaking, clustering or other activity."""

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")


class FocusGroupPage(ActivityPage):
    """A meeting of a focus group around one question."""

    question = models.TextField(
        _("question"), blank=True, max_length=400, help_text=_("The question on which the group works.")
    )
    content_panels = [*ActivityPage.head_panels, FieldPanel("question"), FieldPanel("body")]

    class Meta:
        verbose_name = _("focus group")
        verbose_name_plural = _("focus groups")


class MasterclassPage(ActivityPage):
    """A masterclass of the acceleration programme."""

    learning_goals = models.TextField(
        _("learning goals"), blank=True, max_length=800, help_text=_("One goal a line.")
    )
    content_panels = [*ActivityPage.head_panels, FieldPanel("learning_goals"), FieldPanel("body")]

    class Meta:
        verbose_name = _("masterclass")
        verbose_name_plural = _("masterclasses")
