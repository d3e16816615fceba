"""Counted attempts: what limits how often somebody may try (cms.limits)."""

from django.db import models


class Attempt(models.Model):
    """How often something was tried by one source in one span of time. The source is stored hashed."""

    scope = models.CharField(max_length=40)
    source = models.CharField(max_length=64)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("scope", "source", "starts_at"), name="cms_attempt_once_a_span"),
        )

    def __str__(self) -> str:
        return f"{self.scope}: {self.count}"
