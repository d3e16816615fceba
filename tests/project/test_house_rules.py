"""Rules of the house that need no database: what a reviewer should not have to look for."""

import ast
import re
import subprocess
import tomllib
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = sorted(path.parent for path in ROOT.glob("*/apps.py"))
NAMES_THAT_ATTRACT_ANYTHING = {"utils", "util", "helpers", "helper", "common", "misc", "services", "service"}
LONGEST_FILE = 400


def tracked() -> list[Path]:
    """The files that git knows or would add, and that exist."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    return [ROOT / name for name in sorted(set(listed) - {""}) if (ROOT / name).is_file()]


FILES = tracked()


def relative(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_there_are_files_to_look_at() -> None:
    """An empty list would let every rule below pass."""
    assert len(FILES) > 100
    assert len(APPS) == 11


def test_no_file_is_too_long() -> None:
    code = [path for path in FILES if path.suffix in {".py", ".css", ".js", ".html"}]
    # The first migration of an app is written by Django, and nobody reads it.
    code = [path for path in code if path.parent.name != "migrations"]
    lengths = {path: len(path.read_text().splitlines()) for path in code}
    assert relative([path for path, lines in lengths.items() if lines > LONGEST_FILE]) == []


def test_no_file_name_attracts_anything() -> None:
    assert (
        relative(
            [path for path in FILES if path.suffix == ".py" and path.stem in NAMES_THAT_ATTRACT_ANYTHING]
        )
        == []
    )


def test_no_address_of_an_index_and_no_path_of_a_machine_is_kept() -> None:
    # Put together, so that this file does not hold what it looks for.
    option = "|".join(("index-url", "find-links"))
    forbidden = re.compile(
        rf"--(?:extra-)?(?:{option})[ =]|(?:{option})\s*=\s*['\"]?\w+:|/"
        + r"(?:home|Users)/\w+/|/"
        + r"root/|/"
        + r"tmp/(?:wt|brief)"
    )
    found = []
    for path in FILES:
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        found += [
            f"{path.relative_to(ROOT)}: {line.strip()}"
            for line in text.splitlines()
            if forbidden.search(line)
        ]
    assert found == []


def test_every_exception_to_a_check_says_why_on_its_line() -> None:
    """Tests aside: what passes wrong input on purpose says so by its name."""
    mark = re.compile(r"# (?:noqa|type: ignore|pragma: no cover)")
    with_reason = re.compile(r"# (?:noqa: [A-Z0-9, ]+|type: ignore\[[a-z, -]+\]) +[-(#] ?\W?\w")
    code = [path for path in FILES if path.suffix == ".py" and not path.is_relative_to(ROOT / "tests")]
    lines = [(path, line.strip()) for path in code for line in path.read_text().splitlines()]
    marked = [(path, line) for path, line in lines if mark.search(line)]
    assert marked, "else the rule looks for the wrong thing"
    assert [(path.name, line) for path, line in marked if not with_reason.search(line)] == []


def test_every_direct_dependency_says_why_it_is_here() -> None:
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    project = tomllib.loads("\n".join(lines))
    wanted = [*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["dev"]]
    wanted += project["dependency-groups"]["postgres"]
    assert len(wanted) > 30
    assert [
        dependency
        for dependency in wanted
        if not any(re.match(rf'\s*"{re.escape(dependency)}",\s*# \w', line) for line in lines)
    ] == []


@pytest.mark.parametrize("name", ["base.txt", "dev.txt", "postgres.txt"])
def test_every_locked_package_has_a_hash(name: str) -> None:
    packages = re.split(r"\n(?=\S)", (ROOT / "requirements" / name).read_text().strip())
    assert packages
    assert [package.split("\n")[0] for package in packages if "--hash=sha256:" not in package] == []


def test_development_locks_the_same_versions_as_production() -> None:
    base, dev = (pins(name) for name in ("base.txt", "dev.txt"))
    assert base.items() <= dev.items()


def pins(name: str) -> dict[str, str]:
    return dict(re.findall(r"^(\S+)==(\S+)", (ROOT / "requirements" / name).read_text(), re.M))


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_migrations_have_written_names_and_form_one_line(app: Path) -> None:
    migrations = sorted((app / "migrations").glob("[0-9]*.py"))
    assert [
        path.name for path in migrations if re.match(r"\d+_(auto|alter_.*_and_more|.*_and_more)", path.stem)
    ] == []
    numbers = Counter(path.stem[:4] for path in migrations)
    assert [number for number, times in numbers.items() if times > 1] == []
    assert [int(path.stem[:4]) for path in migrations] == list(range(1, len(migrations) + 1))
    assert len(leaves(app.name, migrations)) <= 1


def leaves(app: str, migrations: list[Path]) -> set[str]:
    """The migrations that no other one of the app builds on."""
    built_on = set()
    for path in migrations:
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Tuple(elts=[ast.Constant(value=label), ast.Constant(value=str(name))]) if (
                    label == app
                ):
                    built_on.add(name)
    return {path.stem for path in migrations} - built_on
