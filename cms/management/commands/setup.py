"""Bring the database up to date: migrations, cache table, reference data. Safe to run at each start."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from cms.registries import reference_data


class Command(BaseCommand):
    """`manage.py setup`: idempotent, run by `make run`, `make serve` and at each deployment."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the folder, migrate, then let each app load its reference data in the order of the apps."""
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        call_command("migrate", interactive=False, verbosity=options["verbosity"])
        call_command("createcachetable")
        # Apps are installed from the highest to the lowest: the data of the lower ones comes first.
        for data in reversed(list(reference_data)):
            self.stdout.write(f"  {data.name}: {data.load()}")
