"""Load the demo once: a fictional association with its site, members and activities."""

from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from cms.search.indexing import indexed_at_the_end
from demo.operations.applications import load_application
from demo.operations.documents import load_documents
from demo.operations.front_desk import load_front_desk
from demo.operations.invoices import load_invoices, load_issuer
from demo.operations.logins import load_logins
from demo.operations.means import load_means
from demo.operations.organisations import load_organisations, load_tier_texts
from demo.operations.signups import load_signups
from demo.operations.site import build_site
from demo.operations.treasury import load_treasury
from membership.models import Organisation


class Command(BaseCommand):
    """`manage.py load_demo`: all or nothing, and nothing when it has been loaded already."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Load everything in one transaction."""
        if Organisation.objects.exists():
            self.stdout.write("The demo is there already.")
            return
        at, started = timezone.now(), monotonic()
        with transaction.atomic(), indexed_at_the_end():
            for step in (
                lambda: load_organisations(at=at),
                load_tier_texts,
                load_logins,
                load_issuer,
                lambda: load_invoices(at=at),
                lambda: load_application(at=at),
                lambda: load_means(at=at),
                lambda: build_site(at=at),
                lambda: load_signups(at=at),
                lambda: load_documents(at=at),
                lambda: load_treasury(at=at),
                lambda: load_front_desk(at=at),
            ):
                self.stdout.write(f"  {step()} ({monotonic() - started:.0f} s)")
                self.stdout.flush()
