"""Reminders of overdue invoices: once a level, in the payer's language, and to nobody who paid."""

from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import ModelLogEntry, Site

from billing.models import BankEntry, CheckoutAttempt, Dunning, DunningHold, Invoice, Reminder
from billing.operations.bank_files import keep_bank_file
from billing.operations.bank_lines import assign_entry
from billing.operations.dunning import (
    NotRemindable,
    hold_dunning,
    release_dunning,
    send_due_reminders,
    send_reminder,
)
from billing.operations.invoices import credit_invoice, record_payment
from billing.operations.overdue import mark_overdue
from billing.operations.undoing import undo_payment
from billing.queries import Obstacle, personal_data_of
from billing.rules import reminder_due
from cms.models import OutgoingMail
from tests.billing.test_concurrency import at_once
from tests.billing.test_desk import LIST, person
from tests.factories.accounts import make_user
from tests.factories.bank import bank_file, entry
from tests.factories.billing import NOON, CustomerFactory, fill_in_issuer, issue
from tests.queue import drain

pytestmark = pytest.mark.django_db
DAYS = (7, 21, 35)


def late(days: int) -> datetime:
    """Noon, so many days after the last day to pay."""
    return NOON + timedelta(days=30 + days)


def overdue(**fields: Any) -> Invoice:
    invoice = issue(**fields)
    assert mark_overdue(late(1)) >= 1
    invoice.refresh_from_db()
    return invoice


def levels(invoice: Invoice) -> list[int]:
    return list(invoice.reminders.values_list("level", flat=True))


def pay(invoice: Invoice, amount: str) -> None:
    record_payment(
        invoice=invoice,
        amount=Decimal(amount),
        method="transfer",
        received_on=NOON.date(),
        external_reference=f"{invoice.pk}:{amount}",
        by=None,
        at=NOON,
    )


@given(st.integers(-5, 60), st.sets(st.sampled_from([1, 2, 3])))
def test_the_level_is_the_highest_that_is_due_and_only_ever_goes_up(days_late: int, sent: set[int]) -> None:
    level = reminder_due(days_late=days_late, days=DAYS, sent=sent)
    if level is None:
        assert days_late < DAYS[0] or sum(days_late >= each for each in DAYS) <= max(sent, default=0)
    else:
        assert days_late >= DAYS[level - 1]
        assert level > max(sent, default=0)
        assert level == 3 or days_late < DAYS[level]


def test_each_level_leaves_on_its_day_and_once() -> None:
    invoice = overdue()
    sent: dict[int, list[int]] = {}
    for day in range(2, 60):
        for _time in range(2):
            if send_due_reminders(late(day)):
                sent[day] = levels(invoice)
    assert sent == {7: [1], 21: [1, 2], 35: [1, 2, 3]}
    templates = OutgoingMail.objects.order_by("pk").values_list("template", flat=True)
    assert list(templates) == ["billing/reminder", "billing/second_reminder", "billing/final_notice"]
    assert ModelLogEntry.objects.for_instance(invoice).filter(action="billing.remind").count() == 3


def test_an_invoice_that_opened_again_is_reminded_of_from_that_day_on() -> None:
    invoice = issue()
    pay(invoice, "1210.00")
    taken_back: dict[str, Any] = {
        "kind": "recall",
        "returned_on": late(60).date(),
        "reason": "bank",
        "at": late(60),
        "by": None,
    }
    undo_payment(payment=invoice.payments.get(), **taken_back)
    sent: dict[int, list[int]] = {}
    for day in range(60, 100):
        mark_overdue(late(day))
        if send_due_reminders(late(day)):
            sent[day] = levels(invoice)
    assert sent == {67: [1], 81: [1, 2], 95: [1, 2, 3]}


@pytest.mark.parametrize(("day", "level"), [(6, []), (20, [1]), (21, [2]), (34, [2]), (35, [3]), (400, [3])])
def test_after_a_standstill_only_the_highest_leaves(day: int, level: list[int]) -> None:
    invoice = overdue()
    for _time in range(2):
        send_due_reminders(late(day))
    assert levels(invoice) == level


def test_run_due_does_it_from_the_day_after_it_became_overdue() -> None:
    fill_in_issuer()
    invoice = issue()
    for hours in (0, 5):
        moment = late(40) + timedelta(hours=hours)
        call_command("run_due", "--at", moment.isoformat(), stdout=StringIO())
    assert Invoice.objects.get().status == "overdue"
    assert levels(invoice) == [], "that day the apps above may write to the payer"
    call_command("run_due", "--at", late(41).isoformat(), stdout=StringIO())
    assert levels(invoice) == [3]


def test_who_owes_nothing_or_is_paying_is_not_reminded() -> None:
    paid, credited, pending, failed, held, partly, banked = (issue() for _number in range(7))
    mark_overdue(late(1))
    pay(paid, "1210.00")
    credit_invoice(invoice=credited, reason="", at=NOON, by=None, is_mailed=False)
    for number, (invoice, status) in enumerate(((pending, "pending"), (failed, "failed")), 1):
        CheckoutAttempt.objects.create(
            invoice=invoice, number=number, amount=invoice.gross, status=status, created_at=NOON
        )
    hold_dunning(invoice=held, reason="betwist", at=NOON, by=None)
    pay(partly, "1000.00")
    credit_invoice(
        invoice=partly, amounts={1: Decimal("50.00")}, reason="", at=NOON, by=None, is_mailed=False
    )
    content = bank_file(entry(1210, structured=banked.structured_communication))
    keep_bank_file(content=content, name="bank.xml", at=NOON, by=None)
    assert Invoice.objects.get(pk=banked.pk).status == "overdue", "the line waits to be matched"
    assert send_due_reminders(late(8)) == 2
    reminders = {reminder.invoice_id: reminder.left for reminder in Reminder.objects.all()}
    assert reminders == {failed.pk: Decimal("1210.00"), partly.pk: Decimal("149.50")}
    for invoice, obstacle in (
        (paid, Obstacle.NOT_OVERDUE),
        (credited, Obstacle.NOT_OVERDUE),
        (pending, Obstacle.PENDING),
        (banked, Obstacle.PENDING),
        (held, Obstacle.HELD),
        (failed, Obstacle.TODAY),
    ):
        with pytest.raises(NotRemindable) as refused:
            send_reminder(invoice=invoice, level=2, at=late(8), by=None)
        assert refused.value.obstacle == obstacle


def test_a_line_that_was_booked_on_the_wrong_invoice_stops_no_reminder_of_it() -> None:
    wrong, named = issue(), issue()
    content = bank_file(
        entry(1210, structured=wrong.structured_communication, reference="1"),
        entry(1000, structured=named.structured_communication, reference="2"),
    )
    keep_bank_file(content=content, name="bank.xml", at=NOON, by=None)
    first, second = BankEntry.objects.order_by("-amount")
    other = issue()
    words: dict[str, Any] = {"reason": "zo gelezen", "at": NOON, "by": None}
    for line, invoice in ((first, wrong), (second, other)):
        payment = assign_entry(entry=line, invoice=invoice, amount=line.amount, **words)
        undo_payment(payment=payment, kind="mistake", returned_on=payment.received_on, **words)
    mark_overdue(late(1))
    assert send_due_reminders(late(8)) == 2
    assert (levels(wrong), levels(other)) == ([1], [1])
    with pytest.raises(NotRemindable) as refused:
        send_reminder(invoice=named, level=1, at=late(8), by=None)
    assert refused.value.obstacle == Obstacle.PENDING, "what names it and paid another still waits for it"


def test_the_association_chooses_the_days_or_none() -> None:
    invoice = overdue()
    setting = Dunning.load()
    setting.first_days, setting.is_on = 3, False
    setting.save()
    assert send_due_reminders(late(50)) == 0
    Dunning.objects.update(is_on=True)
    assert [send_due_reminders(late(day)) for day in (2, 3)] == [0, 1]
    assert levels(invoice) == [1]
    with pytest.raises(ValidationError, match="later|later dan"):
        Dunning(first_days=7, second_days=7, final_days=35).full_clean()


@pytest.mark.parametrize(
    ("language", "subjects", "words"),
    [
        (
            "nl",
            ["Herinnering: factuur", "Tweede herinnering: factuur", "Laatste aanmaning: factuur"],
            ["1.210,00", "+++120/2600/00115+++", "23 december 2026", "Hoe betalen?"],
        ),
        (
            "en",
            ["Reminder: invoice", "Second reminder: invoice", "Final notice: invoice"],
            ["1,210.00", "+++120/2600/00115+++", "23 December 2026", "How to pay"],
        ),
    ],
)
def test_the_mails_say_what_is_open_in_the_payers_language(
    site: Site, client: Client, language: str, subjects: list[str], words: list[str]
) -> None:
    overdue(customer=CustomerFactory.create(language=language))
    for day in DAYS:
        send_due_reminders(late(day))
    mails = list(OutgoingMail.objects.order_by("pk"))
    assert [mail.subject.split(" 2026-")[0] for mail in mails] == subjects
    for mail in mails:
        assert mail.reply_to == "facturen@demo.example"
        for body in (mail.text, mail.html):
            for word in words:
                assert word in body.replace("\N{NO-BREAK SPACE}", " "), word
        link = next(part for part in mail.text.split() if "/l/" in part)
        assert client.get(link.removeprefix("http://testserver")).status_code == 200
        assert f"/{language}/" in link
    pay_by = {"nl": "4 februari 2027", "en": "4 February 2027"}[language]
    assert [pay_by in mail.text.replace("\N{NO-BREAK SPACE}", " ") for mail in mails] == [False, False, True]


def test_the_mail_carries_the_pdf(mailoutbox: list[Any]) -> None:
    overdue()
    send_due_reminders(late(7))
    drain()
    [mail] = mailoutbox
    assert [each[0] for each in mail.attachments] == ["factuur-2026-00001.pdf"]


def test_the_database_keeps_one_proof_of_each_level() -> None:
    invoice = overdue()
    send_reminder(invoice=invoice, level=2, at=late(7), by=None)
    for level in (1, 2):
        with pytest.raises(NotRemindable):
            send_reminder(invoice=invoice, level=level, at=late(8), by=None)
    for wrong in ({"level": 2}, {"level": 4}, {"level": 3, "left": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Reminder.objects.create(
                **{"invoice": invoice, "left": 1, "email": "a@demo.example", "sent_at": late(8), **wrong}
            )
    with pytest.raises(IntegrityError), transaction.atomic():
        DunningHold.objects.create(invoice=invoice, reason="", held_at=NOON)


def test_ones_own_data_tell_of_reminders() -> None:
    user = make_user()
    overdue(customer=CustomerFactory.create(email=user.email))
    send_due_reminders(late(7))
    [told] = personal_data_of(user)["invoices"]
    assert told["reminders"] == [late(7).isoformat()]


@pytest.mark.django_db(transaction=True)
def test_twenty_clerks_send_one() -> None:
    invoice = overdue()
    results = at_once(lambda number: send_reminder(invoice=invoice, level=1, at=late(7), by=None))
    assert len([result for result in results if isinstance(result, Reminder)]) == 1
    assert OutgoingMail.objects.count() == 1


@pytest.fixture
def desk(client: Client, site: Site) -> Client:
    client.force_login(person("finance"))
    return client


@pytest.fixture
def old(desk: Client) -> Invoice:
    invoice = issue(at=timezone.now() - timedelta(days=50))
    mark_overdue(timezone.now() - timedelta(days=10))
    return invoice


def test_staff_send_the_next_level_by_hand_once(desk: Client, old: Invoice) -> None:
    address = f"{LIST}remind/{old.pk}/"
    page = desk.get(address).content.decode()
    assert "De herinnering wordt met de pdf gemaild" in page
    assert old.email in page
    for _time in range(2):
        assert desk.post(address, {"level": "1"})["Location"] == f"{LIST}inspect/{old.pk}/"
    reminder = Reminder.objects.get()
    assert reminder.sent_by is not None
    assert reminder.sent_by.email == "finance@demo.example"
    page = desk.get(f"{LIST}inspect/{old.pk}/").content.decode()
    assert "Herinnering voor 1.210,00\N{NO-BREAK SPACE}euro gemaild naar" in page
    assert "vandaag al aan herinnerd" in desk.get(address).content.decode()
    assert send_due_reminders(timezone.now()) == 0, "never two on one day"
    for level in ("", "x", "9"):
        assert desk.post(address, {"level": level}).status_code == 200
    send_reminder(invoice=old, level=3, at=timezone.now() + timedelta(days=1), by=None)
    assert desk.get(address).status_code == 302, "all were sent"


def test_staff_hold_reminders_with_a_reason_and_let_them_go_on(desk: Client, old: Invoice) -> None:
    hold, release = (f"{LIST}{name}/{old.pk}/" for name in ("hold", "release"))
    assert desk.get(release).status_code == 302
    assert desk.post(hold, {"reason": ""}).status_code == 200
    desk.post(hold, {"reason": "betwist, wij bellen"})
    assert send_due_reminders(timezone.now()) == 0
    page = desk.get(f"{LIST}inspect/{old.pk}/").content.decode()
    assert page.count("betwist, wij bellen") == 2, "above, and in the history"
    assert hold not in page
    assert desk.get(hold).status_code == 302
    desk.post(f"{LIST}remind/{old.pk}/", {"level": "1"})
    assert not Reminder.objects.exists()
    desk.post(release)
    assert send_due_reminders(timezone.now()) == 1
    actions = ModelLogEntry.objects.for_instance(old).values_list("action", flat=True)
    assert {"billing.hold", "billing.release", "billing.remind"} <= set(actions)


def test_to_hold_or_release_twice_leaves_one_line() -> None:
    invoice = overdue()
    for _time in range(2):
        hold_dunning(invoice=invoice, reason="betwist", at=NOON, by=None)
    for _time in range(2):
        release_dunning(invoice=invoice, at=NOON, by=None)
    actions = ModelLogEntry.objects.for_instance(invoice).filter(
        action__in=("billing.hold", "billing.release")
    )
    assert actions.count() == 2


def test_who_may_only_read_reminds_nobody(client: Client, site: Site) -> None:
    invoice = issue(at=timezone.now() - timedelta(days=50))
    mark_overdue(timezone.now() - timedelta(days=10))
    client.force_login(person("board"))
    for name in ("remind", "hold"):
        assert client.post(f"{LIST}{name}/{invoice.pk}/", {"level": "1", "reason": "x"}).status_code == 302
    assert not Reminder.objects.exists()
    assert not DunningHold.objects.exists()
