"""What `make run` says when a step fails."""

import sys

import pytest

from tools import run
from tools.bootstrap import Refusal


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            "django.db.utils.OperationalError: database or disk is full",
            "^The disk is full: free some space and try again. It failed.$",
        ),
        ("OSError: [Errno 28] No space left on device", "^The disk is full"),
        (
            "django.core.exceptions.ImproperlyConfigured: SECRET_KEY is missing",
            r"^SECRET_KEY is missing \(docs/configuration.md explains it\).$",
        ),
        ("something that nobody foresaw", "something that nobody foresaw\n\nIt failed."),
    ],
)
def test_a_step_that_fails_says_why_in_one_sentence_where_the_reason_is_known(
    said: str, sentence: str
) -> None:
    with pytest.raises(Refusal, match=sentence):
        run.step([sys.executable, "-c", f"import sys; sys.exit({said!r})"], "It failed.")


def test_a_disk_without_room_for_the_logs_is_said_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(**_options: bool) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run, "run", no_room)
    monkeypatch.setattr(sys, "argv", ["run"])
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with pytest.raises(SystemExit, match="The disk is full"):
        run.main()
