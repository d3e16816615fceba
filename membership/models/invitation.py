"""How colleagues come in: by an invitation, or by the domain of their e-mail address."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from membership.models.organisation import Affiliation, Organisation

INVITATION_LASTS = timedelta(days=30)


class Invitation(models.Model):
    """Somebody who is asked to join an organisation, and what they will be there.

    One that a person made keeps a place until it is accepted; one by the domain of an address takes its
    place then. The row goes when it is withdrawn, and 30 days after it was sent.
    """

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.CASCADE, related_name="invitations"
    )
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(
        _("role"), max_length=20, choices=Affiliation.Role.choices, default=Affiliation.Role.COLLEAGUE
    )
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("invited by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    is_by_domain = models.BooleanField(
        _("by e-mail domain"), default=False, help_text=_("The domain of the e-mail address was enough.")
    )
    invited_at = models.DateTimeField(_("invited at"))
    expires_at = models.DateTimeField(_("expires at"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("organisation", "email")
        constraints = (
            models.UniqueConstraint(
                "organisation",
                Lower("email"),
                condition=models.Q(accepted_at__isnull=True),
                name="membership_invitation_once_an_address",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("invited_at")),
                name="membership_invitation_expires_later",
            ),
        )

    def __str__(self) -> str:
        return f"{self.email}, {self.organisation}"


class EmailDomain(models.Model):
    """A domain whose holders of an address may join an organisation by themselves."""

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.CASCADE, related_name="email_domains"
    )
    domain = models.CharField(_("domain"), max_length=253, unique=True)
    allowed_at = models.DateTimeField(_("allowed at"))

    class Meta:
        verbose_name = _("e-mail domain")
        verbose_name_plural = _("e-mail domains")
        ordering = ("domain",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(domain=Lower("domain")), name="membership_email_domain_lower_case"
            ),
        )

    def __str__(self) -> str:
        return self.domain
