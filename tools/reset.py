"""`make demo-reset`: forget the demo's data, database and files, wherever the environment keeps them."""

import fcntl
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cms.settings.env import DATA_DIR, env
from tools.bootstrap import Refusal

SQLITE = "django.db.backends.sqlite3"


def main() -> None:
    database = env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}")
    try:
        reset(database, DATA_DIR)
    except Refusal as refusal:
        sys.exit(str(refusal))
    print("The demo's data is gone. make run loads it anew.")


def reset(database: dict[str, str], data: Path) -> None:
    """Delete the SQLite file with its journals, the private files and the public renditions.

    Raises Refusal for another database, and while the demo runs.
    """
    if database["ENGINE"] != SQLITE:
        raise Refusal("The demo lies in a database of your own (DATABASE_URL): empty that one yourself.")
    if not data.exists():
        return
    with in_use(data, "The demo is running: stop it first (Ctrl-C where it was started)."):
        file = Path(database["NAME"])
        for path in (file, *(file.with_name(f"{file.name}-{end}") for end in ("wal", "shm", "journal"))):
            path.unlink(missing_ok=True)
        for folder in ("private", "media"):
            shutil.rmtree(data / folder, ignore_errors=True)


@contextmanager
def in_use(data: Path, refusal: str) -> Iterator[None]:
    """Hold the data for oneself. Raises Refusal when somebody else on this machine does."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "in-use").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal(refusal) from None
        yield


if __name__ == "__main__":
    main()
