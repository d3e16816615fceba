"""What the kernel does when Wagtail says that something happened."""

from typing import Any

from django.dispatch import receiver
from wagtail.signals import page_published

from cms.models import LedgerPage
from cms.operations.publishing import publish_row


@receiver(page_published, dispatch_uid="cms_publish_row")
def publish_ledger_row(sender: type, instance: Any, **kwargs: Any) -> None:
    """Bring the ledger row of a published page up to date."""
    if isinstance(instance, LedgerPage):
        publish_row(page=instance)
