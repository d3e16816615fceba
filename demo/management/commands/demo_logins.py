"""Print who can log in to the demo."""

from typing import Any

from django.core.management.base import BaseCommand

from demo.operations.logins import PASSWORD, log_ins


class Command(BaseCommand):
    """`manage.py demo_logins`: a table of addresses; `make run` shows it at the end."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line a person, and the password that they share."""
        width = max(len(row["label_en"]) for row in log_ins())
        for row in log_ins():
            self.stdout.write(f"  {row['label_en']:<{width}}  {row['email']}")
        self.stdout.write(f"\n  Password of all of them: {PASSWORD}")
