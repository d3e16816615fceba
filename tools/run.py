"""`make run` and `make serve`: set up what is missing, start server, worker and clock, stop them together."""

import argparse
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from cms.settings.env import DATA_DIR
from tools.bootstrap import ROOT, Refusal, cause_of, say
from tools.reset import in_use

LOGS = DATA_DIR / "log"
MANAGE = [sys.executable, "manage.py"]
# Threads, because browsers open connections ahead of need and would keep a plain worker waiting on them.
# The server itself believes no forwarded header: TRUST_PROXY_HEADERS decides that, in the settings.
# No access log: private links would stand in it.
SERVER = [sys.executable, "-m", "gunicorn", "cms.wsgi:application", "--preload", "--worker-class", "gthread"]
# No limit on an address: ten thousand characters to search for get an answer of the house, as all input does.
SERVER += ["--limit-request-line", "0"]
SERVER += ["--threads", "4", "--no-control-socket", "--forwarded-allow-ips", ""]
WORKER = [*MANAGE, "db_worker", "--queue-name", "*", "--no-reload"]
PERIODIC = [sys.executable, "-m", "tools.periodic"]
SECONDS_TO_STOP = 10
# Settings that are wrong or missing say so in one sentence of their own.
INCOMPLETE = "django.core.exceptions.ImproperlyConfigured: "


class Stopped(Exception):
    """Somebody asked us to end."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--production", action="store_true", help="settings from the environment, no demo")
    arguments.add_argument("--no-clock", action="store_true", help="do nothing by itself that becomes due")
    options = arguments.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    os.chdir(ROOT)
    try:
        if options.production:
            serve()
        else:
            run(has_clock=not options.no_clock)
    except Refusal as refusal:
        sys.exit(f"\n{refusal}")
    except OSError as error:  # no disk for the logs, say
        sys.exit(f"\n{cause_of(str(error)) or error}")
    except Stopped:
        print("\nStopped.")


def run(*, has_clock: bool) -> None:
    """The demo on this machine, with development settings."""
    port = os.environ.get("PORT", "8000")
    os.environ["DJANGO_SETTINGS_MODULE"] = "cms.settings.dev"
    os.environ.setdefault("SITE_URL", f"http://localhost:{port}")
    LOGS.mkdir(parents=True, exist_ok=True)
    with in_use(DATA_DIR, "The demo runs already on this data: stop that one, or set another DATA_DIR."):
        run_demo(port, has_clock=has_clock)


def run_demo(port: str, *, has_clock: bool) -> None:
    """Load the demo where it is missing, and serve it until somebody stops it."""
    say(3, "Preparing the database and the translations")
    step([sys.executable, "-m", "tools.messages", "compile"], "The translations could not be compiled.")
    step([*MANAGE, "setup"], "The database could not be prepared.")
    say(4, "Loading the demo (a minute the first time)")
    step([*MANAGE, "load_demo"], "The demo could not be loaded.")
    say(5, "Starting the platform and its background worker")
    with ThreadPoolExecutor() as pool, companions(workers=2, quiet=True, has_clock=has_clock) as children:
        log_ins = pool.submit(step, [*MANAGE, "demo_logins"], "The demo log-ins could not be read.")
        wait_until_it_answers(children, port)
        site = os.environ["SITE_URL"]
        print(f"\n  The site     {site}/nl/ and {site}/en/\n  Back office  {site}/admin/")
        print(f"  Its mail     {site}/demo/mail/\n")
        print(log_ins.result())
        print(f"  Ctrl-C stops it. Logs stand in {os.path.relpath(LOGS)}/.", flush=True)
        watch(children)


def serve() -> None:
    """The platform with production settings; every output goes to this terminal or service."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "cms.settings.production"
    step([sys.executable, "-m", "tools.messages", "compile"], "The translations could not be compiled.")
    step([*MANAGE, "collectstatic", "--noinput"], "The static files could not be collected.")
    step([*MANAGE, "setup"], "The database could not be prepared.")
    step([*MANAGE, "check", "--deploy", "--database", "default"], "The platform refuses to start.")
    with companions(workers=int(os.environ.get("WEB_CONCURRENCY", "2")), quiet=False) as children:
        watch(children)


def step(command: list[str], failure: str) -> str:
    """Run to the end and return what it printed; refuse with the last lines when it fails."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        last = (done.stdout + done.stderr).rstrip().splitlines()[-15:]
        if last and last[-1].startswith(INCOMPLETE):
            raise Refusal(f"{last[-1].removeprefix(INCOMPLETE)} (docs/configuration.md explains it).")
        if cause := cause_of(done.stdout + done.stderr):
            raise Refusal(f"{cause} {failure}")
        raise Refusal("\n".join([*last, "", failure]))
    return done.stdout


@contextmanager
def companions(
    *, workers: int, quiet: bool, has_clock: bool = True
) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Start server, worker and clock; end them all on the way out."""
    host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    commands = {
        "server": [*SERVER, "--bind", address, "--workers", str(workers)],
        "worker": WORKER,
    }
    if has_clock:
        commands["periodic"] = PERIODIC
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            out: IO[bytes] | None = log_of(name).open("wb") if quiet else None
            # A session of its own: Ctrl-C reaches only us, and we end each child in its own way.
            children[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
        yield children
    finally:
        end(children)


def end(children: dict[str, subprocess.Popen[bytes]]) -> None:
    """Ask every child to finish what it holds, then insist."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + SECONDS_TO_STOP
    for child in children.values():
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def watch(children: dict[str, subprocess.Popen[bytes]]) -> None:
    """Return never; refuse when a child has ended by itself."""
    while True:
        check(children)
        time.sleep(0.5)


def check(children: dict[str, subprocess.Popen[bytes]]) -> None:
    """Refuse when a child has ended by itself."""
    for name, child in children.items():
        if child.poll() is not None:
            log = log_of(name)
            last = log.read_text(errors="replace").splitlines()[-20:] if log.exists() else []
            raise Refusal(
                "\n".join([*last, "", f"The {name} ended by itself (exit code {child.returncode})."])
            )


def wait_until_it_answers(children: dict[str, subprocess.Popen[bytes]], port: str) -> None:
    """Return when the Dutch home page is served; refuse when a child ended before."""
    # Straight to this machine, whatever proxy the environment names.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        check(children)
        try:
            opener.open(f"http://127.0.0.1:{port}/nl/", timeout=30).close()
        except urllib.error.HTTPError as error:
            if error.code >= 500:
                print(f"  The home page answers with an error {error.code}: see {log_of('server')}.")
        except OSError:
            time.sleep(0.2)
            continue
        return


def log_of(name: str) -> Path:
    return LOGS / f"{name}.log"


def _stop(number: int, frame: object) -> None:
    raise Stopped


if __name__ == "__main__":
    main()
