"""What somebody filled in to join: kept with the membership that came of it, or did not."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from membership.models.membership import Membership
from membership.models.organisation import Organisation


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
    pays_online = models.BooleanField(
        _("pays online"),
        default=False,
        help_text=_("Then the invoice is issued when the money is there."),
    )
    kind = models.CharField(
        _("kind"),
        max_length=30,
        choices=Organisation.Kind.choices,
        blank=True,
        help_text=_("The kind of organisation that the applicant chose: the price was based on it."),
    )
    details = models.JSONField(
        _("details for the invoice"),
        default=dict,
        help_text=_("What the first invoice is made out to; the customer keeps it once that is paid."),
    )

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}, {self.membership.organisation}"
