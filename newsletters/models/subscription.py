"""Subscriptions to the newsletter and the proof of consent, kept in the platform itself."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class Subscription(models.Model):
    """An address and whether it wants the newsletter. An address has one row for good."""

    class Status(models.TextChoices):
        """Where the double opt-in stands."""

        PENDING = "pending", _("asked, not confirmed")
        CONFIRMED = "confirmed", _("confirmed")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")

    email = models.EmailField(_("e-mail address"))
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.PENDING)
    requested_at = models.DateTimeField(_("asked"))
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        ordering = ("-changed_at", "pk")
        constraints = (models.UniqueConstraint(Lower("email"), name="newsletters_subscription_once"),)

    def __str__(self) -> str:
        return self.email


class ConsentEvent(models.Model):
    """One step of a consent and the words that the person saw. Rows are added, never changed."""

    class Kind(models.TextChoices):
        """What the person did."""

        REQUESTED = "requested", _("asked for the newsletter")
        CONFIRMED = "confirmed", _("confirmed with the e-mailed link")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")

    class Source(models.TextChoices):
        """Where it was done."""

        SITE = "site", _("on this site")
        MAILCHIMP = "mailchimp", _("in a newsletter")
        STAFF = "staff", _("by staff")

    subscription = models.ForeignKey(
        Subscription, verbose_name=_("subscriber"), on_delete=models.CASCADE, related_name="events"
    )
    kind = models.CharField(_("what"), max_length=20, choices=Kind.choices)
    source = models.CharField(_("where"), max_length=20, choices=Source.choices)
    wording = models.TextField(_("words shown"), blank=True)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    happened_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("proof of consent")
        verbose_name_plural = _("proofs of consent")
        ordering = ("happened_at", "pk")

    def __str__(self) -> str:
        return f"{self.subscription}: {self.get_kind_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the row; a row that is there cannot be changed. Raises ValueError."""
        if self.pk is not None:
            raise ValueError("a proof of consent is never changed")
        super().save(*args, **kwargs)
