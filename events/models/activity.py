"""An activity: what people sign up for. One row, whatever the number of pages that announce it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cms.models import PublishedRow
from events.rules import Schedule


class ActivityFacts(models.Model):
    """What editors write on a page about the activity; it takes effect on publish."""

    class Kind(models.TextChoices):
        """The kinds of activity of the yearly plan."""

        INFOSESSION = "infosession", _("info session")
        FOCUS_GROUP = "focus_group", _("focus group")
        CLUSTERING = "clustering", _("cluster session")
        MATCHMAKING = "matchmaking", _("matchmaking session")
        MASTERCLASS = "masterclass", _("masterclass")
        PROJECT_WORK = "project_work", _("project work")
        OTHER = "other", _("gathering")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.INFOSESSION)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    place = models.CharField(
        _("place"),
        max_length=200,
        blank=True,
        help_text=_("Name of the venue and the town, or empty if online."),
    )
    address = models.CharField(_("address"), max_length=200, blank=True)
    is_online = models.BooleanField(_("online"), default=False)
    capacity = models.PositiveIntegerField(
        _("places"), null=True, blank=True, help_text=_("Leave empty if there is no limit.")
    )
    signup_opens_at = models.DateTimeField(_("sign-up opens"), null=True, blank=True)
    signup_closes_at = models.DateTimeField(
        _("sign-up closes"), null=True, blank=True, help_text=_("Empty: when the activity starts.")
    )

    class Meta:
        abstract = True


class Activity(PublishedRow, ActivityFacts):
    """The ledger row: dates, places and state of one activity."""

    is_cancelled = models.BooleanField(_("cancelled"), default=False)
    changed_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ("starts_at", "pk")
        indexes = (models.Index(fields=("starts_at",), name="events_activity_start"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="events_activity_ends_after_start"
            ),
            models.CheckConstraint(
                condition=models.Q(capacity__isnull=True) | models.Q(capacity__gt=0),
                name="events_activity_has_places",
            ),
        )

    def schedule(self, *, taken: int) -> Schedule:
        """Return the facts on which the state depends, with the number of places taken."""
        return Schedule(
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            opens_at=self.signup_opens_at,
            closes_at=self.signup_closes_at,
            capacity=self.capacity,
            taken=taken,
            is_cancelled=self.is_cancelled,
        )
