"""Whole lives: people use their forms, the bank and Stripe's page; time is a whole `run_due --at`."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from wagtail.models import ModelLogEntry

from billing.models import ChargeTry, Customer, Invoice, Payment, PaymentMeans
from billing.queries import open_amount
from extranet.models import MemberHomePage
from home.models import HomePage
from membership.models import Invitation, Membership, Organisation
from tests.membership.clock import Clock, run_whole, ticking
from tests.membership.life import ONE, groups, morning
from tests.membership.people_do import (
    choose_next_tier,
    log_in,
    may_invite,
    opens_zone,
    own_page,
    pay_on_page,
    post_own,
    send_join_form,
    transfer,
    upgrade,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
YEAR = Decimal("1210.00")
"""A year of Connect for a company of 25 people, VAT included."""


class Life:
    """A member whose years go by, and what came of each step: documents, mails, access."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.seen = 0

    @property
    def membership(self) -> Membership:
        return Membership.objects.select_related("tier").latest("pk")

    def stands(self) -> tuple[str, str, date | None, date | None]:
        """Status, tier, last day of the term, and the day on which it lapses."""
        membership = self.membership
        return membership.status, membership.tier.slug, membership.ends_on, membership.lapses_on

    @property
    def access(self) -> tuple[int, bool, set[str]]:
        """How the member zone answers, whether it takes anything, and which tiers are open."""
        browser = log_in()
        return opens_zone(browser), may_invite(browser, self.membership), groups()

    @property
    def last(self) -> Invoice:
        return Invoice.objects.order_by("pk").last() or Invoice()

    def documents(self, since: int = 0) -> list[tuple[str, str, str, date]]:
        """Number, total, status and last day to pay of each invoice and credit note after so many."""
        found = Invoice.objects.order_by("pk")[since:]
        return [(each.number, str(each.gross), each.status, each.due_on) for each in found]

    def told(self) -> list[tuple[date, str]]:
        """What was mailed since it was asked last: the day and the subject up to the association's name."""
        self.clock.note()
        fresh, self.seen = self.clock.mailed[self.seen :], len(self.clock.mailed)
        return [
            (day, subject.partition(" | ")[0].replace("\N{NO-BREAK SPACE}", " "))
            for day, subject, _text in fresh
        ]

    def wake_at(self, day: date) -> None:
        """Let the first day of all come."""
        self.clock.moment = morning(day)

    def go(self, to: date) -> None:
        self.clock.go_by_due(to)

    def pay_by_bank(self) -> Decimal:
        return transfer(self.last, self.clock.today)


@pytest.fixture
def life(home: HomePage, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Life]:
    home.add_child(instance=MemberHomePage(title="Ledenzone", slug="ledenzone"))
    with ticking(settings, monkeypatch, run_whole) as clock:
        yield Life(clock)


CONNECT = {"inform", "connect"}
CULTIVATE = {"inform", "connect", "cultivate"}
ENDS = "Het lidmaatschap van Lantaarnwerk wordt verlengd na {}"


def announced(first: date, second: date, last: date, ends_on: str, number: str) -> list[tuple[date, str]]:
    """The mails of a renewal: three notices, and the invoice with the second."""
    said = ENDS.format(ends_on)
    return [(first, said), (second, said), (second, f"Factuur {number}"), (last, said)]


def test_joins_renews_four_times_upgrades_is_refused_lapses_and_rejoins(life: Life) -> None:
    clock = life.clock
    # Joining: asked by a pro forma, paid by card, invoiced once the money is there.
    life.wake_at(date(2027, 3, 15))
    page = send_join_form(Client(), tier="connect", payment="online")
    assert (life.stands()[0], life.documents()) == ("awaiting_payment", [])
    assert life.told() == []
    pay_on_page(Client(), clock.stripe, page, saves=True)
    assert life.stands() == ("active", "connect", date(2028, 3, 14), None)
    assert life.documents() == [("2027-00001", "1210.00", "paid", date(2027, 4, 14))]
    assert life.access == (200, True, CONNECT)
    assert life.told() == [
        (date(2027, 3, 15), "Uitnodiging tot betaling UB2027-00001"),
        (date(2027, 3, 15), "Uw account bij Smart Cities Vlaanderen"),
        (date(2027, 3, 15), "Factuur 2027-00001"),
        (date(2027, 3, 15), "Bewaard voor de verlengingen: Visa-kaart die eindigt op 4242"),
    ]

    # Two renewals are charged to the card on the last day of the term.
    life.go(date(2028, 3, 13))
    assert life.documents(1) == [("2028-00001", "1210.00", "issued", date(2028, 3, 14))]
    assert life.stands() == ("active", "connect", date(2028, 3, 14), None)
    days = (date(2028, 1, 14), date(2028, 2, 13), date(2028, 3, 7))
    assert life.told() == announced(*days, "14 maart 2028", "2028-00001")
    life.go(date(2028, 3, 15))
    assert life.documents(1) == [("2028-00001", "1210.00", "paid", date(2028, 3, 14))]
    assert Payment.objects.latest("pk").received_on == date(2028, 3, 14)
    assert life.stands() == ("active", "connect", date(2029, 3, 14), None)
    life.go(date(2029, 3, 15))
    assert life.documents(2) == [("2029-00001", "1210.00", "paid", date(2029, 3, 14))]
    assert life.stands() == ("active", "connect", date(2030, 3, 14), None)
    days = (date(2029, 1, 13), date(2029, 2, 12), date(2029, 3, 7))
    assert life.told() == announced(*days, "14 maart 2029", "2029-00001")

    # The third is paid at the bank: the member took the card away.
    assert post_own(log_in(), "means_stop", life.membership.organisation_id).status_code == 302
    life.go(date(2030, 2, 20))
    assert life.pay_by_bank() == YEAR
    life.go(date(2030, 3, 15))
    assert life.documents(3) == [("2030-00001", "1210.00", "paid", date(2030, 3, 14))]
    assert life.stands() == ("active", "connect", date(2031, 3, 14), None)
    assert [said for _day, said in life.told()].count(ENDS.format("14 maart 2030")) == 3

    # The fourth on the pay page, by another card that is kept for the next.
    life.go(date(2031, 3, 1))
    pay_on_page(log_in(), clock.stripe, own_page(life.last), saves=True, refusal="insufficient_funds")
    life.go(date(2031, 9, 15))
    assert life.documents(4) == [("2031-00001", "1210.00", "paid", date(2031, 3, 14))]
    assert life.stands() == ("active", "connect", date(2032, 3, 14), None)
    assert ChargeTry.objects.count() == 2
    life.told()

    # A higher tier for the last 182 of 366 days: 2,000 more a year, so 994.54, and VAT of 208.85.
    assert upgrade(log_in(), life.membership, "cultivate") == Decimal("994.54")
    assert life.stands() == ("active", "cultivate", date(2032, 3, 14), None)
    assert life.documents(5) == [("2031-00002", "1203.39", "issued", date(2031, 10, 15))]
    assert life.access == (200, True, CULTIVATE)
    assert life.told() == [(date(2031, 9, 15), "Factuur 2031-00002")]
    assert life.pay_by_bank() == Decimal("1203.39")

    # The next renewal, at the new price, is refused on the last day, and tried again after 3 and 7 days.
    life.go(date(2032, 3, 14))
    assert life.documents(5) == [
        ("2031-00002", "1203.39", "paid", date(2031, 10, 15)),
        ("2032-00001", "3630.00", "issued", date(2032, 3, 14)),
    ]
    assert life.stands() == ("active", "cultivate", date(2032, 3, 14), None)
    life.go(date(2032, 3, 15))
    assert life.stands() == ("past_due", "cultivate", date(2033, 3, 14), date(2032, 5, 14))
    assert life.access == (200, True, CULTIVATE)
    days = (date(2032, 1, 14), date(2032, 2, 13), date(2032, 3, 7))
    assert life.told() == [
        *announced(*days, "14 maart 2032", "2032-00001"),
        (date(2032, 3, 14), "De automatische betaling van factuur 2032-00001 werd geweigerd"),
        (date(2032, 3, 15), "Het lidmaatschap van Lantaarnwerk is nog niet betaald"),
    ]
    life.go(date(2032, 4, 13))
    failed = ChargeTry.objects.filter(status="failed").order_by("pk").values_list("tried_on", "amount")
    tries = (date(2032, 3, 14), date(2032, 3, 17), date(2032, 3, 21))
    assert list(failed) == [(day, Decimal("3630.00")) for day in tries]
    assert life.stands()[0] == "past_due"
    assert life.told() == [
        (date(2032, 3, 17), "De automatische betaling van factuur 2032-00001 werd geweigerd"),
        (date(2032, 3, 21), "Gelieve factuur 2032-00001 zelf te betalen"),
        (date(2032, 3, 22), "Herinnering: factuur 2032-00001 staat nog open"),
        (date(2032, 4, 4), "Tweede herinnering: factuur 2032-00001 staat nog open"),
    ]

    # Thirty days late the zone is there to read; thirty more, and all that hangs on it ends at once.
    life.go(date(2032, 4, 14))
    assert life.stands() == ("grace", "cultivate", date(2033, 3, 14), date(2032, 5, 14))
    assert life.access == (200, False, CULTIVATE)
    organisation = Organisation.objects.get()
    post_own(log_in(), "invite", organisation.pk, email="collega@lantaarnwerk.example", language="nl")
    assert not Invitation.objects.exists()
    life.go(date(2032, 5, 13))
    assert life.access == (200, False, CULTIVATE)
    life.told()
    life.go(date(2032, 5, 14))
    assert life.stands() == ("lapsed", "cultivate", date(2032, 5, 13), None)
    assert life.access == (404, False, set())
    assert not PaymentMeans.objects.filter(status="active").exists()
    assert life.documents(6) == [
        ("2032-00001", "3630.00", "credited", date(2032, 3, 14)),
        ("CN2032-00001", "3630.00", "issued", date(2032, 5, 14)),
    ]
    assert life.told() == [
        (date(2032, 5, 14), "Het lidmaatschap van Lantaarnwerk is beëindigd"),
        (date(2032, 5, 14), "Creditnota CN2032-00001"),
    ]
    life.go(date(2032, 9, 1))
    assert (life.told(), len(life.documents())) == ([], 8)

    # The contact, who can still log in, joins again: the same organisation and customer, a term of its own.
    page = send_join_form(log_in(), tier="connect", payment="online")
    pay_on_page(Client(), clock.stripe, page)
    assert life.stands() == ("active", "connect", date(2033, 8, 31), None)
    assert life.documents(8) == [("2032-00002", "1210.00", "paid", date(2032, 10, 1))]
    assert life.access == (200, True, CONNECT)
    assert (Organisation.objects.count(), Customer.objects.count(), Membership.objects.count()) == (1, 1, 2)
    paid = [str(amount) for amount in Payment.objects.order_by("pk").values_list("amount", flat=True)]
    assert paid == ["1210.00"] * 5 + ["1203.39", "1210.00"]


def test_the_steering_group_engages_for_four_years_is_invoiced_yearly_and_then_goes_on_by_the_year(
    life: Life,
) -> None:
    life.wake_at(date(2027, 6, 1))
    send_join_form(Client(), tier="stuurgroep", payment="transfer")
    life.told()
    assert life.documents() == [("2027-00001", "18150.00", "issued", date(2027, 7, 1))]
    life.pay_by_bank()
    assert life.membership.engaged_until == date(2031, 5, 31)
    for year in (2028, 2029, 2030):
        assert life.stands() == ("active", "stuurgroep", date(year, 5, 31), None)
        # Not even announced for later: the engagement goes on.
        assert not choose_next_tier(log_in(), life.membership, "connect")
        assert life.membership.next_tier is None
        life.go(date(year, 5, 10))
        assert life.documents()[-1][1:] == ("18150.00", "issued", date(year, 5, 31))
        life.pay_by_bank()
        life.go(date(year, 6, 1))
        assert life.membership.engaged_until == date(2031, 5, 31)
    assert life.access == (200, True, {*CULTIVATE, "stuurgroep"})

    # In the fourth year the tier of the fifth may be chosen, and be taken back; the fifth stands by itself.
    assert choose_next_tier(log_in(), life.membership, "connect")
    assert choose_next_tier(log_in(), life.membership, "stuurgroep")
    life.go(date(2031, 5, 10))
    life.pay_by_bank()
    life.told()
    life.go(date(2031, 6, 1))
    assert life.stands() == ("active", "stuurgroep", date(2032, 5, 31), None)
    assert life.membership.engaged_until is None
    assert [document[1:3] for document in life.documents()] == [("18150.00", "paid")] * 5

    # Nothing binds any more: a lower tier from the sixth year on.
    assert choose_next_tier(log_in(), life.membership, "cultivate")
    assert (life.stands()[1], life.membership.next_tier.slug) == ("stuurgroep", "cultivate")
    life.go(date(2032, 5, 10))
    assert life.documents(5) == [("2032-00001", "3630.00", "issued", date(2032, 5, 31))]
    life.pay_by_bank()
    life.go(date(2032, 5, 31))
    assert life.access == (200, True, {*CULTIVATE, "stuurgroep"})
    life.go(date(2032, 6, 1))
    assert life.stands() == ("active", "cultivate", date(2033, 5, 31), None)
    assert life.access == (200, True, CULTIVATE)
    assert not any("Herinnering" in said or "niet betaald" in said for _day, said in life.told())


def test_who_joins_on_a_leap_day_has_terms_without_a_gap_or_a_day_twice(life: Life) -> None:
    life.wake_at(date(2028, 2, 29))
    send_join_form(Client(), tier="connect", payment="transfer")
    life.pay_by_bank()
    life.told()
    terms = [
        # last day, and the days of the notices 60, 30 and 7 days before it
        (date(2029, 2, 28), date(2028, 12, 30), date(2029, 1, 29), date(2029, 2, 21)),
        (date(2030, 2, 28), date(2029, 12, 30), date(2030, 1, 29), date(2030, 2, 21)),
        (date(2031, 2, 28), date(2030, 12, 30), date(2031, 1, 29), date(2031, 2, 21)),
        (date(2032, 2, 29), date(2031, 12, 31), date(2032, 1, 30), date(2032, 2, 22)),
    ]
    following = [*(term[0] for term in terms[1:]), date(2033, 2, 28)]
    for (ends_on, *notices), next_ends_on in zip(terms, following, strict=True):
        life.go(ends_on - 5 * ONE)
        assert life.stands() == ("active", "connect", ends_on, None)
        line = life.last.lines.get()
        assert (life.last.due_on, line.period_from, line.period_to) == (ends_on, ends_on + ONE, next_ends_on)
        assert life.pay_by_bank() == YEAR
        assert [day for day, said in life.told() if "wordt verlengd na" in said] == notices
        life.go(ends_on)
        assert life.stands() == ("active", "connect", ends_on, None)

    # On the leap day itself, the last of a term: one day of 366 dearer, and the next year, paid by now.
    assert life.clock.today == date(2032, 2, 29)
    assert upgrade(log_in(), life.membership, "cultivate") == Decimal("5.46")
    assert life.documents(5) == [
        ("2032-00002", "6.61", "issued", date(2032, 3, 30)),
        ("2032-00003", "2420.00", "issued", date(2032, 3, 30)),
    ]
    for invoice in Invoice.objects.order_by("pk")[5:]:
        transfer(invoice, life.clock.today, open_amount(invoice))
    life.go(date(2032, 3, 1))
    assert life.stands() == ("active", "cultivate", date(2033, 2, 28), None)
    assert life.access == (200, True, CULTIVATE)
    assert {document[2] for document in life.documents()} == {"paid"}


@pytest.mark.parametrize("is_daily", [False, True], ids=["by what is due", "by the day"])
def test_the_days_that_the_lives_leave_out_change_nothing(life: Life, is_daily: bool) -> None:
    """A member who never pays, from before the invoice to grace."""
    life.wake_at(date(2027, 3, 15))
    send_join_form(Client(), tier="connect", payment="transfer")
    life.pay_by_bank()
    life.go(date(2028, 2, 11))
    life.told()
    if is_daily:
        life.clock.go(date(2028, 4, 16), since=date(2028, 2, 12))
    else:
        life.go(date(2028, 4, 16))
    invoice = "factuur 2028-00001 staat nog open"
    assert life.told() == [
        (date(2028, 2, 13), ENDS.format("14 maart 2028")),
        (date(2028, 2, 13), "Factuur 2028-00001"),
        (date(2028, 3, 7), ENDS.format("14 maart 2028")),
        (date(2028, 3, 15), "Het lidmaatschap van Lantaarnwerk is nog niet betaald"),
        (date(2028, 3, 21), f"Herinnering: {invoice}"),
        (date(2028, 4, 4), f"Tweede herinnering: {invoice}"),
        (
            date(2028, 4, 14),
            "Het lidmaatschap van Lantaarnwerk eindigt op 14 mei 2028, tenzij het betaald wordt",
        ),
    ]
    assert life.stands() == ("grace", "connect", date(2029, 3, 14), date(2028, 5, 14))
    assert life.documents(1) == [("2028-00001", "1210.00", "overdue", date(2028, 3, 14))]
    acts = ModelLogEntry.objects.filter(timestamp__date__gte=date(2028, 2, 12)).order_by("timestamp", "pk")
    log: dict[date, list[str]] = {}
    for each in acts:
        log.setdefault(timezone.localdate(each.timestamp), []).append(each.action)
    assert log == {
        date(2028, 2, 13): [
            *("billing.issue", "billing.peppol", "membership.invoice", "membership.announce"),
            *("billing.peppol", "billing.mail"),
        ],
        date(2028, 3, 7): ["membership.announce"],
        date(2028, 3, 15): ["membership.renew", "billing.overdue", "membership.past_due"],
        date(2028, 3, 21): ["billing.remind"],
        date(2028, 4, 4): ["billing.remind"],
        date(2028, 4, 14): ["membership.grace"],
    }
