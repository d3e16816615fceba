"""VAT numbers of customers elsewhere in the EU: asked of VIES, kept as proof, and what an invoice does."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings
from wagtail.models import ModelLogEntry

from accounts.models import User
from billing.gateways.vies import ViesUnavailable
from billing.models import Customer, Invoice, InvoiceIsIssued, VatCheck
from billing.operations.customers import change_customer
from billing.operations.invoices import VatUnconfirmed, credit_invoice
from billing.operations.privacy import erase_customer
from billing.operations.vat_checks import (
    NothingToDecide,
    check_vat_number,
    decide_vat_number,
    want_due_checks,
    want_vat_check,
)
from billing.queries import customers_waiting, personal_data_of, preview_choices, vat_standing
from billing.tasks import ask_vies
from billing.vat import CONFIRMED, OPEN, REFUSED, Check, standing
from cms.models import OutgoingMail
from tests.billing.test_concurrency import at_once
from tests.factories.billing import (
    DUTCH_VAT,
    NOON,
    CustomerFactory,
    abroad,
    confirm_vat_number,
    fill_in_issuer,
    issue,
    line,
)
from tests.fakes.vies_api import ViesServer, vies_server
from tests.queue import drain

pytestmark = pytest.mark.django_db
HOLDS = timedelta(days=30)
GERMAN_VAT = "DE136695976"


@pytest.fixture
def vies(settings: Settings) -> Iterator[ViesServer]:
    """VIES on the loopback, asked by the platform; the association is subject to VAT."""
    fill_in_issuer()
    with vies_server() as running:
        settings.VIES_API_BASE = running.url
        yield running


def check(customer: Customer, at: datetime = NOON) -> None:
    check_vat_number(customer=customer, vat_number=customer.vat_number, at=at)


def state(at: datetime = NOON, number: str = DUTCH_VAT) -> str:
    return vat_standing(number, at=at).state


def tasks() -> int:
    return DBTaskResult.objects.filter(task_path=ask_vies.module_path).count()


def staff_mails() -> list[str]:
    return list(
        OutgoingMail.objects.filter(template="billing/vat_number_waits").values_list("text", flat=True)
    )


def test_a_valid_number_is_kept_as_proof_that_never_changes(vies: ViesServer) -> None:
    customer = abroad(is_confirmed=False)
    check(customer)
    kept = VatCheck.objects.get()
    assert (kept.customer, kept.vat_number, kept.outcome, kept.checked_at) == (
        customer,
        DUTCH_VAT,
        "valid",
        NOON,
    )
    assert (kept.consultation_number, kept.requester) == ("WAPIAAAA1", "BE0999999922")
    assert (kept.name, kept.address) == ("VOORBEELD B.V.", "TESTKADE 1 1011AB AMSTERDAM")
    assert '"valid": true' in kept.answer
    (logged,) = ModelLogEntry.objects.for_instance(customer).filter(action="billing.check_vat_number")
    assert logged.data == {"number": DUTCH_VAT, "outcome": "valid", "consultation": "WAPIAAAA1"}
    for change in (
        lambda: kept.save(),
        lambda: kept.delete(),
        lambda: VatCheck.objects.update(outcome="invalid"),
    ):
        with pytest.raises(InvoiceIsIssued):
            change()
    with pytest.raises(IntegrityError, match="immutable"), transaction.atomic():
        VatCheck._base_manager.update(outcome="invalid")
    assert staff_mails() == []


def test_reverse_charge_waits_for_a_proof_and_lapses_with_it(vies: ViesServer) -> None:
    customer = abroad(is_confirmed=False)
    with pytest.raises(VatUnconfirmed, match=DUTCH_VAT), transaction.atomic():
        issue(customer=customer)
    assert not Invoice.objects.exists()
    check(customer)
    invoice = issue(customer=customer)
    assert [each.vat_category for each in invoice.lines.all()] == ["AE"]
    late = NOON + HOLDS
    assert issue(customer=customer, at=late - timedelta(seconds=1))
    with pytest.raises(VatUnconfirmed), transaction.atomic():
        issue(customer=customer, at=late)
    # Taking back what was invoiced needs no new proof.
    assert credit_invoice(invoice=invoice, reason="", at=late, by=None, is_mailed=False)


def test_a_number_that_vies_refuses_counts_as_none_and_staff_are_asked_once(vies: ViesServer) -> None:
    vies.registered.clear()
    customer = abroad(is_confirmed=False)
    check(customer)
    kept = VatCheck.objects.get()
    assert (kept.outcome, kept.consultation_number, kept.name) == ("invalid", "", "")
    shown = preview_choices(customer, [line()], at=NOON)
    invoice = issue(customer=customer)
    assert (shown[0].gross, invoice.gross, invoice.vat) == (invoice.gross, Decimal(1210), Decimal(210))
    assert list(customers_waiting(is_asked=True, at=NOON)) == [customer]
    (told,) = staff_mails()
    assert "Volgens VIES" in told
    assert f"/admin/billing/customers/vat/{customer.pk}/" in told
    check(customer, NOON + HOLDS)
    assert VatCheck.objects.count() == 2
    decide_vat_number(
        customer=customer, is_confirmed=True, reason="attest van 3 november", at=NOON + HOLDS, by=None
    )
    assert not customers_waiting(is_asked=True, at=NOON + HOLDS)
    assert issue(customer=customer, at=NOON + HOLDS).vat == 0


def test_without_an_answer_the_queue_goes_on_and_after_five_times_staff_are_asked(vies: ViesServer) -> None:
    vies.errors[DUTCH_VAT] = (200, "MS_UNAVAILABLE")
    customer = abroad(is_confirmed=False)
    for time in range(1, 6):
        assert (list(customers_waiting(is_asked=True, at=NOON)), staff_mails()) == ([], [])
        with pytest.raises(ViesUnavailable):
            check(customer, NOON + timedelta(minutes=time))
        assert VatCheck.objects.filter(outcome="unavailable", answer="200: MS_UNAVAILABLE").count() == time
    assert list(customers_waiting(is_asked=True, at=NOON)) == [customer]
    assert len(staff_mails()) == 1
    assert "niet bevestigd" in staff_mails()[0]
    assert state() == OPEN
    with pytest.raises(VatUnconfirmed), transaction.atomic():
        issue(customer=customer)
    vies.errors.clear()
    check(customer, NOON + timedelta(hours=3))
    assert (state(NOON + timedelta(hours=3)), len(staff_mails())) == (CONFIRMED, 1)
    assert not customers_waiting(is_asked=True, at=NOON + timedelta(hours=3))
    # No answer undoes no answer that counts.
    vies.errors[DUTCH_VAT] = (500, "TIMEOUT")
    soon = NOON + HOLDS
    with pytest.raises(ViesUnavailable):
        check(customer, soon)
    assert state(soon) == CONFIRMED


def test_a_number_is_asked_when_it_comes_or_changes_and_not_at_home(vies: ViesServer) -> None:
    belgian = CustomerFactory.create()
    assert not want_vat_check(customer=belgian, at=NOON)
    details = {"vat_number": "BE0999101384", "name": "Anders"}
    change_customer(customer=belgian, details=details, at=NOON, by=None)
    consumer = CustomerFactory.create(country="NL", vat_number="")
    american = CustomerFactory.create(country="US", vat_number=DUTCH_VAT)
    assert not any(want_vat_check(customer=each, at=NOON) for each in (consumer, american))
    assert (tasks(), vies.requests) == (0, [])
    dutch = abroad(is_confirmed=False)
    change_customer(customer=dutch, details={"street": "Kade 2"}, at=NOON, by=None)
    assert tasks() == 0
    change_customer(customer=dutch, details={"vat_number": "NL004495445B01"}, at=NOON, by=None)
    assert (tasks(), vies.requests) == (1, [])
    drain()
    assert [body["vatNumber"] for *_rest, body in vies.requests] == ["004495445B01"]
    change_customer(customer=dutch, details={"vat_number": DUTCH_VAT}, at=NOON, by=None)
    drain()
    now = timezone.now()
    assert (state(now), state(now, "NL004495445B01")) == (CONFIRMED, REFUSED)
    # What is known and counts is not asked again.
    change_customer(customer=dutch, details={"vat_number": "NL004495445B01"}, at=now, by=None)
    assert tasks() == 2
    fill_in_issuer(vat_regime="none")
    assert not want_vat_check(customer=abroad(is_confirmed=False, vat_number=GERMAN_VAT), at=NOON)


def test_the_clock_asks_what_is_missing_or_lapses_soon_at_most_once_a_day(vies: ViesServer) -> None:
    customer = abroad(is_confirmed=False)
    CustomerFactory.create()
    days = []
    for hour in range(0, 24 * 62, 6):
        at = NOON + timedelta(hours=hour)
        if want_due_checks(at):
            days.append(hour / 24)
            check(customer, at)
    assert days == [0, 27, 54]
    vies.errors[DUTCH_VAT] = (200, "MS_UNAVAILABLE")
    start = NOON + timedelta(days=54) + HOLDS
    asked = [hour for hour in range(0, 72, 6) if want_due_checks(start + timedelta(hours=hour))]
    assert asked == [0, 24, 48]


def test_done_before_or_gone_meanwhile_a_task_does_nothing(vies: ViesServer) -> None:
    customer = abroad(is_confirmed=False)
    for _time in range(2):
        ask_vies.enqueue(customer.pk, DUTCH_VAT)
    drain()
    assert (VatCheck.objects.count(), len(vies.requests)) == (1, 1)
    gone = abroad(is_confirmed=False, vat_number=GERMAN_VAT)
    ask_vies.enqueue(gone.pk, GERMAN_VAT)
    gone.delete()
    drain()
    assert VatCheck.objects.count() == 1
    assert set(DBTaskResult.objects.values_list("status", flat=True)) == {"SUCCESSFUL"}


def test_without_vies_nothing_is_asked_and_staff_decide() -> None:
    fill_in_issuer()
    customer = abroad(is_confirmed=False)
    for days in range(3):
        assert want_due_checks(NOON + timedelta(days=days)) == 1
    assert (tasks(), len(staff_mails())) == (0, 1)
    check(customer)
    assert not VatCheck.objects.exists()
    assert list(customers_waiting(is_asked=False, at=NOON)) == [customer]
    with pytest.raises(VatUnconfirmed), transaction.atomic():
        issue(customer=customer)
    boss = User.objects.create_user("boss@demo.example")
    decide_vat_number(customer=customer, is_confirmed=True, reason="uittreksel gezien", at=NOON, by=boss)
    assert issue(customer=customer).vat == 0
    (logged,) = ModelLogEntry.objects.for_instance(customer).filter(action="billing.decide_vat_number")
    assert (logged.user, logged.data["reason"]) == (boss, "uittreksel gezien")
    assert state(NOON + timedelta(days=364)) == CONFIRMED
    assert state(NOON + timedelta(days=365)) == OPEN
    boss.delete()
    kept = VatCheck.objects.get()
    assert (kept.by, kept.reason) == (None, "uittreksel gezien")


def test_a_number_that_staff_reject_counts_as_none() -> None:
    fill_in_issuer()
    customer = abroad()
    assert state() == CONFIRMED
    decide_vat_number(customer=customer, is_confirmed=False, reason="stopte", at=timezone.now(), by=None)
    assert issue(customer=customer).vat == Decimal(210)
    assert not customers_waiting(is_asked=True, at=NOON)
    with pytest.raises(NothingToDecide):
        decide_vat_number(customer=CustomerFactory.create(), is_confirmed=True, reason="x", at=NOON, by=None)


def test_reverse_charge_that_is_chosen_by_hand_waits_too() -> None:
    fill_in_issuer()
    chosen = line(vat_treatment="reverse-charge")
    for customer in (CustomerFactory.create(), CustomerFactory.create(vat_number="")):
        with pytest.raises(VatUnconfirmed), transaction.atomic():
            issue(chosen, customer=customer)
    # Belgian VAT needs no proof, whoever the customer is.
    assert issue(line(vat_treatment="standard"), customer=abroad(is_confirmed=False)).vat == Decimal(210)


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": "maybe"},
        {"vat_number": ""},
        {"outcome": "unavailable", "reason": "gebeld"},
        {"reason": "gebeld", "consultation_number": "WAPI1"},
        {"reason": "gebeld", "answer": "{}"},
    ],
)
def test_the_database_refuses_nonsense(wrong: dict[str, str]) -> None:
    customer = abroad(is_confirmed=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        confirm_vat_number(customer, **wrong)


def test_a_person_may_have_their_checks_and_they_go_with_who_was_never_invoiced(site: object) -> None:
    fill_in_issuer()
    person = User.objects.create_user("zelf@proefbedrijf.example")
    abroad(email="ZELF@proefbedrijf.example")
    (told,) = personal_data_of(person)["vat_checks"]
    assert (told["vat_number"], told["outcome"]) == (DUTCH_VAT, "valid")
    erase_customer(person, NOON)
    assert not VatCheck.objects.exists()
    issue(customer=abroad(email=person.email))
    assert erase_customer(person, NOON)
    assert VatCheck.objects.count() == 1


outcomes = st.sampled_from(["valid", "invalid", "unavailable"])
ages = st.integers(min_value=0, max_value=400)


@given(st.lists(st.tuples(outcomes, ages, st.booleans()), max_size=6))
def test_only_the_newest_yes_that_still_holds_confirms(found: list[tuple[str, int, bool]]) -> None:
    checks = [
        Check(outcome, NOON - timedelta(days=age), by_staff and outcome != "unavailable")
        for outcome, age, by_staff in sorted(found, key=lambda each: each[1])
    ]
    told = [each for each in checks if each.outcome != "unavailable"]
    stands = standing(checks, at=NOON, answer_holds=HOLDS)
    if not told:
        assert stands.state == OPEN
        return
    limit = 365 if told[0].is_decision else 30
    holds = (NOON - told[0].checked_at).days < limit
    expected = (CONFIRMED if told[0].outcome == "valid" else REFUSED) if holds else OPEN
    assert stands.state == expected


@pytest.mark.django_db(transaction=True)
def test_twenty_workers_at_one_number_keep_one_answer(vies: ViesServer) -> None:
    customer = abroad(is_confirmed=False)
    vies.delay = 0.3
    assert at_once(lambda _number: check(customer)) == [None] * 20
    assert len(vies.requests) > 1
    assert VatCheck.objects.count() == 1
    assert ModelLogEntry.objects.for_instance(customer).count() == 1
