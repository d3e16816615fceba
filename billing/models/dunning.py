"""Reminders of overdue invoices: on which days, which were sent, and for which invoices they wait."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from billing.models.invoices import Invoice, Issued


@register_setting(icon="mail")
class Dunning(BaseGenericSetting):
    """The days after the due date on which a payer is reminded. A change counts from the next reminder on."""

    is_on = models.BooleanField(
        _("remind of overdue invoices"),
        default=True,
        help_text=_("Off: nobody is reminded but by hand."),
    )
    first_days = models.PositiveSmallIntegerField(_("reminder"), default=7, validators=[MinValueValidator(1)])
    second_days = models.PositiveSmallIntegerField(_("second reminder"), default=21)
    final_days = models.PositiveSmallIntegerField(_("final notice"), default=35)

    panels = [
        FieldPanel("is_on"),
        MultiFieldPanel(
            [
                HelpPanel(
                    _(
                        "Days after the due date. Each is sent once; after a standstill only the last one "
                        "that is due. No interest or costs are added."
                    )
                ),
                FieldRowPanel(
                    [FieldPanel("first_days"), FieldPanel("second_days"), FieldPanel("final_days")]
                ),
            ],
            heading=_("Reminders"),
        ),
    ]

    class Meta:
        verbose_name = _("payment reminders")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @property
    def days(self) -> tuple[int, int, int]:
        """The days of each level, the first first."""
        return self.first_days, self.second_days, self.final_days

    def clean(self) -> None:
        """Refuse reminders out of order."""
        first, second, final = self.days
        if not first < second < final:
            raise ValidationError(
                {"second_days": _("Each reminder comes later than the one before, so after more days.")}
            )


class Reminder(Issued):
    """A reminder that was mailed: each level once for an invoice."""

    class Level(models.IntegerChoices):
        """How urgent it is; the number says which comes after which."""

        FIRST = 1, _("reminder")
        SECOND = 2, _("second reminder")
        FINAL = 3, _("final notice")

    MUTABLE = ("sent_by", "sent_by_id")

    invoice = models.ForeignKey(
        Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="reminders"
    )
    level = models.PositiveSmallIntegerField(_("level"), choices=Level.choices)
    left = models.DecimalField(_("open amount"), max_digits=12, decimal_places=2)
    email = models.EmailField(_("e-mail address"))
    sent_at = models.DateTimeField(_("sent at"))
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("sent by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        verbose_name = _("payment reminder")
        verbose_name_plural = _("payment reminders")
        ordering = ("invoice", "level")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("invoice", "level"), name="billing_reminder_once"),
            models.CheckConstraint(condition=models.Q(level__in=(1, 2, 3)), name="billing_reminder_level"),
            models.CheckConstraint(condition=models.Q(left__gt=0), name="billing_reminder_of_something"),
        )

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.get_level_display()}"


class DunningHold(models.Model):
    """An invoice of which nobody is reminded as long as this row stands."""

    invoice = models.OneToOneField(
        Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="dunning_hold"
    )
    reason = models.CharField(_("reason"), max_length=300)
    held_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("hold of reminders")
        verbose_name_plural = _("holds of reminders")
        default_permissions = ()
        constraints = (
            models.CheckConstraint(condition=~models.Q(reason=""), name="billing_hold_has_reason"),
        )

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.reason}"
