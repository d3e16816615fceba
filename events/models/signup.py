"""A place at an activity, held by a person. People sign up without an account."""

from django.conf import settings
from django.contrib import admin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from events.models.activity import Activity
from membership.models import Organisation


class Signup(models.Model):
    """One person's place at one activity. A cancelled one stays as history and takes no place."""

    class Status(models.TextChoices):
        """Whether the place is taken."""

        CONFIRMED = "confirmed", _("confirmed")
        CANCELLED = "cancelled", _("cancelled")

    FORGOTTEN = "@forgotten.invalid"
    """How the address of a person ends who was forgotten: no mail can go there."""

    activity = models.ForeignKey(
        Activity, verbose_name=_("activity"), on_delete=models.PROTECT, related_name="signups"
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.CONFIRMED)
    first_name = models.CharField(_("first name"), max_length=100)
    last_name = models.CharField(_("last name"), max_length=100)
    email = models.EmailField(_("e-mail address"))
    organisation = models.ForeignKey(
        Organisation,
        verbose_name=_("organisation"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="signups",
    )
    language = models.CharField(
        _("language"), max_length=2, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    created_at = models.DateTimeField(_("signed up"))
    changed_at = models.DateTimeField(_("last changed"))

    wagtail_reference_index_ignore = True
    """Staff look sign-ups up by activity; an index of references would cost each sign-up two queries."""

    class Meta:
        verbose_name = _("sign-up")
        verbose_name_plural = _("sign-ups")
        ordering = ("-created_at", "pk")
        indexes = (models.Index(fields=("activity", "status"), name="events_signup_places"),)
        constraints = (
            models.UniqueConstraint(
                "activity",
                Lower("email"),
                condition=Q(status="confirmed"),
                name="events_signup_one_place_a_person",
            ),
        )

    def __str__(self) -> str:
        return self.full_name

    @property
    @admin.display(description=_("name"))
    def full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_confirmed(self) -> bool:
        """Whether the person has a place."""
        return self.status == self.Status.CONFIRMED

    @property
    def organisation_kind(self) -> str:
        """The kind of the organisation in words, or nothing."""
        return self.organisation.get_kind_display() if self.organisation else ""
