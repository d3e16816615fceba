from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.money import (
    add_up,
    cents,
    credit_fits,
    from_minor_units,
    is_part,
    line_net,
    split_payment,
    spread_vat,
    to_minor_units,
    totals,
)

amounts = st.decimals(min_value="-1000000", max_value="1000000", places=2)
positive = st.decimals(min_value="0.01", max_value="1000000", places=2)
rates = st.sampled_from([Decimal("21.00"), Decimal("12.00"), Decimal("6.00")])


@dataclass(frozen=True)
class Line:
    net: Decimal
    vat_rate: Decimal = Decimal("21.00")
    vat_category: str = "S"


def test_halves_go_up_away_from_zero() -> None:
    assert [cents(Decimal(text)) for text in ("0.005", "0.015", "1.004999", "-0.005")] == [
        Decimal("0.01"),
        Decimal("0.02"),
        Decimal("1.00"),
        Decimal("-0.01"),
    ]
    assert line_net(Decimal("0.333"), Decimal("100.00")) == Decimal("33.30")


def test_vat_is_rounded_once_on_the_sum_of_a_rate() -> None:
    # Line by line it would be 3 × 0.02 = 0.06.
    assert totals([Line(Decimal("0.07"))] * 3).vat == Decimal("0.04")


def test_the_same_rate_written_otherwise_is_one_rate() -> None:
    sums = totals([Line(Decimal(1), Decimal("21")), Line(Decimal(1), Decimal("21.00"))])
    assert [(part.rate, part.net) for part in sums.per_rate] == [(Decimal(21), Decimal(2))]


@given(st.lists(st.builds(Line, net=amounts, vat_rate=rates), max_size=20))
def test_lines_add_up_to_the_total(lines: list[Line]) -> None:
    sums = totals(lines)
    assert sums.net == sum((line.net for line in lines), Decimal(0))
    assert sums.gross == sums.net + sums.vat
    assert sums.vat == sum((part.vat for part in sums.per_rate), Decimal(0))
    assert all(abs(part.vat - part.net * part.rate / 100) <= Decimal("0.005") for part in sums.per_rate)
    assert all(amount == cents(amount) for amount in (sums.net, sums.vat, sums.gross))


@given(st.lists(st.builds(Line, net=amounts, vat_rate=rates), max_size=10), st.randoms())
def test_the_order_of_the_lines_does_not_matter(lines: list[Line], random: Random) -> None:
    shuffled = list(lines)
    random.shuffle(shuffled)
    assert totals(shuffled) == totals(lines)


@given(positive, amounts)
def test_a_payment_is_divided_without_loss(received: Decimal, left: Decimal) -> None:
    settled, surplus = split_payment(received, left)
    assert settled + surplus == received
    assert settled >= 0
    assert surplus >= 0
    assert settled <= max(left, Decimal(0))


@given(positive)
def test_whole_cents_go_to_stripe_and_back(amount: Decimal) -> None:
    assert from_minor_units(to_minor_units(amount)) == amount


@given(st.lists(st.builds(Line, net=amounts, vat_rate=rates), max_size=12))
def test_the_vat_of_the_lines_comes_to_that_of_the_invoice(lines: list[Line]) -> None:
    shares = spread_vat(lines)
    assert sum(shares) == totals(lines).vat
    for line, share in zip(lines, shares, strict=True):
        assert abs(share - line.net * line.vat_rate / 100) <= Decimal("0.01")
        assert share == cents(share)


def test_three_lines_of_a_third_share_one_cent() -> None:
    lines = [Line(Decimal("0.02"))] * 3  # 0.0126 together, each 0.0042
    assert [str(share) for share in spread_vat(lines)] == ["0.00", "0.01", "0.00"]


@dataclass(frozen=True)
class Booked(Line):
    vat: Decimal = Decimal(0)


def note_of(lines: list[Line], earlier: list[Booked]) -> list[Booked]:
    shares = spread_vat(lines, after=earlier)
    return [
        Booked(line.net, line.vat_rate, line.vat_category, vat)
        for line, vat in zip(lines, shares, strict=True)
    ]


@given(
    st.lists(st.builds(Line, net=positive, vat_rate=rates), min_size=1, max_size=6),
    st.lists(st.lists(st.integers(0, 100), min_size=6, max_size=6), max_size=6),
)
def test_credit_notes_that_come_to_the_whole_give_exactly_its_vat(
    lines: list[Line], steps: list[list[int]]
) -> None:
    left = [line.net for line in lines]
    credited: list[Booked] = []
    for percents in [*steps, [100] * 6]:
        parts = [cents(net * percent / 100) for net, percent in zip(left, percents, strict=False)]
        note = note_of([replace(line, net=part) for line, part in zip(lines, parts, strict=True)], credited)
        left = [net - part for net, part in zip(left, parts, strict=True)]
        for part in add_up(note).per_rate:
            assert part.vat >= 0
            assert abs(part.vat - cents(part.net * part.rate / 100)) <= Decimal("0.01")
        credited += note
        assert credit_fits(invoiced=lines, credited=credited)
        assert add_up(credited).gross <= totals(lines).gross
    assert left == [0] * len(lines)
    assert add_up(credited) == totals(lines)


def test_the_last_of_several_notes_takes_the_cent_that_is_left() -> None:
    third = Line(Decimal("0.03"))  # 0.0063 of VAT, 0.0189 for three
    credited: list[Booked] = []
    vats = []
    for _number in range(3):
        note = note_of([third], credited)
        vats.append(str(add_up(note).vat))
        credited += note
    assert vats == ["0.01", "0.00", "0.01"]
    assert add_up(credited).vat == totals([Line(Decimal("0.09"))]).vat


def test_a_reduction_is_credited_along_with_what_it_reduces() -> None:
    thousand, reduction = Line(Decimal(1000)), Line(Decimal(-200))
    exempt = Line(Decimal(500), Decimal(0), "E")
    invoiced = [thousand, reduction, exempt]

    def fits(*credited: Line) -> bool:
        return credit_fits(invoiced=invoiced, credited=credited)

    assert fits(thousand, reduction)
    assert fits(Line(Decimal(800)))
    assert not fits(thousand), "more VAT than was invoiced, though less than the total"
    assert not fits(reduction)
    assert not fits(Line(Decimal("800.01")))
    assert not fits(Line(Decimal(1), Decimal(6))), "a rate that the invoice has not"


@pytest.mark.parametrize(("amount", "whole", "fits"), [
    ("0", "5", True), ("5", "5", True), ("5.01", "5", False), ("-0.01", "5", False),
    ("-5", "-5", True), ("-5.01", "-5", False), ("0.01", "-5", False), ("0", "0", True),
])  # fmt: skip
def test_a_part_lies_between_nothing_and_the_whole(amount: str, whole: str, fits: bool) -> None:
    assert is_part(Decimal(amount), Decimal(whole)) is fits
