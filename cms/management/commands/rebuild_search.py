"""Make the search index anew from its sources. `manage.py setup` mends what changed; this leaves nothing."""

from typing import Any

from django.core.management.base import BaseCommand

from cms.search.indexing import rebuild


class Command(BaseCommand):
    """`manage.py rebuild_search`: in one transaction, so that visitors find everything meanwhile."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild, and say how many entries there are."""
        self.stdout.write(f"{rebuild()} search entries")
