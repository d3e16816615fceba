import ast
import shutil
import socket
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tools import bootstrap
from tools.bootstrap import Refusal


def test_the_script_can_be_read_by_an_old_python() -> None:
    source = (bootstrap.ROOT / "tools" / "bootstrap.py").read_text()
    ast.parse(source, feature_version=(3, 6))
    assert "from __future__" not in source, "Python 3.6 does not know annotations from the future"


def test_a_taken_port_is_named_with_the_way_out_and_a_free_one_passes() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(
            Refusal, match=rf"^Port {port} is in use by another program.*PORT=\d+ make run\.$"
        ):
            bootstrap.check_port(str(port), "127.0.0.1")
    bootstrap.check_port(str(port), "127.0.0.1")


@pytest.mark.parametrize("text", ["", "http", "0", "65536", "-1", "80a"])
def test_a_port_is_a_number(text: str) -> None:
    with pytest.raises(Refusal, match="^PORT must be a number from 1 to 65535"):
        bootstrap.check_port(text, "127.0.0.1")


class Version(NamedTuple):
    major: int
    minor: int


def test_an_old_python_looks_for_a_newer_one_and_says_so_when_there_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "version_info", Version(3, 8))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refusal, match="^Python 3.8 is too old: install Python 3.11 or newer"):
        bootstrap.find_python()
    (tmp_path / "python3.12").symlink_to(sys.executable)
    assert bootstrap.find_python() == str(tmp_path / "python3.12")


def test_a_missing_venv_module_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bootstrap.check_venv_module(sys.executable)
    (tmp_path / "ensurepip.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(Refusal, match=r"apt-get install python3\.\d+-venv"):
        bootstrap.check_venv_module(sys.executable)


def test_too_little_disk_is_said_before_anything_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    bootstrap.check_disk("base")
    usage = shutil.disk_usage("/")._replace(free=20 * 10**6)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(Refusal, match="^Not enough disk space: 20 MB are free"):
        bootstrap.check_disk("base")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        (
            "NewConnectionError: Failed to establish a new connection",
            "The package registry cannot be reached",
        ),
        ("ERROR: No matching distribution found for pillow==12.0.0", "The registry has no package that is"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "A downloaded package differs"),
        ("error: something that nobody foresaw", "error: something that nobody foresaw\n\nIt failed."),
    ],
)
def test_what_pip_says_becomes_a_sentence_and_the_rest_is_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str, sentence: str
) -> None:
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "LOG", tmp_path / "var" / "install.log")
    command = [sys.executable, "-c", f"print({said!r}); raise SystemExit(1)"]
    with pytest.raises(Refusal) as refusal:
        bootstrap.run_logged(command, "w", "It failed.")
    assert str(refusal.value).startswith(sentence)
    assert (tmp_path / "var" / "install.log").read_text().strip() == said
