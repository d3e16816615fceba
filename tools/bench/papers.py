"""Whether the papers of invoices were really made: the PDF in the mail, the UBL file, and no failed task."""

from collections import Counter
from collections.abc import Collection
from pathlib import Path

from django_tasks_db.models import DBTaskResult

from billing.documents import file_name, ubl_file_name
from billing.models import Invoice
from cms.operations.queue import INDEXING
from demo.models import StoredFile
from tools.bootstrap import Refusal


def count_pdfs(invoices: Collection[Invoice]) -> int:
    """Count the invoices whose PDF left with a mail; the demo's mailbox keeps what was sent."""
    wanted = {file_name(invoice) for invoice in invoices}
    files = StoredFile.objects.filter(name__in=wanted).values_list("name", "content")
    return len({name for name, content in files.iterator() if bytes(content).startswith(b"%PDF-")})


def count_ubls(invoices: Collection[Invoice], data: Path) -> int:
    """Count the invoices whose UBL file lies in the outbox, whole and with their number.

    `data` is where the workers keep theirs: the bench itself read its own setting before it chose a folder.
    """
    folder = data / "private" / "peppol-outbox"
    made = 0
    for invoice in invoices:
        path = folder / ubl_file_name(invoice)
        content = path.read_bytes() if path.exists() else b""
        is_whole = content.rstrip().endswith((b"Invoice>", b"CreditNote>"))
        made += is_whole and f"ID>{invoice.number}<".encode() in content
    return made


def refuse_failed_tasks() -> None:
    """Raise Refusal when a task failed: what is not done costs nothing, and would look quick.

    Indexing a row that is gone by now has nothing to do, as the queue itself knows.
    """
    failed = DBTaskResult.objects.filter(status="FAILED").exclude(
        task_path__in=INDEXING, exception_class_path__endswith=".DoesNotExist"
    )
    if counts := Counter(failed.values_list("task_path", "exception_class_path")):
        told = ", ".join(f"{count} × {path} ({error})" for (path, error), count in counts.items())
        raise Refusal(f"Tasks failed: {told}.")
