"""What the platform still has to do, and how it went: retried tasks, outgoing mail, periodic work."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


def new_key() -> str:
    """Make a key that no other mail has."""
    return uuid4().hex


class TaskRetries(models.Model):
    """How often a task was put back in the queue. A task that never failed has no row."""

    result = models.OneToOneField(
        "django_tasks_database.DBTaskResult",
        verbose_name=_("task"),
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="retries",
    )
    count = models.PositiveSmallIntegerField(_("times put back"), default=0)
    last_at = models.DateTimeField(_("last put back at"), null=True)
    gave_up_at = models.DateTimeField(_("given up at"), null=True)

    class Meta:
        verbose_name = _("background task")
        verbose_name_plural = _("background tasks")
        default_permissions = ("view", "change")

    def __str__(self) -> str:
        return str(self.result_id)


class OutgoingMail(models.Model):
    """One mail to one person, as rendered when it was queued. Its text is forgotten once it is sent."""

    key = models.CharField(
        _("key"),
        max_length=200,
        unique=True,
        default=new_key,
        editable=False,
        help_text=_("A message that may go out only once carries the same key each time."),
    )
    template = models.CharField(_("message"), max_length=100)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    recipient = models.EmailField(_("recipient"))
    reply_to = models.EmailField(_("reply to"), blank=True)
    subject = models.CharField(_("subject"), max_length=250)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(_("html"), blank=True)
    unsubscribe_url = models.URLField(_("address to unsubscribe"), max_length=500, blank=True)
    attachments = models.JSONField(_("attachments"), default=list, blank=True)
    queued_at = models.DateTimeField(_("queued at"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("outgoing e-mail")
        verbose_name_plural = _("outgoing e-mails")
        default_permissions = ("view",)
        indexes = (models.Index(fields=("queued_at",), name="cms_outgoingmail_queued"),)

    def __str__(self) -> str:
        return self.subject


class PeriodicRun(models.Model):
    """When `run_due` last did one of its entries, and how that went. The row is the entry's lock too."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    ran_at = models.DateTimeField(_("ran at"), null=True)
    done = models.PositiveIntegerField(_("done"), default=0)
    failed_at = models.DateTimeField(_("failed at"), null=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("periodic work")
        verbose_name_plural = _("periodic work")
        ordering = ("name",)
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.name
