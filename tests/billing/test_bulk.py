"""What is done with many rows at once: said in numbers, done one by one, refused with a reason, once."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail import hooks
from wagtail.models import ModelLogEntry, Site

from accounts.models import User
from billing.forms import many as forms_of_many
from billing.models import DunningHold, Invoice, Reminder
from billing.operations import dunning
from billing.operations.bank_files import keep_bank_file
from billing.operations.dunning import hold_dunning, send_reminder
from billing.operations.invoices import credit_invoice, record_payment
from billing.operations.overdue import mark_overdue
from billing.viewsets import bulk
from cms.models import OutgoingMail
from tests.desk import chosen_on, confirm, many, person, words_of
from tests.factories.bank import bank_file, entry
from tests.factories.billing import CustomerFactory, issue

pytestmark = pytest.mark.django_db
INVOICES, LINES = "/admin/billing/invoices/", "/admin/billing/bank-lines/"


@pytest.fixture
def treasurer(client: Client, site: Site) -> User:
    user = person("finance")
    client.force_login(user)
    return user


def late(count: int, **fields: Any) -> list[Invoice]:
    """Invoices that have been overdue for weeks."""
    now = timezone.now()
    made = [
        issue(customer=CustomerFactory.create(**fields), at=now - timedelta(days=60))
        for _number in range(count)
    ]
    mark_overdue(now - timedelta(days=20))
    return [Invoice.objects.get(pk=each.pk) for each in made]


def address(action: str, *rows: Any, model: str = "invoice", **query: str) -> str:
    return many(action, *rows, model=f"billing/{model}", **query)


@pytest.fixture
def told(client: Client, treasurer: User) -> Any:
    """What the page of an action says."""
    return lambda *args, **words: words_of(client.get(address(*args, **words)))


def test_reminding_many_says_how_many_of_which_level_and_why_others_are_left_out(
    client: Client, treasurer: User, told: Any
) -> None:
    first, second, held, paid = late(4)
    send_reminder(invoice=second, level=1, at=timezone.now() - timedelta(days=5), by=None)
    hold_dunning(invoice=held, reason="betwist", at=timezone.now(), by=None)
    record_payment(
        invoice=first, amount=Decimal("210.00"), method="transfer", received_on=timezone.localdate(),
        external_reference="x", by=None, at=timezone.now(),
    )  # fmt: skip
    credit_invoice(invoice=paid, reason="vergist", at=timezone.now(), by=None)
    OutgoingMail.objects.all().delete()
    url = address("remind", first, second, held, paid)
    page = words_of(client.get(url))
    assert (
        "Er vertrekken 2 e-mails met de pdf, naar 2 adressen. Herinnering: 1, tweede herinnering: 1." in page
    )
    assert "In totaal staat er 2.210,00 euro open." in page
    assert (
        f"{first.number}, {first.name}: herinnering naar {first.email}; er staat 1.000,00 euro open." in page
    )
    assert f"De herinneringen van deze factuur zijn opgeschort. (1) {held.number}, {held.name}" in page
    assert f"Van deze factuur is niets vervallen. (1) {paid.number}, {paid.name}" in page
    said = confirm(client, url)
    assert "2 herinneringen zijn onderweg." in said
    sent = {
        each.invoice_id: (each.level, each.sent_by) for each in Reminder.objects.filter(sent_by=treasurer)
    }
    assert sent == {first.pk: (1, treasurer), second.pk: (2, treasurer)}
    assert OutgoingMail.objects.count() == 2
    assert ModelLogEntry.objects.filter(action="billing.remind", user=treasurer).count() == 2


def test_what_is_confirmed_twice_happens_once(client: Client, treasurer: User) -> None:
    invoices = late(2)
    for action, count in (("remind", 2), ("send", 4), ("hold", 4), ("release", 4)):
        url = address(action, *invoices)
        chosen = {"chosen": chosen_on(client.get(url)), "reason": "belt terug"}
        client.post(url, chosen)
        client.get(INVOICES)
        again = words_of(client.post(url, chosen, follow=True))
        assert "Niet uitgevoerd voor" in again, action
        assert all(each.number in again for each in invoices), action
        assert OutgoingMail.objects.count() == count, action
    assert ModelLogEntry.objects.filter(action="billing.hold").count() == 2
    assert ModelLogEntry.objects.filter(action="billing.release").count() == 2


def test_one_that_changed_or_failed_holds_up_no_other(
    client: Client, treasurer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid, broken, fine = late(3)
    url = address("remind", paid, broken, fine)
    chosen = chosen_on(client.get(url))
    record_payment(
        invoice=paid, amount=paid.gross, method="transfer", received_on=timezone.localdate(),
        external_reference="x", by=None, at=timezone.now(),
    )  # fmt: skip
    follows = dunning._what_follows

    def breaks(invoice: Invoice) -> list[str]:
        if invoice.pk == broken.pk:
            raise RuntimeError
        return follows(invoice)

    monkeypatch.setattr(dunning, "_what_follows", breaks)
    said = words_of(client.post(url, {"chosen": chosen}, follow=True))
    assert "1 herinnering is onderweg." in said
    assert (
        f"Niet uitgevoerd voor {paid.number}, {paid.name}. Van deze factuur is niets vervallen"
        in said.replace(". Er", " . Er")
    )
    assert f"Niet uitgevoerd voor {broken.number}" in said
    assert list(Reminder.objects.values_list("invoice", flat=True)) == [fine.pk]
    assert not ModelLogEntry.objects.for_instance(broken).filter(action="billing.remind").exists()


def test_those_that_changed_alike_are_named_apart(client: Client, treasurer: User) -> None:
    invoices = late(2)
    url = address("remind", *invoices)
    chosen = chosen_on(client.get(url))
    for invoice in invoices:
        credit_invoice(invoice=invoice, reason="Dubbel.", at=timezone.now(), by=None)
    said = words_of(client.post(url, {"chosen": chosen}, follow=True))
    first, second = (f"{each.number}, {each.name}" for each in invoices)
    assert f"Niet uitgevoerd voor {first}; {second}. " in said


def test_each_is_done_in_a_transaction_of_its_own(client: Client, treasurer: User) -> None:
    invoices = late(3)
    url = address("send", *invoices)
    chosen = chosen_on(client.get(url))
    outermost = []
    depth = len(connection.savepoint_ids)  # of the test itself

    def watch(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("RELEASE") and len(connection.savepoint_ids) == depth:
            outermost.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(watch):
        client.post(url, {"chosen": chosen})
    assert len(outermost) >= 3


@pytest.fixture
def asked() -> Iterator[list[Any]]:
    """What the hooks of Wagtail's bulk actions were told."""
    calls: list[Any] = []

    def note(request: Any, action: str, objects: list[Any], view: Any) -> None:
        calls.append((action, [each.pk for each in objects]))

    with (
        hooks.register_temporarily("before_bulk_action", note),
        hooks.register_temporarily("after_bulk_action", note),
    ):
        yield calls


def test_wagtails_own_hooks_are_asked_before_and_after(
    client: Client, treasurer: User, asked: list[Any]
) -> None:
    invoice = late(1)[0]
    confirm(client, address("send", invoice))
    assert asked == [("send", [invoice.pk])] * 2


def test_all_in_the_listing_are_those_that_filters_and_search_leave(
    client: Client, treasurer: User, told: Any
) -> None:
    here, there = late(2, name="Brugbouw nv"), late(1, name="Anders bv")[0]
    paid = issue(customer=CustomerFactory.create(name="Brugbouw nv"), at=timezone.now())
    url = address("send", "all", status="overdue", q="Brugbouw", p="1", next=f"{INVOICES}?status=overdue")
    page = words_of(client.get(url))
    assert "Er vertrekken 2 e-mails" in page
    for invoice, is_in in ((here[0], True), (here[1], True), (there, False), (paid, False)):
        assert (invoice.number in page) is is_in
    client.post(url, {"chosen": chosen_on(client.get(url))})
    mailed = Invoice.objects.exclude(mailed_at=None)
    assert {each.pk for each in mailed} == {each.pk for each in here}
    assert "Er zijn geen rijen gekozen" in told("send", "all", status="bestaat-niet")
    assert "Er zijn geen rijen gekozen" in told("send", "all", q="niemand")


def test_what_enters_the_list_after_it_was_told_of_is_left_alone(client: Client, treasurer: User) -> None:
    first = late(1)[0]
    url = address("remind", "all", status="overdue")
    chosen = chosen_on(client.get(url))
    later = late(1)[0]
    client.post(url, {"chosen": chosen})
    assert [each.invoice_id for each in Reminder.objects.all()] == [first.pk]
    assert later.pk not in Reminder.objects.values_list("invoice", flat=True)


def test_too_many_or_nothing_is_said_and_nothing_done(
    client: Client, treasurer: User, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST", 2)
    monkeypatch.setattr(forms_of_many, "MOST", 2)
    invoices = late(3)
    for rows in (["all"], invoices):
        page = told("remind", *rows)
        assert "U koos meer dan" in page
        assert "chosen" not in client.get(address("remind", *rows)).content.decode()
    sent = ",".join(f"{each.pk}=1" for each in invoices)
    assert client.post(address("remind", *invoices), {"chosen": sent}).status_code == 200
    assert not Reminder.objects.exists()
    for odd in ("", "x", "-1", "1e3", "9" * 40, "١"):
        assert "Er zijn geen rijen gekozen" in told("remind", odd)
    gone = 999_999
    assert "Er zijn geen rijen gekozen" in told("remind", gone)
    for odd in ("", "x", "x=1", "1", f"{gone}=1", "9" * 40, "=,=,", "1=1,1=2"):
        assert client.post(address("remind"), {"chosen": odd}).status_code in (200, 302)
    assert client.post(address("remind"), {}).status_code == 200
    assert not Reminder.objects.exists()


def test_who_only_reads_is_offered_downloads_at_most_and_refused_else(client: Client, site: Site) -> None:
    invoice = late(1)[0]
    url = address("remind", invoice)
    client.force_login(person("board"))
    page = client.get(INVOICES).content.decode()
    assert re.findall(r"/admin/bulk/billing/invoice/(\w+)/", page) == ["pdf", "ubl"]
    lines = client.get(LINES).content.decode()
    assert "data-bulk-action" not in lines
    assert "bulk-actions.js" not in lines
    assert client.get(url).status_code == client.post(url, {"chosen": f"{invoice.pk}=1"}).status_code == 302
    assert not Reminder.objects.exists()


def test_a_right_that_is_lost_between_reading_and_confirming_counts(client: Client, treasurer: User) -> None:
    invoice = late(1)[0]
    url = address("remind", invoice)
    chosen = chosen_on(client.get(url))
    treasurer.groups.set([Group.objects.get(name="board")])
    assert client.post(url, {"chosen": chosen}).status_code == 302
    assert not Reminder.objects.exists()


def test_the_list_offers_the_actions_by_boxes_that_are_named(client: Client, treasurer: User) -> None:
    invoice = late(1)[0]
    page = client.get(INVOICES).content.decode()
    assert f'id="invoice_{invoice.pk}_title"' in page
    assert f'aria-describedby="invoice_{invoice.pk}_title"' in page
    buttons = re.findall(r'href="(/admin/bulk/[^"]+)"[^>]*data-bulk-action-button', page)
    assert [each.rsplit("/", 2)[1] for each in buttons][:4] == ["remind", "send", "hold", "release"]
    lines = client.get(LINES).content.decode()
    assert "data-bulk-action-footer" in lines
    pro_formas = client.get("/admin/billing/pro-formas/").content.decode()
    assert "data-bulk-action" not in pro_formas


def test_the_page_asks_the_same_however_many_rows_are_chosen(client: Client, treasurer: User) -> None:
    invoices = late(12)
    lines = keep_bank_file(
        content=bank_file(*(entry(5, text=f"gift {number}", reference=str(number)) for number in range(12))),
        name="bank.xml", at=timezone.now(), by=None,
    ).file.entries.all()  # fmt: skip
    chosen: list[tuple[str, list[Any], str]] = [
        *((each, list(invoices), "invoice") for each in ("remind", "send", "hold", "release")),
        *((each, list(lines), "bankentry") for each in ("set-aside", "take-back")),
    ]
    for action, rows, model in chosen:
        counts = []
        for some in (rows[:2], rows[:2], rows):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get(address(action, *some, model=model))
            counts.append(len(queries))
        assert counts[1] == counts[2] <= 25, action


def test_reminders_of_many_are_held_with_one_reason_and_let_go_on(
    client: Client, treasurer: User, told: Any
) -> None:
    invoices = late(2)
    paid = issue(at=timezone.now())
    record_payment(
        invoice=paid, amount=paid.gross, method="transfer", received_on=timezone.localdate(),
        external_reference="x", by=None, at=timezone.now(),
    )  # fmt: skip
    url = address("hold", *invoices, paid)
    page = words_of(client.get(url))
    assert "Voor 2 facturen vertrekt geen enkele herinnering" in page
    assert "In totaal staat er 2.420,00 euro open" in page
    assert f"Hiervan is niets meer te betalen. (1) {paid.number}, {paid.name}" in page
    empty = client.post(url, {"chosen": chosen_on(client.get(url)), "reason": ""})
    assert empty.status_code == 200
    assert "error" in empty.content.decode()
    assert chosen_on(empty)
    assert not DunningHold.objects.exists()
    assert "De herinneringen van 2 facturen zijn opgeschort." in confirm(client, url, reason="belt terug")
    assert set(DunningHold.objects.values_list("invoice", "reason")) == {
        (each.pk, "belt terug") for each in invoices
    }
    assert "belt terug" in told("release", *invoices)
    assert "zijn hervat" in confirm(client, address("release", *invoices))
    assert not DunningHold.objects.exists()


def test_what_went_by_peppol_is_said_to_be_mailed_as_a_copy(
    client: Client, treasurer: User, told: Any
) -> None:
    (own, copied), now = late(2), timezone.now()
    copied.dispatches.create(
        channel="peppol", state="delivered", address="0208:0999888767", created_at=now, sent_at=now,
        settled_at=now, queued_at=now,
    )  # fmt: skip
    page = told("send", own, copied)
    assert f"{own.number}, {own.name}: naar {own.email}." in page
    assert f"naar {copied.email}, als kopie van wat via Peppol ging." in page
