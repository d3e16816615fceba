"""Many bank lines set aside or put back at once."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.models import Site

from accounts.models import User
from billing.models import BankEntry, Invoice
from billing.operations.bank_files import keep_bank_file
from billing.operations.bank_lines import assign_entry
from billing.operations.undoing import undo_by_line
from tests.billing.paying import pay
from tests.desk import chosen_on, confirm, many, person, words_of
from tests.factories.bank import bank_file, entry
from tests.factories.billing import issue, line

pytestmark = pytest.mark.django_db


@pytest.fixture
def treasurer(client: Client, site: Site) -> User:
    user = person("finance")
    client.force_login(user)
    return user


def address(action: str, *rows: Any, model: str = "bankentry", **query: str) -> str:
    return many(action, *rows, model=f"billing/{model}", **query)


@pytest.fixture
def told(client: Client, treasurer: User) -> Any:
    """What the page of an action says."""
    return lambda *args, **words: words_of(client.get(address(*args, **words)))


@pytest.fixture
def entries(treasurer: User) -> dict[str, BankEntry]:
    issue()
    content = bank_file(
        entry(50, text="gift", reference="1", name="Gever bv"),
        entry(2000, text="voor twee", reference="2"),
        entry(-8, text="kosten", reference="3"),
        entry(70, text="gift", reference="4"),
    )
    file = keep_bank_file(content=content, name="bank.xml", at=timezone.now(), by=None).file
    return {str(each.amount): each for each in file.entries.all()}


def test_many_bank_lines_are_set_aside_with_one_reason_and_put_back(
    client: Client, entries: dict[str, BankEntry], told: Any
) -> None:
    part = entries["2000.00"]
    assign_entry(
        entry=part, invoice=Invoice.objects.get(), amount=Decimal("1210.00"), reason="gebeld",
        at=timezone.now(), by=None,
    )  # fmt: skip
    rows = [entries[amount] for amount in ("50.00", "2000.00", "-8.00")]
    url = address("set-aside", *rows)
    page = words_of(client.get(url))
    assert "3 lijnen verdwijnen uit de wachtrij, met één reden." in page
    assert "Wat binnenkwam (840,00 euro) en wat uitging (8,00 euro), gaat naar geen enkele factuur." in page
    assert "24/11/2026, 50,00 euro, Gever bv: 50,00 euro gaat naar geen enkele factuur." in page
    assert "790,00 euro gaat naar geen enkele factuur." in page
    said = confirm(client, url, reason="niet voor ons")
    assert "3 lijnen zijn opzijgezet." in said
    found = BankEntry.objects.filter(status="set_aside", reason="niet voor ons")
    assert {each.pk for each in found} == {each.pk for each in rows}
    assert "Deze lijn wacht niet: opzijgezet." in told("set-aside", *rows)
    back = address("take-back", *rows, entries["70.00"])
    page = words_of(client.get(back))
    assert "3 lijnen wachten opnieuw" in page
    assert "Deze lijn is niet opzijgezet: te bekijken" in page
    assert "3 lijnen staan weer in de wachtrij." in confirm(client, back, reason="toch niet")
    assert BankEntry.objects.filter(status="waiting").count() == 4


def test_what_a_line_took_back_already_is_no_part_of_what_goes_to_no_invoice(
    client: Client, treasurer: User
) -> None:
    payment = pay(issue())
    content = bank_file(entry(-1500, text="terug", reference="5"), on=timezone.localdate())
    back = keep_bank_file(content=content, name="terug.xml", at=timezone.now(), by=None).file.entries.get()
    undo_by_line(
        entry=back, payment=payment, reason="x", seen=Decimal(0), at=timezone.now(), by=None
    )  # fmt: skip
    page = words_of(client.get(address("set-aside", back)))
    assert "wat uitging (290,00 euro)" in page
    assert "-290,00 euro gaat naar geen enkele factuur." in page


def test_a_bank_line_that_was_assigned_in_part_meanwhile_is_left_alone(
    client: Client, entries: dict[str, BankEntry]
) -> None:
    part = entries["2000.00"]
    url = address("set-aside", part, entries["50.00"])
    chosen = chosen_on(client.get(url))
    assign_entry(
        entry=part, invoice=Invoice.objects.get(), amount=Decimal("10.00"), reason="gebeld",
        at=timezone.now(), by=None,
    )  # fmt: skip
    said = words_of(client.post(url, {"chosen": chosen, "reason": "gift"}, follow=True))
    assert "1 lijn is opzijgezet." in said
    assert "Er is intussen iets gewijzigd." in said
    part.refresh_from_db()
    assert part.status == "waiting"


def test_all_bank_lines_that_a_filter_leaves_are_chosen_once(
    client: Client, entries: dict[str, BankEntry], told: Any
) -> None:
    part = entries["2000.00"]
    for amount in ("10.00", "20.00"):
        invoice = issue(line(unit_price=Decimal(amount)), reference="x")
        assign_entry(
            entry=part, invoice=invoice, amount=Decimal(amount), reason="gebeld", at=timezone.now(), by=None
        )
    prefix = Invoice.objects.latest("pk").number[:5]
    page = told("set-aside", "all", q=prefix)
    assert page.count("24/11/2026, 2.000,00 euro") == 1
    page = told("set-aside", "all", direction="out")
    assert "-8,00 euro" in page
    assert "Gever bv" not in page
