"""Keeps the stand-in's sessions in files, so that all processes of the demo see the same."""

import json
import os
import re
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

NAME = re.compile(r"[\w-]{1,120}")


class FileStore(MutableMapping[str, dict[str, Any]]):
    """A mapping of names to JSON files in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __getitem__(self, name: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads(self._path(name).read_text())
        except FileNotFoundError as error:
            raise KeyError(name) from error
        return found

    def __setitem__(self, name: str, value: dict[str, Any]) -> None:
        path = self._path(name)
        self.folder.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(f".{os.getpid()}")
        aside.write_text(json.dumps(value))
        aside.replace(path)

    def __delitem__(self, name: str) -> None:
        self._path(name).unlink()

    def __iter__(self) -> Iterator[str]:
        return (path.stem for path in sorted(self.folder.glob("*.json")))

    def __len__(self) -> int:
        return sum(1 for _name in self)

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise KeyError(name)
        return self.folder / f"{name}.json"
