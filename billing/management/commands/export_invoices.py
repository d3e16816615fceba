"""Writes invoices to a folder: as UBL or PDF a file each, or their lines as one CSV file."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.documents import UblImpossible, file_name, make_ubl, render_pdf, ubl_file_name
from billing.exports import CHUNK, line_sheet
from billing.models import Invoice
from billing.queries import issued_between

MAKERS: dict[str, tuple[Callable[[Invoice], str], Callable[[Invoice], bytes]]] = {
    "ubl": (ubl_file_name, make_ubl),
    "pdf": (file_name, render_pdf),
}


def day(text: str) -> date:
    """Read a day as 2026-12-31."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is no day such as 2026-12-31") from None


class Command(BaseCommand):
    """`manage.py export_invoices --format ubl --output FOLDER --from 2026-01-01 --to 2026-12-31`."""

    help = (
        "Write the invoices, payment requests and credit notes of a period to a folder. "
        "What is there already by the same name is written anew."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take format, folder and period."""
        parser.add_argument("--format", choices=("ubl", "pdf", "csv"), required=True)
        parser.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="made when missing")
        parser.add_argument("--from", type=day, dest="since", metavar="DAY", help="first day of issue")
        parser.add_argument("--to", type=day, dest="until", metavar="DAY", help="last day of issue")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write what can be written; end with an error when something could not."""
        folder, since, until = options["output"], options["since"], options["until"]
        if since and until and until < since:
            raise CommandError("--to lies before --from")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if options["format"] == "csv":
                self._write_lines(folder, since, until)
            else:
                self._write_files(folder, since, until, *MAKERS[options["format"]])
        except OSError as error:
            raise CommandError(f"{folder}: {error.strerror}") from error

    def _write_lines(self, folder: Path, since: date | None, until: date | None) -> None:
        sheet, rows = line_sheet(since, until)
        path = folder / f"{sheet.get_filename()}.csv"
        count = -1  # the headings
        with path.open("wb") as file:
            for line in sheet.csv(rows):
                file.write(line)
                count += 1
        self.stdout.write(f"{count} lines in {path}")

    def _write_files(
        self,
        folder: Path,
        since: date | None,
        until: date | None,
        name: Callable[[Invoice], str],
        make: Callable[[Invoice], bytes],
    ) -> None:
        written = refused = 0
        for invoice in issued_between(since, until).iterator(chunk_size=CHUNK):
            try:
                (folder / name(invoice)).write_bytes(make(invoice))
            except UblImpossible as refusal:
                self.stderr.write(str(refusal))
                refused += 1
            else:
                written += 1
        self.stdout.write(f"{written} files in {folder}")
        if refused:
            raise CommandError(f"{refused} documents could not be written: see above")
