"""What somebody filled in to join: kept with the membership that came of it, or did not."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models import Invoice
from membership.models.membership import Membership


class Application(models.Model):
    """The contact person of a membership that is not paid yet; on payment they get the account."""

    membership = models.OneToOneField(
        Membership, verbose_name=_("membership"), on_delete=models.CASCADE, related_name="application"
    )
    first_name = models.CharField(_("first name"), max_length=100)
    last_name = models.CharField(_("last name"), max_length=100)
    email = models.EmailField(_("e-mail address"))
    job_title = models.CharField(_("job title"), max_length=100, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    employees = models.PositiveIntegerField(_("number of employees"))
    yearly_fee = models.DecimalField(_("yearly fee in EUR"), max_digits=9, decimal_places=2)
    invoice = models.OneToOneField(
        Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name} ({self.membership.organisation})"
