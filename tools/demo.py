"""Serves a demo of its own for a while, as `make run` does: for the browser tests and the screenshots."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tools.bootstrap import ROOT, Refusal
from tools.postgres import free_port

SECONDS_TO_START = 300
NOT_OURS = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "SITE_URL")


@contextmanager
def served(
    folder: Path, *, port: int = 0, settings: Mapping[str, str] | None = None, has_clock: bool = True
) -> Iterator[str]:
    """Load the demo into the folder and serve it; yields its address. Raises Refusal if it can't.

    The settings are added to the environment. Without its clock nothing becomes due by itself: for who plays
    what is past.
    """
    port = port or free_port()
    environment = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    environment |= {"PORT": str(port), "DATA_DIR": str(folder), "STYLE_GUIDE": "1", **(settings or {})}
    log = folder / "run.log"
    command = [sys.executable, "-m", "tools.run", *([] if has_clock else ["--no-clock"])]
    with log.open("w") as out:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
    try:
        deadline = time.monotonic() + SECONDS_TO_START
        while "/admin/" not in log.read_text():
            if server.poll() is not None or time.monotonic() > deadline:
                raise Refusal(f"The demo did not start:\n{log.read_text()[-3000:]}")
            time.sleep(0.5)
        yield f"http://localhost:{port}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
