"""A tier includes so many places; one more costs its price for the rest of the term, and then each year."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from billing.models import CheckoutAttempt, Invoice
from home.models import HomePage
from membership.models import Affiliation, Charge, Invitation, Membership, Tier
from membership.money import fee_of_term, price_of_change
from membership.operations.changes import announce_tier, upgrade_membership
from membership.operations.invitations import (
    accept_invitation,
    answer_request,
    invite_colleague,
    withdraw_invitation,
)
from membership.operations.people import remove_colleague
from membership.operations.privacy import erase_person
from membership.operations.renewing import fit_places
from membership.operations.seats import NoSeatLeft
from membership.queries import (
    charges_of_next_term,
    charges_of_term,
    next_fees,
    next_term_of,
    seat_quote,
    seats_of,
    stretches_of,
    upgrade_quote,
)
from membership.rules import extra_seats, last_day_of_term
from tests.factories.accounts import make_user
from tests.factories.billing import fill_in_issuer
from tests.membership.life import FIRST, live, mails, member, morning, pay_all

pytestmark = pytest.mark.django_db
HALF = date(2027, 8, 31)  # 183 of the 366 days of the term are left
SEAT = Decimal("100.00")


@pytest.fixture(autouse=True)
def _two_seats() -> None:
    fill_in_issuer()
    Tier.objects.filter(slug="connect").update(seats=2, seat_fee=SEAT)
    Tier.objects.filter(slug="cultivate").update(seats=2, seat_fee=Decimal("50.00"))


@pytest.fixture
def membership_out() -> Membership:
    """A member whose next term is invoiced, and not paid yet."""
    membership = member()
    live(FIRST, date(2028, 2, 10))
    membership.refresh_from_db()
    return membership


def open_nets() -> list[Decimal]:
    """What is asked for and not paid, without VAT."""
    asked = Invoice.objects.filter(status__in=Invoice.OPEN, kind="invoice").order_by("pk")
    return [invoice.net for invoice in asked]


def invite(membership: Membership, name: str, on: date = HALF, quoted: Decimal | None = None) -> Invitation:
    return invite_colleague(
        organisation=membership.organisation,
        email=f"{name}@lantaarnwerk.example",
        language="nl",
        quoted=quoted,
        at=morning(on),
        by=None,
    )


def add_colleague(membership: Membership, name: str) -> User:
    user: User = make_user(email=f"{name}@lantaarnwerk.example")
    Affiliation.objects.create(organisation=membership.organisation, user=user)
    return user


def nets() -> list[Decimal]:
    return list(Invoice.objects.order_by("pk").values_list("net", flat=True))


def test_places_of_the_tier_are_free_and_one_more_is_invoiced_to_the_cent() -> None:
    membership = member()
    invite(membership, "een")
    assert seats_of(membership).left == 0  # the main contact and the invitation
    with pytest.raises(NoSeatLeft) as full:
        invite(membership, "twee")
    quote = full.value.quote
    assert quote is not None
    assert (quote.amount, quote.yearly_fee, quote.ends_on) == (SEAT / 2, SEAT, date(2028, 2, 29))
    assert quote.next_amount == 0
    with pytest.raises(NoSeatLeft):
        invite(membership, "twee", quoted=Decimal("1.00"))
    assert Invitation.objects.count() == 1
    invite(membership, "twee", quoted=quote.amount)
    assert nets() == [1000, 50]
    (line,) = Invoice.objects.latest("pk").lines.all()
    assert line.text == "Extra plaats voor een collega"
    assert (line.period_from, line.period_to) == (HALF, date(2028, 2, 29))
    assert (seats_of(membership).extra, seats_of(membership).left) == (1, 0)


def test_a_place_that_was_paid_stays_for_somebody_else_until_the_term_ends() -> None:
    membership = member()
    first = invite(membership, "een")
    invite(membership, "twee", quoted=SEAT / 2)
    withdraw_invitation(invitation=first, at=morning(HALF), by=None)
    assert seats_of(membership).left == 1
    invite(membership, "drie")
    assert nets() == [1000, 50]


def test_the_next_term_counts_the_places_that_are_taken() -> None:
    membership = member()
    for name in ("een", "twee", "drie"):
        add_colleague(membership, name)
    term = next_term_of(membership)
    assert (term.extra_seats, term.seats_fee, term.total_fee) == (2, Decimal(200), Decimal(1200))
    assert next_fees(membership)[membership.tier_id] == term.total_fee
    live(FIRST, date(2028, 2, 10))
    invoice = Invoice.objects.latest("pk")
    assert [(line.text, line.net) for line in invoice.lines.all()] == [
        ("Lidmaatschap Connect, 12 maanden", Decimal(1000)),
        ("2 extra plaatsen voor collega’s", Decimal(200)),
    ]
    notice = mails("renewal_notice")[-1].text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Extra plaatsen: 2" in notice
    assert "1.200,00 euro" in notice
    pay_all(date(2028, 2, 12))
    live(date(2028, 2, 12), date(2028, 3, 2))
    membership.refresh_from_db()
    assert seats_of(membership).extra == 2
    gone = Affiliation.objects.get(user__email="een@lantaarnwerk.example")
    remove_colleague(affiliation=gone, at=morning(date(2028, 3, 3)), by=None)
    assert seats_of(membership).left == 1  # paid for until the term ends
    assert next_term_of(membership).extra_seats == 1


def test_a_place_bought_while_the_next_term_is_invoiced_counts_there_too() -> None:
    membership = member()
    add_colleague(membership, "een")
    live(FIRST, date(2028, 2, 10))
    on = date(2028, 2, 11)
    quote = seat_quote(membership=membership, at=morning(on))
    assert quote is not None
    assert quote.next_amount == SEAT
    with pytest.raises(NoSeatLeft):
        invite(membership, "twee", on, quoted=quote.amount)
    invite(membership, "twee", on, quoted=quote.total)
    open_ones = Invoice.objects.filter(status="issued", kind="invoice").order_by("pk")
    assert [invoice.net for invoice in open_ones] == [quote.amount, 1100]


def test_beside_a_next_term_that_is_paid_only_the_place_is_invoiced() -> None:
    membership = member()
    add_colleague(membership, "een")
    live(FIRST, date(2028, 2, 10))
    pay_all(date(2028, 2, 11))
    on = date(2028, 2, 12)
    quote = seat_quote(membership=membership, at=morning(on))
    assert quote is not None
    invite(membership, "twee", on, quoted=quote.total)
    assert nets()[-2:] == [quote.amount, SEAT]
    pay_all(on)
    live(on, date(2028, 3, 2))
    membership.refresh_from_db()
    assert (seats_of(membership).extra, charges_of_term(membership)[-1].total_fee) == (1, Decimal(1100))


def test_an_upgrade_costs_the_difference_of_the_tiers_and_keeps_the_places() -> None:
    membership = member()
    invite(membership, "een")
    invite(membership, "twee", quoted=SEAT / 2)
    pay_all(HALF)
    membership.refresh_from_db()
    tier = Tier.objects.get(slug="cultivate")
    quote = upgrade_quote(membership=membership, tier=tier, at=morning(HALF))
    assert quote.amount == 1000  # half of 3000 - 1000
    upgrade_membership(membership=membership, tier=tier, quoted=quote.amount, at=morning(HALF), by=None)
    membership.refresh_from_db()
    assert (seats_of(membership).extra, seats_of(membership).left) == (1, 0)
    charged = sum(nets(), Decimal(0))
    term = charges_of_term(membership)
    assert charged == fee_of_term(
        starts_on=FIRST, ends_on=last_day_of_term(FIRST), stretches=stretches_of(term)
    )
    assert next_term_of(membership).total_fee == 3050


def test_without_a_price_or_while_unpaid_there_is_no_extra_place() -> None:
    membership = member()
    invite(membership, "een")
    Tier.objects.filter(slug="connect").update(seat_fee=None)
    membership.tier.refresh_from_db()
    with pytest.raises(NoSeatLeft) as full:
        invite(membership, "twee", quoted=Decimal(0))
    assert full.value.quote is None
    Tier.objects.filter(slug="connect").update(seat_fee=SEAT)
    Membership.objects.update(status="past_due", lapses_on=date(2027, 12, 1))
    with pytest.raises(NoSeatLeft) as full:
        invite(membership, "twee", quoted=SEAT / 2)
    assert full.value.quote is None
    Tier.objects.filter(slug="connect").update(seats=None)
    invite(membership, "twee")
    assert Charge.objects.count() == 1


def test_who_asks_while_all_places_are_taken_and_the_main_contact_hear_of_it() -> None:
    membership = member()
    membership.organisation.email_domains.create(domain="lantaarnwerk.example", allowed_at=morning(FIRST))
    invite(membership, "een")
    for _time in range(2):
        answer_request(email="twee@lantaarnwerk.example", language="nl", at=morning(HALF))
    assert {mail.recipient for mail in mails("no_place")} == {"twee@lantaarnwerk.example"}
    assert [mail.recipient for mail in mails("place_wanted")] == ["noor@lantaarnwerk.example"]
    assert Invitation.objects.count() == 1


def test_a_place_that_is_free_this_year_is_paid_in_a_next_one_that_is_out(membership_out: Membership) -> None:
    """The tier of this year has no limit, that of the next one has two places and is invoiced already."""
    on = date(2028, 2, 11)
    Tier.objects.filter(slug="connect").update(seats=None)
    later = Tier.objects.get(slug="inform")
    Tier.objects.filter(slug="inform").update(seats=2, seat_fee=SEAT)
    announce_tier(membership=membership_out, tier=later, at=morning(on), by=None)
    add_colleague(membership_out, "een")
    quote = seat_quote(membership=membership_out, at=morning(on))
    assert quote is not None
    assert (quote.amount, quote.next_amount) == (Decimal(0), SEAT)
    with pytest.raises(NoSeatLeft):
        invite(membership_out, "twee", on)
    invite(membership_out, "twee", on, quoted=SEAT)
    assert next_term_of(membership_out).total_fee == 135 + SEAT
    assert open_nets() == [135 + SEAT]


def test_a_place_that_comes_free_before_the_next_term_is_paid_is_not_asked(
    membership_out: Membership,
) -> None:
    on = date(2028, 2, 11)
    for name in ("een", "twee"):
        quote = seat_quote(membership=membership_out, at=morning(on))
        assert quote is not None
        last = invite(membership_out, name, on, quoted=quote.total)
    assert open_nets()[-1] == 1000 + SEAT
    withdraw_invitation(invitation=last, at=morning(on), by=None)
    assert open_nets()[-1] == 1000


def test_places_that_nobody_asks_for_any_more_are_not_asked_the_day_after(membership_out: Membership) -> None:
    on = date(2028, 2, 11)
    for name in ("een", "twee"):
        quote = seat_quote(membership=membership_out, at=morning(on))
        assert quote is not None
        last = invite(membership_out, name, on, quoted=quote.total)
    gone = add_colleague(membership_out, "drie")
    fit_places(membership_out, at=morning(on), by=None)
    assert open_nets()[-1] == 1000 + 2 * SEAT
    erase_person(gone, morning(on))
    last.expires_at = morning(on) + timedelta(hours=12)
    last.save()
    assert open_nets()[-1] == 1000 + 2 * SEAT
    live(on + timedelta(days=1), on + timedelta(days=2))
    assert open_nets()[-1] == 1000
    documents = Invoice.objects.count()
    add_colleague(membership_out, "vier")
    add_colleague(membership_out, "vijf")
    live(on + timedelta(days=3), on + timedelta(days=3))
    assert Invoice.objects.count() == documents, "nothing is asked of which nobody was told"


def test_what_is_paid_of_the_next_term_never_goes_down_nor_counts_twice(membership_out: Membership) -> None:
    """Paid with an extra place; who has it goes, another comes, the price changes, an upgrade."""
    on = date(2028, 2, 11)
    for name in ("een", "twee"):
        add_colleague(membership_out, name)
    fit_places(membership_out, at=morning(on), by=None)
    pay_all(on)
    assert nets()[-1] == 1100
    gone = Affiliation.objects.get(user__email="een@lantaarnwerk.example")
    remove_colleague(affiliation=gone, at=morning(on), by=None)
    Tier.objects.filter(slug="connect").update(seat_fee=Decimal(150))
    membership_out.refresh_from_db()
    quote = seat_quote(membership=membership_out, at=morning(on))
    assert quote is not None
    assert quote.next_amount == 0  # the place of who left is paid
    invite(membership_out, "drie", on, quoted=quote.total)
    quote = seat_quote(membership=Membership.objects.get(), at=morning(on))
    assert quote is not None
    assert quote.next_amount == 150  # only the new one, at the new price
    invite(membership_out, "vier", on, quoted=quote.total)
    tier = Tier.objects.get(slug="cultivate")
    membership_out.refresh_from_db()
    more = upgrade_quote(membership=membership_out, tier=tier, at=morning(on))
    upgrade_membership(membership=membership_out, tier=tier, quoted=more.amount, at=morning(on), by=None)
    charges = charges_of_next_term(Membership.objects.get())
    invoiced = sum((each.invoice.net for each in charges if each.invoice), Decimal(0))
    assert invoiced == charges[-1].total_fee == 3000 + 250


def test_a_renewal_that_is_not_paid_after_all_takes_what_was_added_along(membership_out: Membership) -> None:
    on, tier = date(2028, 2, 11), Tier.objects.get(slug="cultivate")
    add_colleague(membership_out, "een")
    renewal = charges_of_next_term(membership_out)[0].invoice
    assert renewal is not None
    attempt = CheckoutAttempt.objects.create(
        invoice=renewal, number=1, amount=renewal.gross, created_at=morning(on), status="pending"
    )
    quote = seat_quote(membership=membership_out, at=morning(on))
    assert quote is not None
    invite(membership_out, "twee", on, quoted=quote.total)
    assert len(charges_of_next_term(membership_out)) == 2
    attempt.status = "failed"
    attempt.save()
    more = upgrade_quote(membership=membership_out, tier=tier, at=morning(on))
    upgrade_membership(membership=membership_out, tier=tier, quoted=more.amount, at=morning(on), by=None)
    (only,) = charges_of_next_term(Membership.objects.get())
    assert (only.tier, only.total_fee) == (tier, Decimal(3050))
    assert open_nets()[-1] == 3050


def test_who_asks_by_the_domain_keeps_no_place_from_others(membership_out: Membership) -> None:
    organisation, on = membership_out.organisation, date(2028, 2, 11)
    organisation.email_domains.create(domain="lantaarnwerk.example", allowed_at=morning(FIRST))
    for name in ("bot1", "bot2", "bot3"):
        answer_request(email=f"{name}@lantaarnwerk.example", language="nl", at=morning(on))
    waiting = Invitation.objects.get(email="bot1@lantaarnwerk.example")
    assert seats_of(membership_out).left == 1
    invite(membership_out, "een", on)
    with pytest.raises(NoSeatLeft):
        accept_invitation(invitation=waiting, first_name="A", last_name="B", at=morning(on))
    assert Affiliation.objects.count() == 1


def test_the_form_shows_the_price_and_keeps_what_was_typed_when_it_changes(
    client: Client, home: HomePage
) -> None:
    membership = member(timezone.localdate())
    client.force_login(User.objects.get(email="noor@lantaarnwerk.example"))
    address = reverse("membership:own_invite", args=[membership.organisation_id])
    words = {"role": "colleague", "language": "nl"}
    client.post(address, {**words, "email": "een@lantaarnwerk.example"})
    page = client.get(address).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert "100,00 euro exclusief btw (121,00 euro inclusief btw)" in page
    assert 'name="quoted" value="100.00"' in page
    typed = {**words, "email": "twee@lantaarnwerk.example", "quoted": "99.00"}
    answer = client.post(address, typed).content.decode()
    assert "intussen" in answer
    assert 'value="twee@lantaarnwerk.example"' in answer
    assert 'name="quoted" value="100.00"' in answer
    assert client.post(address, {**typed, "quoted": "100.00"}).status_code == 302
    assert nets() == [1000, 100]
    assert "3 van 3 plaatsen" in client.get("/nl/mijn-organisatie/").content.decode()
    Tier.objects.update(seat_fee=None)
    assert client.get(address).status_code == 302  # nothing to offer


@given(st.none() | st.integers(1, 50), st.integers(0, 100))
def test_extra_places(included: int | None, taken: int) -> None:
    extra = extra_seats(included=included, taken=taken)
    assert extra >= 0
    assert included is None or taken <= included + extra
    assert extra == 0 or taken == (included or 0) + extra


@given(st.lists(st.integers(0, 365), max_size=6), st.decimals(1, 500, places=2))
def test_places_bought_on_any_days_cost_what_they_cost_in_one_sum(days: list[int], fee: Decimal) -> None:
    ends_on, membership_fee = last_day_of_term(FIRST), Decimal(1000)
    stretches = stretches_of([Charge(from_on=FIRST, yearly_fee=membership_fee)])
    charged = membership_fee
    charges = [Charge(from_on=FIRST, yearly_fee=membership_fee)]
    for seats, day in enumerate(sorted(days), start=1):
        on = date.fromordinal(FIRST.toordinal() + day)
        charged += price_of_change(
            starts_on=FIRST,
            ends_on=ends_on,
            stretches=stretches,
            on=on,
            yearly_fee=membership_fee + seats * fee,
        )
        charges.append(
            Charge(from_on=on, yearly_fee=membership_fee, extra_seats=seats, seats_fee=seats * fee)
        )
        stretches = stretches_of(charges)
    exact = membership_fee + sum((fee * (366 - day) / 366 for day in days), Decimal(0))
    assert abs(charged - exact) <= Decimal("0.005")
