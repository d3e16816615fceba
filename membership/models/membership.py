"""The life of a membership, as one row from application to end."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from membership.models.organisation import Organisation
from membership.models.prices import Tier


class Membership(models.Model):
    """An organisation's membership at a tier. Dates are whole days in Brussels."""

    class Status(models.TextChoices):
        """Where the membership stands; see docs/glossary.md."""

        APPLIED = "applied", _("applied")
        AWAITING_PAYMENT = "awaiting_payment", _("awaiting payment")
        ACTIVE = "active", _("active")
        LAPSED = "lapsed", _("lapsed")
        RESIGNED = "resigned", _("resigned")
        CLOSED = "closed", _("application closed")

    RUNNING = (Status.ACTIVE,)
    ENDED = (Status.LAPSED, Status.RESIGNED)
    OPEN = (Status.APPLIED, Status.AWAITING_PAYMENT, Status.ACTIVE)

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="memberships"
    )
    tier = models.ForeignKey(
        Tier, verbose_name=_("tier"), on_delete=models.PROTECT, related_name="memberships"
    )
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.APPLIED)
    applied_at = models.DateTimeField(_("applied"))
    starts_on = models.DateField(_("starts"), null=True, blank=True)
    ends_on = models.DateField(
        _("ends"), null=True, blank=True, help_text=_("The last day of the current term.")
    )
    code_of_conduct_accepted_at = models.DateTimeField(_("code of conduct accepted"), null=True, blank=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ("-applied_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation",),
                condition=Q(status__in=("applied", "awaiting_payment", "active")),
                name="membership_one_open_an_organisation",
            ),
            models.CheckConstraint(
                condition=~Q(status="active") | Q(starts_on__isnull=False, ends_on__isnull=False),
                name="membership_active_has_term",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="membership_term_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.organisation}: {self.tier} ({self.get_status_display()})"
