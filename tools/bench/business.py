"""A busy year of the association: joining, renewals, a bank file; its lists stand in `tools.bench.lists`.

Each scenario prepares its own data and yields what it measured beside what was promised. Imported once
Django is set up.
"""

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from django.core.management import call_command
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django_tasks_db.models import DBTaskResult

from billing.models import BankEntry, Invoice, Issuer
from billing.operations.bank_files import import_bank_file
from membership.models import Charge
from tools import run
from tools.bench import ledger, statement
from tools.bench.client import Client, Measure, Request
from tools.bench.papers import count_pdfs, count_ubls, refuse_failed_tasks
from tools.bootstrap import Refusal

JOINS, RENEWALS, WORKERS = 200, 1000, 2
LEAST_RENEWALS_A_SECOND = 20
MOST_GROWTH = 1.1
FILES, OPEN_INVOICES = (2_500, 5_000, 10_000), 5_000
MOST_SECONDS_A_FILE = 60
MOST_TIMES_LINEAR = 1.25
SECONDS_TO_DRAIN = 600
NEWCOMER = "Nieuwkomer"


@dataclass(frozen=True)
class Figure:
    """What was measured beside what was promised, in words; `is_kept` says whether it holds."""

    name: str
    told: str
    promised: str
    is_kept: bool


def join(client: Client) -> Measure:
    """Send the join form as so many companies, each from an address of its own: from form to invoice.

    Raises Refusal unless each of them was invoiced.
    """
    with translation.override("nl"):
        address = f"{reverse('membership:join')}?tier=connect&kind=company&employees=25"
    requests = [
        Request(
            address, form=urlencode(_applicant(number)).encode(), ip=f"10.1.{number // 250}.{number % 250}"
        )
        for number in range(JOINS + 1)
    ]
    known = Invoice.objects.order_by("pk").values_list("pk", flat=True).last() or 0
    client.ask(requests.pop(), status=302)  # a process that has served before
    measured = client.measure(requests, status=302)
    made = Invoice.objects.filter(pk__gt=known, name__startswith=NEWCOMER, gross__gt=0)
    invoiced = made.values("customer").distinct().count()
    if made.count() != invoiced or invoiced != JOINS + 1:
        raise Refusal(f"{made.count()} invoices to {invoiced} customers of {JOINS + 1} who joined.")
    return measured


def _applicant(number: int) -> dict[str, str]:
    return {
        "name": f"{NEWCOMER} {number}",
        "enterprise_number": ledger.enterprise_number(9_000 + number),
        "street": "Lampstraat 1",
        "postcode": "9000",
        "city": "Gent",
        "first_name": "Noor",
        "last_name": "Lanterman",
        "email": f"noor{number}@nieuwkomer.example",
        "code_of_conduct": "on",
    }


def renewals(log: Path) -> Iterator[Figure]:
    """Invoice members whose term ends; two workers make UBL, PDF and mail of each invoice.

    They work off first what joining left, so that their memory is that of a process that has worked before.
    """
    call_command("run_due", only="renewal invoices", verbosity=0)  # the demo's own
    ledger.add_members(RENEWALS)
    with workers(log) as processes:
        drain()
        before = [memory_of(process) for process in processes]
        known = Charge.objects.order_by("pk").values_list("pk", flat=True).last() or 0
        started = time.perf_counter()
        call_command("run_due", only="renewal invoices", verbosity=0)
        invoiced = time.perf_counter()
        drain()
        ended = time.perf_counter()
        after = [memory_of(process) for process in processes]
    check_papers(after=known, log=log)
    rate = RENEWALS / (ended - started)
    issued, sent = RENEWALS / (invoiced - started), RENEWALS / (ended - invoiced)
    yield Figure(
        f"{RENEWALS:,} renewals, with PDF and UBL",
        f"{rate:.1f} a second ({issued:.0f} issued, {sent:.0f} by {WORKERS} workers)",
        f"at least {LEAST_RENEWALS_A_SECOND}",
        rate >= LEAST_RENEWALS_A_SECOND,
    )
    growth = max(last / first for first, last in zip(before, after, strict=True))
    told = ", ".join(f"{first:.0f} → {last:.0f} MB" for first, last in zip(before, after, strict=True))
    yield Figure("memory of each worker", told, f"at most {MOST_GROWTH:.0%} of before", growth <= MOST_GROWTH)


def check_papers(*, after: int, log: Path) -> None:
    """Raise Refusal unless each renewal after a charge has its PDF and its UBL file."""
    invoices = list(Invoice.objects.filter(pk__in=Charge.objects.filter(pk__gt=after).values("invoice")))
    found = {
        "invoices": len(invoices),
        "PDFs": count_pdfs(invoices),
        "UBL files": count_ubls(invoices, log.parent),
    }
    if set(found.values()) != {RENEWALS}:
        told = ", ".join(f"{count} {name}" for name, count in found.items())
        raise Refusal(f"{told} of {RENEWALS:,} renewals: {log} may say why.")


@contextmanager
def workers(log: Path) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Start workers as `make serve` does; a second one, because there are two cores."""
    with ExitStack() as stack:
        out = stack.enter_context(log.open("wb"))
        processes = {
            str(number): subprocess.Popen(
                [*run.WORKER, "--interval", "0.1"], stdout=out, stderr=out, start_new_session=True
            )
            for number in range(WORKERS)
        }
        stack.callback(run.end, processes)
        yield list(processes.values())


def drain() -> None:
    """Wait until the workers have nothing left to do. Raises Refusal when that takes too long, or fails."""
    left = Q(status__in=("READY", "RUNNING"))
    started = time.perf_counter()
    while DBTaskResult.objects.filter(left).exists():
        if time.perf_counter() - started > SECONDS_TO_DRAIN:
            raise Refusal("The workers do not come to an end.")
        time.sleep(0.05)
    refuse_failed_tasks()


def memory_of(process: "subprocess.Popen[bytes]") -> float:
    """Return how many MB a process holds now."""
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(process.pid)], capture_output=True, text=True)
    return int(told.stdout) / 1024


def bank_files() -> Iterator[Figure]:
    """Match files of growing length against the same number of open invoices.

    Half of the lines pay an invoice: four of five name it, the fifth comes from an account that paid before.
    """
    seconds: dict[int, float] = {}
    customers = ledger.add_customers(OPEN_INVOICES)
    earlier = ledger.add_invoices(customers[::5])
    _take([statement.by_reference(invoice) for invoice in earlier], name="before", matched=len(earlier))
    for length in FILES:
        invoices = ledger.add_invoices(customers)
        paid = invoices[: length // 2]
        lines = [
            statement.by_account(invoice) if number % 5 == 0 else statement.by_reference(invoice)
            for number, invoice in enumerate(paid)
        ]
        lines += [statement.from_nobody(number) for number in range(length - len(paid))]
        seconds[length] = _take(lines, name=f"file{length}", matched=len(paid))
        _close(invoices)
    longest = FILES[-1]
    told = ", ".join(f"{length:,} in {took:.1f} s" for length, took in seconds.items())
    per_line = [took / length for length, took in seconds.items()]
    yield Figure(
        f"bank file of {longest:,} lines, {OPEN_INVOICES:,} open invoices",
        told,
        f"at most {MOST_SECONDS_A_FILE} s",
        seconds[longest] <= MOST_SECONDS_A_FILE,
    )
    times = per_line[-1] / per_line[0]
    yield Figure(
        "a line of the longest file beside one of the shortest",
        f"{times:.2f} times ({per_line[-1] * 1000:.2f} and {per_line[0] * 1000:.2f} ms)",
        f"linear: at most {MOST_TIMES_LINEAR}",
        times <= MOST_TIMES_LINEAR,
    )


def _take(lines: list[statement.Line], *, name: str, matched: int) -> float:
    content = statement.bank_file(lines, name=name, iban=Issuer.load().iban, day=timezone.localdate())
    started = time.perf_counter()
    taken = import_bank_file(content=content, name=f"{name}.xml", at=timezone.now(), by=None)
    took = time.perf_counter() - started
    if taken.matched != matched:
        raise Refusal(f"{taken.matched} lines of {name} found their invoice, not {matched}.")
    return took


def _close(invoices: list[Invoice]) -> None:
    """Leave nothing open and nothing waiting for the next file."""
    waiting = BankEntry.objects.filter(status=BankEntry.Status.WAITING)
    waiting.update(status=BankEntry.Status.SET_ASIDE, reason="bench")
    numbers = [invoice.pk for invoice in invoices]
    still_open = Invoice.objects.filter(pk__in=numbers, status__in=Invoice.OPEN)
    still_open.update(status=Invoice.Status.PAID, paid_on=timezone.localdate())
