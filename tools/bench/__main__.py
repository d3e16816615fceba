"""`make bench`: production settings, PostgreSQL and the demo; each figure beside a plain view's.

One server process, so that its CPU and memory are those of a process; the database syncs to disk. The plain
view goes through the same middleware and asks no database. Ratios say more than the figures: these are the
machine's.
"""

import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from cms.settings import env
from tools import postgres, run
from tools.bench.client import Client, Measure, Request
from tools.bootstrap import ROOT, Refusal

if TYPE_CHECKING:
    from tools.bench.places import Places

MOST_TIMES_PLAIN = 40
MOST_QUERIES = {"search": 8, "sign-up: send": 8, "sign-up: confirmation": 4, "join: form to invoice": 30}
MOST_QUERIES_OF_A_PAGE = 10
NEVER_KEPT = {"search"}  # everybody asks for other words
LEAST_FROM_CACHE = 0.8
MOST_MEMORY = 200 * 1024 * 1024
REQUESTS_FOR_MEMORY = 10_000
MANY, SOME, FEW = 2000, 200, 20
COLUMNS = "{:<40}{:>8}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}"
HEADINGS = ("", "req/s", "p50 ms", "p99 ms", "CPU ms", "x req/s", "x CPU", "queries", "bytes")
PLAIN = Request("/bench/plain/")
COMPARED_WITH = "The plain view goes through the same middleware as a page and asks no database."


def main() -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    os.chdir(ROOT)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, postgres.server(careful=True) as url:
            port = prepare(Path(folder), url)
            places = find()
            with server(port, Path(folder) / "server.log"):
                client = Client(port)
                broken = [*pages(client, places), *business(client, Path(folder) / "worker.log")]
        print("\n".join(["", "Not kept:", *broken] if broken else ["", "Every promise is kept."]))
        sys.exit(len(broken))
    except Refusal as refusal:
        sys.exit(str(refusal))


def find() -> "Places":
    """Look the pages up: the models can be imported only now."""
    import django

    django.setup()
    from tools.bench.places import find_places

    return find_places()


def prepare(folder: Path, url: str) -> int:
    """Set the environment, load the demo, and return a free port for the server."""
    port = postgres.free_port()
    env.DATA_DIR = folder  # which `tools.run` has read from the environment already
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "tools.bench.settings",
        "DATABASE_URL": url,
        "DATA_DIR": str(folder),
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "TRUST_PROXY_HEADERS": "true",  # so that many may join from addresses of their own
    }
    manage = [sys.executable, "manage.py"]
    print("Loading the demo into PostgreSQL", flush=True)
    for command in (
        [sys.executable, "-m", "tools.messages", "compile"],
        [*manage, "collectstatic", "--noinput"],
        [*manage, "setup"],
        [*manage, "load_demo"],
    ):
        run.step(command, f"{command[-1]} failed.")
    return port


@contextmanager
def server(port: int, log: Path) -> Iterator[None]:
    """Serve by one process, started as `make serve` does."""
    command = [*run.SERVER, "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
    try:
        run.wait_until_it_answers({"server": process}, str(port))
        yield
    finally:
        run.end({"server": process})


def pages(client: Client, places: "Places") -> list[str]:
    """Measure pages and forms, print the table, and return the promises that are not kept."""
    fresh = count()
    broken: list[str] = []

    def uncached(address: str) -> list[Request]:
        """The same page with a parameter that no view knows: never kept, never answered from the cache."""
        join = "&" if "?" in address else "?"
        return [Request(f"{address}{join}bench={next(fresh)}") for _number in range(SOME)]

    print(f"Measuring\n\n{COMPARED_WITH}\n\n" + COLUMNS.format(*HEADINGS), flush=True)
    client.measure([PLAIN] * SOME)  # warms up
    plain = client.measure([PLAIN] * MANY)
    show("plain view", plain, plain)
    for name, address in places.public.items():
        kept = client.measure([Request(address)] * SOME)
        if kept.is_kept:
            kept = show(f"{name}, from the cache", client.measure([Request(address)] * MANY), plain)
        made = show(f"{name}, made anew", client.measure(uncached(address)), plain)
        broken += broken_by_page(name, kept=kept, made=made, plain=plain)
    member = [Request(places.member_home, cookie=places.session)] * SOME
    show("member home", client.measure(member), plain)
    for name, measure in sign_up(client, places).items():
        show(name, measure, plain)
        broken += too_many_queries(name, measure)
    everything = [*map(Request, places.public.values()), *member[:1]]
    while client.sent < REQUESTS_FOR_MEMORY:
        client.measure([*everything, *uncached(places.public["home"])[:3]] * 20)
    _cpu, memory = client.usage()
    print(f"\nMemory of the process after {client.sent:,} requests: {memory / 1024**2:.0f} MB at most")
    if memory > MOST_MEMORY:
        broken.append(f"memory: {memory / 1024**2:.0f} MB, at most {MOST_MEMORY / 1024**2:.0f} promised")
    return broken


def business(client: Client, log: Path) -> list[str]:
    """Measure a busy year, print its tables, and return the promises that are not kept."""
    from tools.bench import business as year
    from tools.bench import lists

    print("\n" + COLUMNS.format("A busy year", *HEADINGS[1:]), flush=True)
    plain = client.measure([PLAIN] * MANY)
    show("plain view", plain, plain)
    joined = show("join: form to invoice", year.join(client), plain)
    broken = list(too_many_queries("join: form to invoice", joined))
    cookie = lists.treasurer()

    def measure_lists() -> dict[str, Measure]:
        count = f"{lists.invoices():,} invoices"
        found = {}
        for name, address in lists.lists().items():
            request = Request(address, cookie=cookie)
            client.ask(request)  # warms up
            found[name] = show(f"{name}, {count}", client.measure([request] * FEW), plain)
        return found

    lists.fill(lists.invoices() + lists.FEW, lists.FEW_OTHERS)  # more than a page of each
    few = measure_lists()
    for figure in chain(year.renewals(log), year.bank_files()):
        print(f"{figure.name}: {figure.told}; {figure.promised}", flush=True)
        if not figure.is_kept:
            broken.append(f"{figure.name}: {figure.told}, {figure.promised} promised")
    lists.fill(lists.MANY, lists.MANY_OTHERS)
    many = measure_lists()
    return [*broken, *grown(few, many)]


def grown(few: dict[str, Measure], many: dict[str, Measure]) -> Iterator[str]:
    """Say which lists ask the database more often when the books are longer."""
    for name, measure in many.items():
        if measure.queries != few[name].queries:
            yield f"{name}: {measure.queries} queries, {few[name].queries} where the books are short"


def sign_up(client: Client, places: "Places") -> dict[str, Measure]:
    """Measure the three requests of a sign-up: the form, the POST, the confirmation."""
    people = [
        {
            "first_name": "Noor",
            "last_name": f"Claes {number}",
            "email": f"noor{number}@demo.example",
            "organisation": f"Brug {number % 7}",
            "organisation_kind": "company",
        }
        for number in range(SOME)
    ]
    asked = [Request(f"{places.sign_up}?bench={number}") for number in range(SOME)]
    forms = [Request(places.sign_up, form=urlencode(person).encode()) for person in people]
    sent = client.measure(forms, status=302)
    after = client.ask(Request(places.sign_up, form=urlencode(people[0]).encode()), status=302)
    cookie = after.headers["set-cookie"].partition(";")[0]  # it holds the message that the confirmation shows
    return {
        "sign-up: form": client.measure(asked),
        "sign-up: send": sent,
        "sign-up: confirmation": client.measure([Request(places.confirmation, cookie=cookie)] * SOME),
    }


def show(name: str, measure: Measure, plain: Measure) -> Measure:
    """Print a line of the table."""
    figures = (f"{measure.rate:,.0f}", f"{measure.p50:.1f}", f"{measure.p99:.1f}", f"{measure.cpu:.2f}")
    ratios = (f"{measure.rate / plain.rate:.3f}", f"{measure.cpu / plain.cpu:.1f}")
    line = COLUMNS.format(name, *figures, *ratios, str(measure.queries), f"{measure.bytes:,}")
    print(line, flush=True)
    return measure


def broken_by_page(name: str, *, kept: Measure, made: Measure, plain: Measure) -> Iterator[str]:
    """Say which promises a page breaks, asked for again and again (`kept`) and made anew each time."""
    if not kept.is_kept:
        if name not in NEVER_KEPT:
            yield f"{name}: not kept by the page cache"
    elif kept.rate < LEAST_FROM_CACHE * plain.rate:
        ratio = kept.rate / plain.rate
        yield f"{name}: {ratio:.2f} of the plain view from the cache, at least {LEAST_FROM_CACHE} promised"
    if made.cpu > MOST_TIMES_PLAIN * plain.cpu:
        times = made.cpu / plain.cpu
        yield f"{name}: {times:.0f} times the plain view's CPU, at most {MOST_TIMES_PLAIN} promised"
    yield from too_many_queries(name, made)


def too_many_queries(name: str, measure: Measure) -> Iterator[str]:
    """Say when an answer asked the database more often than promised."""
    most = MOST_QUERIES.get(name, MOST_QUERIES_OF_A_PAGE)
    if measure.queries > most:
        yield f"{name}: {measure.queries} queries, at most {most} promised"


if __name__ == "__main__":
    main()
