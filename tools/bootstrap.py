"""Make the virtual environment and install the locked packages; say in one sentence what stands in the way.

Run by any python3, so the syntax here stays that of Python 3.6 and nothing but the standard library is used.
"""

import argparse
import errno
import hashlib
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
LOG = ROOT / "var" / "log" / "install.log"
OLDEST = (3, 11)
CANDIDATES = ("python3.13", "python3.12", "python3.11", "python3.14")
# What a fresh environment takes on disk, with pip's unpacking beside it.
NEEDED_MB = {"base": 800, "dev": 1200}

# What stands in the output of a step, and what it means for the person who waits.
CAUSES = (
    (
        ("No space left on device", "Disk quota exceeded", "database or disk is full"),
        "The disk is full: free some space and try again.",
    ),
    (
        ("DO NOT MATCH THE HASHES",),
        "A downloaded package differs from the one in requirements/: try again, and if it stays so, "
        "do not trust the registry or proxy that it came from.",
    ),
    (
        (
            "NewConnectionError",
            "NameResolutionError",
            "Temporary failure in name resolution",
            "ConnectTimeout",
            "ReadTimeout",
            "ProxyError",
            "SSLError",
            "Connection reset by peer",
            "Connection refused",
            "Client Error",
            "Server Error",
        ),
        "The package registry cannot be reached: check the network connection or the proxy (HTTPS_PROXY) "
        "and try again.",
    ),
    (
        ("No matching distribution found",),
        "The registry has no package that is ready for this Python on this machine: try another Python, "
        "such as PYTHON=python3.12.",
    ),
)


class Refusal(Exception):
    """One sentence for the person at the terminal."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("kind", choices=("base", "dev"), help="which of requirements/*.txt to install")
    arguments.add_argument("--port", help="refuse at once when this port cannot be served on")
    options = arguments.parse_args()
    try:
        if options.port is not None:
            check_port(options.port, os.environ.get("HOST", "127.0.0.1"))
        prepare(options.kind)
    except Refusal as refusal:
        sys.exit(f"\n{refusal}")
    except KeyboardInterrupt:
        sys.exit("\nStopped. The same command goes on where it left off.")
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES):
            raise
        sys.exit(f"\nCannot write in {ROOT}: {(error.strerror or '').lower()}.")


def check_port(text: str, host: str) -> None:
    """Refuse a port that is no port, is taken, or may not be used."""
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Refusal(f"PORT must be a number from 1 to 65535, not {text!r}.")
    port = int(text)
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise Refusal(
                f"Port {port} is reserved for the administrator: choose one above 1023, "
                "for example PORT=8001 make run."
            ) from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise Refusal(f"Cannot serve on {host}:{port}: {error.strerror}.") from None
            raise Refusal(
                f"Port {port} is in use by another program: stop that one, or choose another port, "
                f"for example PORT={port + 1 if port < 65535 else 8001} make run."
            ) from None


def prepare(kind: str) -> None:
    """Bring .venv in line with requirements/<kind>.txt; quick when it already is."""
    requirements = ROOT / "requirements" / (kind + ".txt")
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    usable = venv_works()
    if usable and is_installed(kind, digest):
        return
    if not usable:
        check_disk(kind)
        python = find_python()
        check_venv_module(python)
        say(1, f"Making the virtual environment .venv with {python}")
        make_venv(python)
    say(2, f"Installing the packages of requirements/{kind}.txt (a few minutes the first time)")
    pip_install(requirements)
    stamp(kind).write_text(digest)


def say(step: int, sentence: str) -> None:
    print(f"{step}/5 {sentence}", flush=True)


def stamp(kind: str) -> Path:
    return VENV / ("installed-" + kind)


def is_installed(kind: str, digest: str) -> bool:
    return stamp(kind).is_file() and stamp(kind).read_text() == digest


def venv_works() -> bool:
    """Whether .venv holds a Python of the right age with a pip; a half-made one does not."""
    return runs(str(VENV_PYTHON), f"import sys, pip; sys.exit(sys.version_info < {OLDEST!r})")


def check_disk(kind: str) -> None:
    free = shutil.disk_usage(str(ROOT)).free // 10**6
    if free < NEEDED_MB[kind]:
        raise Refusal(
            f"Not enough disk space: {free} MB are free in {ROOT}, about {NEEDED_MB[kind]} MB are needed."
        )


def find_python() -> str:
    """This interpreter when it is new enough, else a newer one on the PATH."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for name in CANDIDATES:
        found = shutil.which(name)
        if found and runs(found, f"import sys; sys.exit(sys.version_info < {OLDEST!r})"):
            return found
    raise Refusal(
        f"Python {sys.version_info[0]}.{sys.version_info[1]} is too old: install Python 3.11 or newer "
        "(Debian, Ubuntu: apt-get install python3 python3-venv), "
        "or name the one to use: PYTHON=/path/to/python3.12 make run."
    )


def runs(python: str, code: str) -> bool:
    try:
        return (
            subprocess.call([python, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
        )
    except OSError:
        return False


def check_venv_module(python: str) -> None:
    # Debian ships venv without ensurepip, in a package of its own.
    if not runs(python, "import venv, ensurepip"):
        code = "import sys; print('%d.%d' % sys.version_info[:2])"
        version = subprocess.check_output([python, "-c", code]).decode()
        raise Refusal(
            "Python's venv module is missing: install it "
            f"(Debian, Ubuntu: apt-get install python{version.strip()}-venv) and try again."
        )


def make_venv(python: str) -> None:
    if VENV.is_symlink():
        VENV.unlink()
    elif VENV.exists():
        shutil.rmtree(str(VENV))
    run_logged([python, "-m", "venv", str(VENV)], "w", "The virtual environment could not be made.")


def pip_install(requirements: Path) -> None:
    command = [
        str(VENV_PYTHON),
        "-m",
        "pip",
        "install",
        "--require-hashes",
        "--only-binary",
        ":all:",
        "--no-input",
        "--progress-bar",
        "off",
    ]
    command += ["--disable-pip-version-check", "--retries", "2", "-r", str(requirements)]
    run_logged(command, "a", "The packages could not be installed.", total=count_packages(requirements))


def count_packages(requirements: Path) -> int:
    return sum("==" in line for line in requirements.read_text().splitlines())


def cause_of(output: str) -> str:
    """Say in one sentence why a step failed, by what it printed; nothing when nobody foresaw it."""
    found = (sentence for signs, sentence in CAUSES if any(sign in output for sign in signs))
    return next(found, "")


def run_logged(command: "list[str]", mode: str, failure: str, total: int = 0) -> None:
    """Run with the output in the log; show a count when someone watches, and the log's tail on failure."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    watched = total and sys.stdout.isatty()
    seen = 0
    lines = []
    with open(str(LOG), mode, encoding="utf-8") as log, subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        for raw in process.stdout or ():
            line = raw.decode(errors="replace")
            log.write(line)
            lines.append(line)
            if watched and line.startswith(("Collecting", "Requirement already")):
                seen += 1
                print(f"\r    {seen} of at most {total}", end="", flush=True)
    if watched:
        print("\r" + " " * 40 + "\r", end="", flush=True)
    if process.returncode:
        sentence = cause_of("".join(lines))
        if sentence:
            raise Refusal(f"{sentence} (The whole story: {LOG.relative_to(ROOT)})")
        raise Refusal(f"{''.join(lines[-15:])}\n{failure} (The whole story: {LOG.relative_to(ROOT)})")


if __name__ == "__main__":
    main()
