"""Renewals charged automatically, driven by the clock, `run_due --at`, against a Stripe on the loopback."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as property_settings
from hypothesis import strategies as st
from pytest_django import Settings

from billing.models import AutomaticPayment, ChargeRules, ChargeTry, Customer, Invoice, Payment, PaymentMeans
from billing.operations.checkout import start_checkout
from billing.operations.means import end_means
from billing.operations.plans import NotStoppable, stop_payment
from billing.queries import active_means
from cms.models import OutgoingMail
from membership.models import Lifecycle, Membership, Tier
from membership.operations.changes import resign_membership, upgrade_membership
from membership.queries import customer_of, upgrade_quote
from tests.billing.automatic import hear, save_means
from tests.billing.paying import tell
from tests.membership.clock import Clock, run_money, ticking
from tests.membership.life import FIRST, ONE, due_days, groups, join, mails, member, morning, pay_all
from tests.queue import drain

pytestmark = pytest.mark.django_db
ENDS = date(2028, 2, 29)
"""The last day of the first term of who joins on FIRST: the day on which the renewal is charged."""


@pytest.fixture
def clock(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    with ticking(settings, monkeypatch, run_money) as made:
        yield made


def join_with(clock: Clock, kind: str = "card", refusal: str = "") -> Membership:
    """Join, and pay the first invoice on Stripe's page, having agreed to save."""
    membership = join(timezone.localdate(clock.moment))
    invoice = Invoice.objects.get()
    attempt = start_checkout(
        invoice=invoice, return_url="http://testserver/nl/", at=clock.moment, saves_means=True
    )
    for event in clock.stripe.account.complete(attempt.session_id or "", kind=kind, refusal=refusal):
        tell(clock.stripe, event)
    drain()
    membership.refresh_from_db()
    assert (membership.status, PaymentMeans.objects.get().is_active) == ("active", True)
    return membership


def refuse_from_now_on(clock: Clock, code: str = "insufficient_funds") -> None:
    means = PaymentMeans.objects.get(status="active")
    clock.stripe.account.kept[means.stripe_id]["_refusal"] = code


def test_a_debit_that_takes_less_than_the_renewal_is_said_in_the_notice_and_never_tried(clock: Clock) -> None:
    membership = member()
    save_means(clock.stripe, customer_of(membership), "sepa_debit", at=clock.moment)
    ChargeRules.objects.update_or_create(defaults={"highest_debit": Decimal(1000)})
    for left in (60, 30, 7):
        clock.go(ENDS - left * ONE, since=ENDS - left * ONE)
    first, *later = clock.texts("wordt verlengd na")
    assert "hoger dan wat we in één keer kunnen innen via" in first
    assert all("innen" not in text for text in later)
    assert not AutomaticPayment.objects.exists()
    assert not ChargeTry.objects.exists()
    assert Invoice.objects.latest("pk").way == Invoice.Way.TRANSFER


def test_a_life_two_renewals_charged_then_refused_until_the_membership_lapses(clock: Clock) -> None:
    membership = join_with(clock)
    for year in (2028, 2029):
        ends_on = membership.ends_on
        assert ends_on
        assert ends_on.year == year
        clock.go(ends_on - 60 * ONE, since=ends_on - 60 * ONE)
        clock.go(ends_on - 30 * ONE, since=ends_on - 30 * ONE)
        clock.go(ends_on - 7 * ONE, since=ends_on - 7 * ONE)
        assert Payment.objects.count() == year - 2027
        clock.go(ends_on + ONE, since=ends_on)
        membership.refresh_from_db()
        assert (membership.status, Payment.objects.count()) == ("active", year - 2026)
    ways = list(Invoice.objects.order_by("pk").values_list("way", flat=True))
    assert ways == ["transfer", "charge", "charge"]
    for told in clock.texts("Factuur 202")[1:]:
        assert "We innen het automatisch op" in told
        assert "/betaalmiddel/" in told
        assert "Hoe betalen?" not in told
    announced = clock.texts("wordt verlengd na")
    assert len(announced) == 6
    first, second, last = announced[:3]
    assert "innen we ze automatisch via uw Visa-kaart die eindigt op 4242" in first
    for told in (second, last):
        assert "1.210,00\N{NO-BREAK SPACE}euro" in told
        assert "29\N{NO-BREAK SPACE}februari\N{NO-BREAK SPACE}2028" in told
        assert "Visa-kaart die eindigt op 4242" in told
        assert "/betaalmiddel/" in told
    assert not OutgoingMail.objects.filter(template="billing/charge_announced").exists()

    refuse_from_now_on(clock)
    ends_on = membership.ends_on
    assert ends_on
    clock.go(ends_on - 30 * ONE, since=ends_on - 30 * ONE)
    clock.go(ends_on + ONE, since=ends_on - 7 * ONE)
    membership.refresh_from_db()
    assert (membership.status, membership.lapses_on) == ("past_due", ends_on + 61 * ONE)
    (late,) = clock.texts("nog niet betaald")
    assert "proberen we opnieuw" in late
    clock.go(ends_on + 10 * ONE)
    third = ChargeTry.objects.filter(status="failed")
    assert list(third.values_list("tried_on", flat=True)) == [ends_on, ends_on + 3 * ONE, ends_on + 7 * ONE]
    templates = ("billing/charge_refused", "billing/charge_given_up")
    assert [OutgoingMail.objects.filter(template=name).count() for name in templates] == [2, 1]
    assert Membership.objects.get().status == "past_due"
    clock.go(ends_on + 31 * ONE, since=ends_on + 31 * ONE)
    assert (Membership.objects.get().status, groups()) == ("grace", {"inform", "connect"})
    clock.go(ends_on + 61 * ONE, since=ends_on + 61 * ONE)
    assert (Membership.objects.get().status, groups()) == ("lapsed", set())
    means = PaymentMeans.objects.get()
    assert means.ended_because == PaymentMeans.Because.OVER
    assert clock.stripe.account.kept[means.stripe_id]["customer"] is None
    assert ChargeTry.objects.filter(status="failed").count() == 3


def test_a_debit_is_under_way_for_days_and_the_member_is_not_late(clock: Clock) -> None:
    membership = member()
    save_means(clock.stripe, customer_of(membership), "sepa_debit", at=clock.moment)
    clock.go(ENDS - 30 * ONE, since=ENDS - 30 * ONE)
    clock.go(ENDS + 6 * ONE, since=ENDS - 7 * ONE)
    assert Membership.objects.get().status == "active"
    clock.stripe.account.settle_charge(ChargeTry.objects.get().intent_id or "", is_paid=True)
    hear(clock.stripe)
    clock.go(ENDS + 8 * ONE)
    assert (Membership.objects.get().status, Payment.objects.count()) == ("active", 2)
    assert mails("past_due") == []


def test_who_saves_another_card_on_the_ladder_is_charged_a_week_later_and_active_again(
    clock: Clock,
) -> None:
    membership = join_with(clock, refusal="stolen_card")
    clock.go(ENDS - 30 * ONE, since=ENDS - 30 * ONE)
    clock.go(ENDS + 2 * ONE, since=ENDS - 7 * ONE)
    assert Membership.objects.get().status == "past_due"
    customer = membership.organisation.customer
    assert customer
    save_means(clock.stripe, customer, at=clock.moment)
    told = clock.texts("Bewaard voor de verlengingen")[-1]
    assert "9\N{NO-BREAK SPACE}maart\N{NO-BREAK SPACE}2028" in told
    clock.go(ENDS + 8 * ONE)
    assert Membership.objects.get().status == "past_due"
    clock.go(ENDS + 9 * ONE)
    assert (Membership.objects.get().status, Payment.objects.count()) == ("active", 2)


def test_who_saves_after_the_invoice_is_announced_by_the_mail_of_it(clock: Clock) -> None:
    membership = member()
    clock.go(ENDS - 20 * ONE, since=ENDS - 30 * ONE)
    customer = membership.organisation.customer
    assert customer
    save_means(clock.stripe, customer, at=clock.moment)
    plan = AutomaticPayment.objects.select_related("invoice").get()
    assert plan.invoice.way == "transfer"  # as it was known when it was issued
    assert (plan.charge_on, plan.announced_at is not None) == (ENDS, True)
    clock.go(ENDS)
    assert AutomaticPayment.objects.get().status == "paid"
    assert not OutgoingMail.objects.filter(template="billing/charge_announced").exists()


def test_another_amount_is_another_invoice_and_announced_anew(clock: Clock) -> None:
    membership = join_with(clock)
    clock.go(ENDS - 30 * ONE, since=ENDS - 30 * ONE)
    clock.go(ENDS - 5 * ONE, since=ENDS - 7 * ONE)
    tier = Tier.objects.get(slug="cultivate")
    quote = upgrade_quote(membership=Membership.objects.get(), tier=tier, at=clock.moment)
    upgrade_membership(membership=membership, tier=tier, quoted=quote.amount, at=clock.moment, by=None)
    renewal = AutomaticPayment.objects.exclude(status="stopped").get()
    assert renewal.announced_at is None
    assert renewal.charge_on == renewal.invoice.due_on > ENDS
    assert AutomaticPayment.objects.get(status="stopped").stopped_because == "settled"
    clock.go(renewal.charge_on - 7 * ONE)
    assert OutgoingMail.objects.filter(template="billing/charge_announced").count() == 1
    clock.go(renewal.charge_on)
    assert AutomaticPayment.objects.get(pk=renewal.pk).status == "paid"


def test_who_resigns_is_charged_nothing_and_forgotten_at_the_end(clock: Clock) -> None:
    membership = join_with(clock)
    clock.go(ENDS - 20 * ONE, since=ENDS - 30 * ONE)
    resign_membership(membership=membership, because="budget", at=clock.moment, by=None)
    clock.go(ENDS + 2 * ONE)
    assert Membership.objects.get().status == "resigned"
    assert not ChargeTry.objects.exists()
    assert PaymentMeans.objects.get().ended_because == "over"


def test_a_refused_try_again_comes_within_the_time_of_being_past_due() -> None:
    days = Lifecycle.load()
    days.past_due_days = 7
    with pytest.raises(Exception, match="binnen|Binnen|within"):
        days.clean()


@pytest.fixture
def joined(clock: Clock) -> Membership:
    """A member who paid by transfer, and was mailed; each example goes on from here."""
    membership = member()
    drain()
    clock.note()
    return membership


steps = st.lists(
    st.tuples(st.integers(0, 75), st.sampled_from(("card", "sepa_debit", "end", "stop", "pay"))), max_size=6
)


@property_settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=steps, refused=st.booleans())
def test_nothing_is_ever_charged_unannounced_or_twice(
    clock: Clock, joined: Membership, steps: list[tuple[int, str]], refused: bool
) -> None:
    """Means saved, replaced and ended at random days around a renewal; the clock wakes when something is due,
    on the days around that, and when somebody does something.
    """
    sid = transaction.savepoint()
    try:
        clock.stripe.account.kept.clear()
        clock.stripe.account.told.clear()
        clock.mailed.clear()
        customer = Customer.objects.get()
        first, last = ENDS - 62 * ONE, ENDS + 18 * ONE
        clock.moment = morning(first)
        while (today := clock.today) <= last:
            for number, what in steps:
                if first + number * ONE == today:
                    do(clock, customer, what, refused)
            clock.wake(today)
            for pending in ChargeTry.objects.filter(status="pending", tried_on__lte=today - 5 * ONE):
                clock.stripe.account.settle_charge(pending.intent_id or "", is_paid=not refused)
                hear(clock.stripe)
            days = due_days() | {first + number * ONE for number, _what in steps} | settling_days()
            clock.moment = morning(min([day for day in days if day > today] or [last + ONE]))
        check_charges(clock)
    finally:
        transaction.savepoint_rollback(sid)


def settling_days() -> set[date]:
    """The days on which the bank says what became of a debit."""
    pending = ChargeTry.objects.filter(status="pending").values_list("tried_on", flat=True)
    return {tried_on + 5 * ONE for tried_on in pending}


def do(clock: Clock, customer: Customer, what: str, refused: bool) -> None:
    """What somebody does on a day."""
    clock.moment += timedelta(minutes=1)
    means = active_means(customer)
    if what in ("card", "sepa_debit"):
        code = "insufficient_funds" if refused else ""
        customer.refresh_from_db()
        save_means(clock.stripe, customer, what, refusal=code, at=clock.moment)
    elif what == "end" and means:
        end_means(means=means, because="payer", at=clock.moment, by=None)
    elif what == "stop":
        for plan in AutomaticPayment.objects.filter(status="planned"):
            try:
                stop_payment(plan=plan, because="payer", at=clock.moment, by=None)
            except NotStoppable:
                continue
    elif what == "pay":
        pay_all(timezone.localdate(clock.moment))
    drain()
    hear(clock.stripe)
    clock.note()


NAMED = ("wordt verlengd na", "Bewaard voor de verlengingen", "Automatische betaling van")


def check_charges(clock: Clock) -> None:
    """Hold what Stripe was asked against the mails that went out before."""
    intents = [each for name, each in clock.stripe.account.kept.items() if name.startswith("pi_")]
    paid: dict[str, int] = {}
    for intent in intents:
        asked = ChargeTry.objects.select_related("plan__invoice", "means").get(
            plan__invoice=intent["metadata"]["invoice"], number=intent["metadata"]["try"]
        )
        day = datetime.fromtimestamp(intent["created"], morning(FIRST).tzinfo).date()
        told = [
            text
            for on, subject, text in clock.mailed
            if any(words in subject for words in NAMED)
            and on <= day - 7 * ONE
            and asked.plan.invoice.number in text
            and asked.means.last4 in text
        ]
        assert told, f"{intent} was not announced"
        assert Decimal(intent["amount"]) / 100 <= asked.plan.invoice.gross
        invoice = intent["metadata"]["invoice"]
        paid[invoice] = paid.get(invoice, 0) + (intent["status"] == "succeeded")
    assert all(count <= 1 for count in paid.values())
    for means in PaymentMeans.objects.exclude(status="active"):
        assert clock.stripe.account.kept[means.stripe_id]["customer"] is None
