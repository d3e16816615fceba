"""Tasks for the tests of the queue, in a module that a worker process can import."""

import time
from pathlib import Path

from django_tasks import task


@task()
def write_line(path: str, *, slow_the_first_time: bool = False) -> None:
    """Add a line to a file; the first time, take a minute over it."""
    file = Path(path)
    is_first = not file.exists()
    with file.open("a") as lines:
        lines.write("started\n")
    if is_first and slow_the_first_time:
        time.sleep(60)
    with file.open("a") as lines:
        lines.write("done\n")


@task()
def fail(reason: str) -> None:
    """Fail."""
    raise ValueError(reason)
