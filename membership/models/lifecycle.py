"""When a membership is announced, invoiced and ended: the association's own days, as a setting."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from billing.models import ChargeRules


@register_setting(icon="date")
class Lifecycle(BaseGenericSetting):
    """The days between the steps in the life of a membership. A change counts from the next step on."""

    first_notice_days = models.PositiveSmallIntegerField(_("first notice"), default=60)
    second_notice_days = models.PositiveSmallIntegerField(_("second notice"), default=30)
    last_notice_days = models.PositiveSmallIntegerField(
        _("last notice"), default=7, validators=[MinValueValidator(1)]
    )
    invoice_days = models.PositiveSmallIntegerField(
        _("renewal invoice"), default=30, validators=[MinValueValidator(1)]
    )
    application_days = models.PositiveSmallIntegerField(
        _("unpaid application"), default=60, validators=[MinValueValidator(1)]
    )
    asks_payment_first = models.BooleanField(
        _("ask for the payment first, also by bank transfer"),
        default=False,
        help_text=_(
            "Who applies gets a pro forma invoice, and the invoice when the money is there. Who pays online "
            "always does."
        ),
    )
    past_due_days = models.PositiveSmallIntegerField(
        _("past due"), default=30, validators=[MinValueValidator(1)]
    )
    grace_days = models.PositiveSmallIntegerField(
        _("grace period, read-only"), default=30, validators=[MinValueValidator(1)]
    )

    panels = [
        MultiFieldPanel(
            [
                HelpPanel(_("Days before the last day of the term.")),
                FieldRowPanel(
                    [
                        FieldPanel("first_notice_days"),
                        FieldPanel("second_notice_days"),
                        FieldPanel("last_notice_days"),
                    ]
                ),
                FieldPanel("invoice_days"),
            ],
            heading=_("Renewal"),
        ),
        MultiFieldPanel(
            [
                HelpPanel(
                    _(
                        "Days after an invoice has become overdue: first nothing changes but the reminders, "
                        "then the member zone is open to read only, then the membership ends."
                    )
                ),
                FieldRowPanel([FieldPanel("past_due_days"), FieldPanel("grace_days")]),
            ],
            heading=_("Unpaid"),
        ),
        MultiFieldPanel(
            [
                HelpPanel(
                    _(
                        "Days after the first invoice or pro forma invoice: an application that is not paid "
                        "by then is closed; its invoice is credited, its pro forma invoice withdrawn."
                    )
                ),
                FieldPanel("application_days"),
                FieldPanel("asks_payment_first"),
            ],
            heading=_("Applications"),
        ),
    ]

    class Meta:
        verbose_name = _("life of a membership")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @property
    def notice_days(self) -> tuple[int, int, int]:
        """The days before the end of a term at which its renewal is announced, the earliest first."""
        return self.first_notice_days, self.second_notice_days, self.last_notice_days

    def clean(self) -> None:
        """Refuse notices out of order, and an invoice that nothing announced."""
        first, second, last = self.notice_days
        if not first > second > last:
            raise ValidationError(
                {
                    "second_notice_days": _(
                        "Each notice comes later than the one before, so with fewer days before the end."
                    )
                }
            )
        if self.past_due_days <= max(ChargeRules.load().retry_days):
            raise ValidationError(
                {
                    "past_due_days": _(
                        "A refused automatic payment is tried again within this time: more days."
                    )
                }
            )
        if self.invoice_days > first:
            raise ValidationError(
                {"invoice_days": _("The first notice must come before the invoice, or on the same day.")}
            )
