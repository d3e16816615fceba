"""Do all periodic work that is due. Idempotent; a service or cron calls it each minute."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cms.operations.periodic import run_due_work
from cms.registries import due_work


class Command(BaseCommand):
    """`manage.py run_due`: every app registers its part in `cms.registries.due_work`."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take another clock, or one entry only."""
        parser.add_argument("--at", type=_moment, help="do as if it were this moment (ISO 8601)")
        parser.add_argument("--only", default="", help="do this entry only")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the entries and print what each did. Fails at the end when one of them failed."""
        names = [entry.name for entry in due_work]
        if options["only"] and options["only"] not in names:
            raise CommandError(f"No such work: {options['only']}. There is: {', '.join(names)}.")
        failed = []
        for outcome in run_due_work(at=options["at"] or timezone.now(), only=options["only"]):
            if outcome.error:
                failed.append(outcome.name)
                self.stderr.write(f"{outcome.name}: failed: {outcome.error}")
            elif outcome.done is None:
                self.stdout.write(f"{outcome.name}: another process is at it")
            elif outcome.done or options["verbosity"] > 1:
                self.stdout.write(f"{outcome.name}: {outcome.done}")
        if failed:
            raise CommandError(f"Failed: {', '.join(failed)}.")


def _moment(text: str) -> datetime:
    """Read a moment; without an offset it is Brussels time."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else timezone.make_aware(moment)
