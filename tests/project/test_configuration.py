"""What the settings read from the environment is explained to those who run the platform."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def environment_variables() -> Iterator[str]:
    """The names that the settings read from the environment."""
    for path in sorted((ROOT / "cms" / "settings").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="env")), args=[ast.Constant(value=str(name)), *_]
                ):
                    yield name
                case ast.Call(func=ast.Name(id="env"), args=[ast.Constant(value=str(name)), *_]):
                    yield name


def test_every_environment_variable_is_documented() -> None:
    names = set(environment_variables())
    assert {"SECRET_KEY", "DATABASE_URL", "SITE_URL"} <= names
    documented = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", (ROOT / "docs" / "configuration.md").read_text()))
    assert sorted(names - documented) == []
