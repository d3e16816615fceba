"""What `make test` says and ends with when a part of it fails or cannot run."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tools import browser, check, postgres, test
from tools.bootstrap import Refusal
from tools.check import Result

NO_BROWSER = "No Chromium was found."


def refuse() -> str:
    raise Refusal(NO_BROWSER)


@pytest.fixture
def suites(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Every part passes at once; a state put in here is what the suite of that name ends with."""
    states: dict[str, str] = {}

    def run(self: test.Suites, name: str, arguments: list[str], environment: dict[str, str]) -> Result:
        self.last_line = f"the last line of {name}"
        return Result(name, states.get(name, "passed"), 1.0)

    @contextmanager
    def server() -> Iterator[str]:
        yield "postgres://nowhere"

    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_options: None)
    monkeypatch.setattr(check, "run_all", lambda: [Result("types", "passed", 1.0)])
    monkeypatch.setattr(postgres, "server", server)
    monkeypatch.setattr(browser, "find", lambda: "/usr/bin/chromium")
    monkeypatch.setattr(test.Suites, "run", run)
    return states


def exit_code() -> int:
    with pytest.raises(SystemExit) as ended:
        test.main()
    return int(ended.value.code or 0)


def test_a_suite_that_cannot_run_leaves_its_reason_in_the_table() -> None:
    passed = Result("browser", "passed", 2.0)
    assert test.attempt("browser", lambda: passed) is passed

    def refused() -> Result:
        raise Refusal(NO_BROWSER)

    assert test.attempt("browser", refused) == Result("browser", f"did not run: {NO_BROWSER}", 0)


def test_it_ends_with_0_only_when_nothing_failed(
    suites: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code() == 0
    assert capsys.readouterr().out.endswith("\n\nthe last line of browser\n")
    suites["suite on PostgreSQL"] = "failed"
    assert exit_code() == 1


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("false", 0), ("true", 1), ("1", 1)])
def test_under_ci_a_part_that_did_not_run_is_a_failure(
    suites: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ci: str,
    code: int,
) -> None:
    monkeypatch.setenv("CI", ci)
    assert exit_code() == 0
    monkeypatch.setattr(browser, "find", refuse)
    assert exit_code() == code
    said = capsys.readouterr().out
    assert f"did not run: {NO_BROWSER}" in said
    assert ("Under CI=true everything has to run." in said) == bool(code)
