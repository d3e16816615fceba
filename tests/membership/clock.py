"""The day that everybody takes for today: we, the worker and Stripe. Only `run_due --at` does what is due."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from billing.models import AutomaticPayment, Dunning, Invoice
from membership.models import Lifecycle, Membership
from tests.billing.automatic import hear
from tests.factories.billing import fill_in_issuer
from tests.fakes.stripe_api import KEY, SECRET, StripeServer, stripe_server
from tests.membership.life import FIRST, live, morning
from tests.queue import drain

ONE = timedelta(days=1)
LONGEST = 45 * ONE
"""So long nobody looks, where nothing is due."""


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
            near = [day for day in due_days() if day > self.today]
            self.wake(min([*near, self.today + LONGEST, to]))

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


def due_days() -> set[date]:
    """Return the days on which the rows by themselves say that something is due, and those around them."""
    days, lives = set[date](), Lifecycle.load()
    before = {*lives.notice_days, lives.invoice_days, 0}
    running = Membership.objects.filter(status__in=Membership.RUNNING, ends_on__isnull=False)
    for ends_on, lapses_on in running.values_list("ends_on", "lapses_on"):
        if ends_on:
            days |= {ends_on - number * ONE for number in before} | {ends_on + ONE}
        if lapses_on:
            days |= {lapses_on, lapses_on - lives.grace_days * ONE}
    late = {1, *Dunning.load().days}
    for invoice in Invoice.documents.filter(status__in=Invoice.OPEN):
        days |= {invoice.due_on + number * ONE for number in late}
        days.add(invoice.issued_on + (lives.application_days + 1) * ONE)
    planned = AutomaticPayment.objects.filter(status="planned", next_on__isnull=False)
    for next_on in planned.values_list("next_on", flat=True):
        if next_on:
            days |= {next_on, next_on - 7 * ONE}
    return {day + number * ONE for day in days for number in (-1, 0, 1)}


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
