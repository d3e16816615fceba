"""`make check`: everything that needs no test run, in seconds."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tools.bootstrap import ROOT

BIN = Path(sys.executable).parent
# No database of this machine takes part, and no setting of this shell.
ENVIRONMENT = {
    **os.environ,
    "DJANGO_SETTINGS_MODULE": "cms.settings.test",
    "DATABASE_URL": "sqlite://:memory:",
    "PYTHONWARNINGS": "",
}


@dataclass(frozen=True)
class Step:
    """A command that is right when it ends with 0."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """How a step ended. `state` is passed, failed, or why it did not run."""

    name: str
    state: str
    seconds: float
    output: str = ""


def steps() -> list[Step]:
    """The slowest first, so that two cores are busy to the end."""
    apps = sorted(path.parent.name for path in ROOT.glob("*/apps.py"))
    templates = git_files("templates/*.html", "*/templates/*.html")
    checks = [
        Step("types", (str(BIN / "mypy"),)),
        Step("migrations", (sys.executable, "manage.py", "makemigrations", "--check", "--dry-run", *apps)),
        Step("imports", (str(BIN / "lint-imports"), "--no-logo")),
        Step("translations", (sys.executable, "-m", "tools.messages", "check")),
        Step("lint", (str(BIN / "ruff"), "check", "--quiet", ".")),
        Step("format", (str(BIN / "ruff"), "format", "--check", "--quiet", ".")),
    ]
    if templates:
        checks.append(Step("templates", (str(BIN / "djade"), "--check", *templates)))
    return checks


def git_files(*patterns: str) -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in sorted(set(listed.split("\0")) - {""}) if (ROOT / name).is_file()]


def run(step: Step) -> Result:
    started = time.monotonic()
    done = subprocess.run(step.command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True)
    state = "failed" if done.returncode else "passed"
    return Result(step.name, state, time.monotonic() - started, (done.stdout + done.stderr).strip())


def run_all() -> list[Result]:
    """Run the steps beside each other, and show at once what a failed one says."""
    results = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for result in pool.map(run, steps()):
            results.append(result)
            if result.state == "failed":
                print(f"\n--- {result.name}\n{result.output}\n", flush=True)
    return results


def table(results: list[Result]) -> str:
    return "\n".join(f"  {result.name:<24}{result.seconds:7.1f} s  {result.state}" for result in results)


def main() -> None:
    results = run_all()
    print(table(results))
    sys.exit(any(result.state != "passed" for result in results))


if __name__ == "__main__":
    main()
