"""The day that everybody takes for today: we, the worker and Stripe. Only `run_due --at` does what is due."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from tests.billing.automatic import hear
from tests.factories.billing import fill_in_issuer
from tests.fakes.stripe_api import KEY, SECRET, StripeServer, stripe_server
from tests.membership.life import FIRST, ONE, live, morning, next_due_day
from tests.queue import drain


def run_whole(day: date) -> None:
    """Do all periodic work of a morning, as the service does it; a failure of any part fails the test."""
    call_command("run_due", f"--at={morning(day).isoformat()}", stdout=StringIO())


def run_money(day: date) -> None:
    """Do what is due of members and their invoices."""
    live(day, day)


class Clock:
    """The day that everybody takes for today. `run` is what a morning does."""

    def __init__(
        self, stripe: StripeServer, monkeypatch: pytest.MonkeyPatch, run: Callable[[date], None]
    ) -> None:
        self.stripe, self.moment, self.run = stripe, morning(FIRST), run
        self.mailed: list[tuple[date, str, str]] = []
        self.known = 0
        monkeypatch.setattr(timezone, "now", lambda: self.moment)
        stripe.account.now = lambda: self.moment.timestamp()
        # The package holds the age of a signature against the real clock.
        monkeypatch.setattr("stripe._webhook.time.time", lambda: self.moment.timestamp())

    @property
    def today(self) -> date:
        return timezone.localdate(self.moment)

    def go(self, to: date, *, since: date | None = None, step: int = 1) -> None:
        """Let days pass; each ends with the worker's work and Stripe's messages."""
        day = since or self.today
        while day <= to:
            self.wake(day)
            day += step * ONE

    def go_by_due(self, to: date) -> None:
        """Let days pass, of which only those count on which something is due, with the days around them.

        What is due is asked anew each time: a day that was lived makes others due.
        """
        while self.today < to:
            self.wake(next_due_day(self.today, to))

    def wake(self, day: date) -> None:
        """Live one day: its periodic work, the worker's, and what Stripe tells."""
        self.moment = morning(day)
        self.run(day)
        drain()
        hear(self.stripe)
        self.note()

    def note(self) -> None:
        """Keep what was mailed with its day: the platform itself forgets the text of what went out."""
        for message in mail.outbox[self.known :]:
            self.mailed.append((self.today, str(message.subject), str(message.body)))
        self.known = len(mail.outbox)

    def texts(self, subject: str) -> list[str]:
        """What was mailed with these words in the subject."""
        self.note()
        return [text for _day, said, text in self.mailed if subject in said]


@contextmanager
def ticking(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, run: Callable[[date], None]
) -> Iterator[Clock]:
    """A clock beside a Stripe on the loopback."""
    fill_in_issuer()
    with stripe_server() as server:
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
        settings.STRIPE_API_BASE = server.url
        yield Clock(server, monkeypatch, run)
