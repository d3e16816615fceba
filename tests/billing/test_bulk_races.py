"""The same many rows confirmed at once by many, in real transactions: each mail leaves once."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.models import Site

from billing.models import DunningHold, Invoice, Reminder
from billing.operations import dunning
from billing.operations.overdue import mark_overdue
from cms.models import OutgoingMail
from tests.billing.test_concurrency import at_once
from tests.desk import chosen_on, many, person
from tests.factories.billing import issue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_site")]


@pytest.fixture
def invoices(committed_site: Site) -> list[Invoice]:
    now = timezone.now()
    made = [issue(at=now - timedelta(days=60)) for _number in range(3)]
    mark_overdue(now - timedelta(days=20))
    return made


def address(action: str, rows: list[Invoice]) -> str:
    return many(action, *rows, model="billing/invoice")


@pytest.mark.parametrize("action", ["remind", "send", "hold"])
def test_who_confirm_the_same_at_once_do_it_once(invoices: list[Invoice], action: str) -> None:
    user, url = person("finance"), address(action, invoices)
    clients = [Client() for _number in range(6)]
    for client in clients:
        client.force_login(user)
        client.get("/admin/")
    pages = [chosen_on(client.get(url)) for client in clients]
    assert len(set(pages)) == 1
    OutgoingMail.objects.all().delete()

    def work(number: int) -> Any:
        return clients[number].post(url, {"chosen": pages[number], "reason": "x"}).status_code

    assert at_once(work, len(clients)) == [302] * len(clients)
    mails = {"remind": 3, "send": 3, "hold": 0}[action]
    assert OutgoingMail.objects.count() == mails
    assert Reminder.objects.count() == (3 if action == "remind" else 0)
    assert DunningHold.objects.count() == (3 if action == "hold" else 0)


def test_who_press_send_again_at_once_mail_it_once(invoices: list[Invoice]) -> None:
    """A double click, or two colleagues: the single deed has the seal of the one on many."""
    user, url = person("finance"), f"/admin/billing/invoices/send/{invoices[0].pk}/"
    clients = [Client() for _number in range(6)]
    for client in clients:
        client.force_login(user)
    seals = {client.get(url).context["form"]["seal"].value() for client in clients}
    assert len(seals) == 1
    seal = seals.pop()
    OutgoingMail.objects.all().delete()
    assert at_once(lambda number: clients[number].post(url, {"seal": seal}).status_code, 6) == [302] * 6
    assert OutgoingMail.objects.count() == 1
    anew = clients[0].get(url).context["form"]["seal"].value()
    assert anew != seal
    assert clients[0].post(url, {"seal": anew}).status_code == 302
    assert OutgoingMail.objects.count() == 2, "who looks again may mail again"


def test_what_was_done_before_one_fails_stays_done(
    invoices: list[Invoice], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(person("finance"))
    url = address("remind", invoices)
    chosen = chosen_on(client.get(url))
    follows, seen = dunning._what_follows, []

    def breaks(invoice: Invoice) -> list[str]:
        seen.append(invoice.pk)
        if len(seen) == 2:
            raise RuntimeError
        return follows(invoice)

    monkeypatch.setattr(dunning, "_what_follows", breaks)
    client.post(url, {"chosen": chosen})
    assert set(Reminder.objects.values_list("invoice", flat=True)) == {seen[0], seen[2]}
