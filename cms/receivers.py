"""What the kernel does when Django or Wagtail says that something happened."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from wagtail.signals import page_published

from cms.models import LedgerPage
from cms.operations.publishing import publish_row


@receiver(page_published, dispatch_uid="cms_publish_row")
def publish_ledger_row(sender: type, instance: Any, **kwargs: Any) -> None:
    """Bring the ledger row of a published page up to date."""
    if isinstance(instance, LedgerPage):
        publish_row(page=instance)


@receiver(connection_created, dispatch_uid="cms_compile_no_queries")
def compile_no_queries(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Switch JIT off: compiling a query takes PostgreSQL seconds where our lists take a tenth of one.

    A statement, since poolers such as PgBouncer refuse a log-in with start-up options.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET jit = off")
