"""Addresses that open one thing for whoever holds them."""

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _


class PrivateLink(models.Model):
    """A secret address for one purpose and one target. Only the token's SHA-256 is kept."""

    token_hash = models.CharField(_("fingerprint of the token"), max_length=64, unique=True, editable=False)
    purpose = models.SlugField(_("purpose"), max_length=40)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField(_("target"))
    target = GenericForeignKey("content_type", "object_id")
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("private link")
        verbose_name_plural = _("private links")
        indexes = (
            models.Index(fields=("content_type", "object_id", "purpose"), name="cms_privatelink_target"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(expires_at__isnull=True) | models.Q(expires_at__gt=models.F("created_at")),
                name="cms_privatelink_expires_later",
            ),
        )

    def __str__(self) -> str:
        return f"{self.purpose} {self.content_type_id}:{self.object_id}"

    def opens(self, thing: models.Model) -> bool:
        """Say whether `thing` is the link's target. Whether the link still holds, `resolve_link` says."""
        kind = ContentType.objects.get_for_model(thing)
        return (kind.pk, thing.pk) == (self.content_type_id, self.object_id)
