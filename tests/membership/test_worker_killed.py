"""A worker process that is killed while it applies a payment: the next one does all of it, once."""

import os
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_tasks.base import TaskResultStatus as Status
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings
from wagtail.models import Site

from billing.models import Invoice, Payment, StripeEvent
from billing.operations.checkout import start_checkout
from cms.models import OutgoingMail
from cms.operations.queue import LEASE
from membership.models import Affiliation, Membership
from tests.billing.paying import tell
from tests.factories.billing import fill_in_issuer
from tests.fakes.stripe_api import KEY, SECRET, stripe_server
from tests.membership.life import groups, join
from tests.queue import drain

ROOT = Path(__file__).resolve().parent.parent.parent
PLACES = ("before the start", "within the start", "after the commit")

WORKER = """
import pathlib, sys, time
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
mails, place, marker = sys.argv[1:]
settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
settings.EMAIL_FILE_PATH = mails
def stand_still(**words):
    pathlib.Path(marker).touch()
    time.sleep(120)
if place == "before the start":  # the payment is written
    from membership import receivers
    receivers.start_membership = stand_still
elif place == "within the start":  # the account, the place and the access are written too
    from membership.operations import starting
    starting.invite = stand_still
elif place == "after the commit":  # all is written but that the task is done
    from billing import tasks
    apply = tasks.apply_event
    def apply_and_stand_still(**words):
        apply(**words)
        stand_still()
    tasks.apply_event = apply_and_stand_still
call_command("db_worker", "--queue-name=*", "--no-startup-delay", "--batch", reload=False)
"""


def start_worker(folder: Path, place: str = "") -> "subprocess.Popen[bytes]":
    """Start a worker on the test's database, which stands still at a place; elsewhere it works on."""
    if connection.vendor == "sqlite":
        url = f"sqlite:///{connection.settings_dict['NAME']}"
    else:
        url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "cms.settings.test"}
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(folder / "mails"), place, str(folder / place)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill_at(folder: Path, place: str) -> None:
    """Let a worker come to a place, and kill it there."""
    worker, until = start_worker(folder, place), time.monotonic() + 90
    try:
        while not (folder / place).exists() and worker.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        assert (folder / place).exists(), f"the worker never came to {place}"
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()


def wait_for_lease() -> None:
    """Let the time pass after which the periodic work takes a running task for lost."""
    later = timezone.now() + LEASE
    call_command("run_due", f"--at={later.isoformat()}", "--only=task queue", stdout=StringIO())


@pytest.mark.django_db(transaction=True)
def test_killed_between_payment_and_start_nothing_is_lost_or_done_twice(
    committed_site: Site, settings: Settings, tmp_path: Path
) -> None:
    fill_in_issuer()
    membership = join(timezone.localdate())
    drain()
    with stripe_server() as stripe:
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
        settings.STRIPE_API_BASE = stripe.url
        attempt = start_checkout(
            invoice=Invoice.objects.get(), return_url="http://testserver/nl/", at=timezone.now()
        )
        (event,) = stripe.account.complete(attempt.session_id or "")
        assert tell(stripe, event) == 200
    known = OutgoingMail.objects.count()
    for place in PLACES:
        kill_at(tmp_path, place)
        applying = DBTaskResult.objects.get(task_path="billing.tasks.apply_stripe_event")
        assert applying.status == Status.RUNNING
        membership.refresh_from_db()
        is_committed = place == "after the commit"
        assert Payment.objects.count() == Affiliation.objects.count() == int(is_committed), place
        assert Invoice.objects.get().status == ("paid" if is_committed else "issued"), place
        assert membership.status == ("active" if is_committed else "awaiting_payment"), place
        assert bool(StripeEvent.objects.get().applied_at) == is_committed, place
        assert (OutgoingMail.objects.count() > known) == is_committed, place
        wait_for_lease()
    assert start_worker(tmp_path).wait(timeout=90) == 0

    assert not DBTaskResult.objects.exclude(status=Status.SUCCESSFUL).exists()
    assert DBTaskResult.objects.get(task_path="billing.tasks.apply_stripe_event").retries.count == 3
    membership.refresh_from_db()
    payment, invoice = Payment.objects.get(), Invoice.objects.get()
    assert payment.amount == invoice.gross
    assert payment.surplus == 0
    assert invoice.status == "paid"
    assert (membership.status, membership.starts_on) == ("active", timezone.localdate())
    assert (Membership.objects.count(), Affiliation.objects.count()) == (1, 1)
    assert groups() == {"inform", "connect"}
    started = OutgoingMail.objects.order_by("pk")[known:]
    assert [(each.template, each.sent_at is not None) for each in started] == [("accounts/welcome", True)]
    sent = "".join(path.read_text() for path in (tmp_path / "mails").iterdir())
    assert sent.count("\nSubject: ") == 1
