"""Finds a Chromium that starts: an installed one, else Playwright's own, else (as root) the one of apt.

`python -m tools.browser` prints its path. CHROMIUM=/path/to/it names one.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.bootstrap import Refusal

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
COMMAND = "sudo apt-get install chromium"


def main() -> None:
    try:
        print(find())
    except Refusal as refusal:
        sys.exit(str(refusal))


def find() -> str:
    """Return the path of a Chromium that starts; raises Refusal with the one command to type."""
    for path in candidates():
        if path and starts(path):
            return path
    raise Refusal(f"No Chromium was found and none could be installed. Type: {COMMAND}")


def candidates() -> Iterator[str | None]:
    """Each way to one, from the quickest to the slowest; later ways are tried only when earlier ones fail."""
    yield os.environ.get("CHROMIUM")
    yield from map(shutil.which, NAMES)
    yield str(MAC)
    yield of_playwright()
    if quietly(sys.executable, "-m", "playwright", "install", "chromium"):
        yield of_playwright()
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quietly("apt-get", "update")
        quietly("apt-get", "install", "--yes", "--no-install-recommends", "chromium")
        yield shutil.which("chromium")


def of_playwright() -> str | None:
    """Where Playwright keeps its Chromium, there or not."""
    code = "from playwright.sync_api import sync_playwright as start\n"
    code += "with start() as playwright: print(playwright.chromium.executable_path)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() or None


def starts(path: str) -> bool:
    # Ubuntu's chromium-browser may be a signpost to snap, and Playwright's may lack system libraries.
    return quietly(path, "--version", "--no-sandbox")


def quietly(*command: str) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        return subprocess.run(command, capture_output=True, env=environment, timeout=600).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


if __name__ == "__main__":
    main()
