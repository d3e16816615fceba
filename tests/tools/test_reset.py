"""`make demo-reset` takes the demo away, and nothing else."""

from pathlib import Path

import pytest

from tools.bootstrap import Refusal
from tools.reset import SQLITE, in_use, reset


@pytest.fixture
def database(tmp_path: Path) -> dict[str, str]:
    for name in ("own.sqlite3", "own.sqlite3-wal", "stamp"):
        (tmp_path / name).touch()
    for folder in ("private", "media", "log"):
        (tmp_path / folder).mkdir()
    return {"ENGINE": SQLITE, "NAME": str(tmp_path / "own.sqlite3")}


def test_database_and_files_go_wherever_they_lie(database: dict[str, str], tmp_path: Path) -> None:
    for _time in range(2):
        reset(database, tmp_path)
        assert {path.name for path in tmp_path.iterdir()} == {"stamp", "log", "in-use"}


def test_nothing_is_made_where_nothing_was(database: dict[str, str], tmp_path: Path) -> None:
    reset(database, tmp_path / "elsewhere")
    assert not (tmp_path / "elsewhere").exists()


def test_a_demo_that_runs_stays(database: dict[str, str], tmp_path: Path) -> None:
    with in_use(tmp_path, "never said"), pytest.raises(Refusal, match="stop it first"):
        reset(database, tmp_path)
    assert Path(database["NAME"]).exists()
    reset(database, tmp_path)
    assert not Path(database["NAME"]).exists()


def test_a_database_of_ones_own_is_left_alone(database: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="DATABASE_URL"):
        reset({"ENGINE": "django.db.backends.postgresql", "NAME": "own"}, tmp_path)
    assert Path(database["NAME"]).exists()
