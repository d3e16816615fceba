"""`make test`: all that CI does. Ends with pytest's own last line, below a table of what ran."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tools import browser, check, postgres
from tools.bootstrap import ROOT, Refusal
from tools.check import Result

# Twenty-five minutes are the promise for all of it; one suite that takes as long hangs.
SECONDS_PER_SUITE = 25 * 60
NO_TESTS = 5
ONE_DATABASE = ["--ignore=tests/project", "--ignore=tests/tools"]
"""What asks no database at all; single modules and tests say so with the mark of that name."""
SQLITE = {"DATABASE_URL": "sqlite://:memory:"}


class Suites:
    """Runs pytest and keeps back its last line, so that the table can stand above it."""

    last_line = ""

    def run(self, name: str, arguments: list[str], environment: dict[str, str]) -> Result:
        print(f"\n=== {name}", flush=True)
        started = time.monotonic()
        color = ["--color=yes"] if sys.stdout.isatty() else []
        with (
            subprocess.Popen(
                [sys.executable, "-m", "pytest", *color, *arguments],
                cwd=ROOT,
                env={**os.environ, **environment},
                text=True,
                errors="replace",
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            ) as process,
            killed_after(process, SECONDS_PER_SUITE),
        ):
            line = ""
            for following in process.stdout or ():
                print(line, end="", flush=True)
                line = following
        self.last_line = line.rstrip("\n")
        states = {0: "passed", NO_TESTS: "did not run: there are no such tests"}
        state = states.get(process.returncode, "failed")
        return Result(name, state, time.monotonic() - started, self.last_line)


@contextmanager
def killed_after(process: subprocess.Popen[str], seconds: float) -> Iterator[None]:
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def main() -> None:
    suites = Suites()
    parallel = ["-n", str(os.cpu_count() or 1), "--dist", "loadscope", "-m"]

    def on_sqlite() -> Result:
        return suites.run("suite on SQLite", [*parallel, "not browser"], SQLITE)

    def on_postgresql() -> Result:
        with postgres.server() as url:
            once_more = [*parallel, "not browser and not one_database", *ONE_DATABASE]
            return suites.run("suite on PostgreSQL", once_more, {"DATABASE_URL": url})

    def in_browser() -> Result:
        windows = ["-m", "browser", "-n", str(min(2, os.cpu_count() or 1)), "--dist", "worksteal"]
        return suites.run("browser", windows, {**SQLITE, "CHROMIUM": browser.find()})

    print("=== checks", flush=True)
    subprocess.run([sys.executable, "-m", "tools.messages", "compile"], cwd=ROOT, check=True)
    # Mypy leaves a processor free meanwhile; if it fails, the suite migrates and says why.
    with subprocess.Popen([sys.executable, "-m", "tests.database"], cwd=ROOT):
        results = check.run_all()
    for name, suite in {
        "suite on SQLite": on_sqlite,
        "suite on PostgreSQL": on_postgresql,
        "browser": in_browser,
    }.items():
        results.append(attempt(name, suite))
    print("\n" + check.table(results))
    absent = [result for result in results if result.state not in ("passed", "failed")]
    if absent and is_ci():
        print("\nUnder CI=true everything has to run.")
    print("\n" + suites.last_line)
    sys.exit(any(result.state == "failed" for result in results) or bool(absent and is_ci()))


def attempt(name: str, suite: Callable[[], Result]) -> Result:
    """Run a suite, or say in its place why it could not run."""
    try:
        return suite()
    except Refusal as refusal:
        return Result(name, f"did not run: {refusal}", 0)


def is_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nStopped.")
