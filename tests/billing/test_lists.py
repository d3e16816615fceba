"""The lists of invoices, payments and bank lines: what filters, search and sorting leave, with its totals."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Site

from accounts.models import User
from billing.models import AutomaticPayment, BankEntry, CheckoutAttempt, Invoice, Payment, PaymentMeans
from billing.operations.bank_files import import_bank_file, keep_bank_file
from billing.operations.bank_lines import assign_entry, match_entries, set_aside_entry
from billing.operations.dunning import hold_dunning
from billing.operations.invoices import credit_invoice, record_payment
from billing.operations.overdue import mark_overdue
from billing.operations.undoing import undo_payment
from tests.desk import person, sums_of, titles_of
from tests.factories.bank import PAYER, bank_file, entry
from tests.factories.billing import CustomerFactory, fill_in_issuer, issue, line

pytestmark = pytest.mark.django_db
INVOICES, PAYMENTS, LINES = (f"/admin/billing/{name}/" for name in ("invoices", "payments", "bank-lines"))
OTHERS = (
    "/admin/billing/reversals/",
    "/admin/billing/means/",
    "/admin/billing/bank-files/",
    "/admin/memberships/automatic/",
)
EARLY, LATE = (datetime(2026, month, 1, 9, tzinfo=UTC) for month in (3, 9))


@pytest.fixture(autouse=True)
def treasurer(client: Client, site: Site) -> User:
    user = person("finance")
    client.force_login(user)
    fill_in_issuer()
    return user


def pay(invoice: Invoice, amount: str, **fields: Any) -> Payment:
    return record_payment(
        **{
            "invoice": invoice,
            "amount": Decimal(amount),
            "method": "transfer",
            "received_on": date(2026, 9, 2),
            "external_reference": f"{invoice.pk}-{amount}",
            "by": None,
            "at": LATE,
            **fields,
        }
    )


@pytest.fixture
def invoices() -> dict[str, Invoice]:
    """One in each state, of 100 EUR and its VAT times its place."""

    def make(place: int, name: str, at: datetime) -> Invoice:
        customer = CustomerFactory.create(name=name, enterprise_number="", vat_number="")
        return issue(line(unit_price=Decimal(100 * place)), customer=customer, at=at, reference=f"x:{place}")

    made = {
        "overdue": make(1, "Brugbouw", EARLY),
        "held": make(2, "Kaaiwerk", EARLY),
        "open": make(3, "Lampekap", LATE),
        "paid": make(4, "Molensteen", LATE),
        "credited": make(5, "Natuurpunt", LATE),
        "too much": make(6, "Omloop", LATE),
    }
    mark_overdue(EARLY + timedelta(days=60))
    hold_dunning(invoice=made["held"], reason="betwist", at=LATE, by=None)
    pay(made["paid"], "484.00")
    pay(made["too much"], "800.00", received_on=date(2026, 9, 12), method="cash", note="aan de balie")
    made["note"] = credit_invoice(
        invoice=made["credited"], reason="vergist", at=LATE, by=None, is_mailed=False
    )
    CheckoutAttempt.objects.create(
        invoice=made["open"], number=1, amount=made["open"].gross, status="pending", created_at=LATE
    )
    return made


def rows(client: Client, url: str, known: dict[str, Any], **query: Any) -> list[str]:
    """The rows of a list by the names of what is known, in order."""
    numbers = {each.number: name for name, each in known.items()}
    titles = titles_of(client.get(url, query))
    return [numbers[title.split()[0]] for title in titles]


FILTERS = [
    ({"status": "overdue"}, {"overdue", "held"}),
    ({"status": ["overdue", "issued"]}, {"overdue", "held", "open"}),
    ({"kind": "credit_note"}, {"note"}),
    ({"issued_on_from": "2026-09-01"}, {"open", "paid", "credited", "too much", "note"}),
    ({"issued_on_to": "2026-03-01"}, {"overdue", "held"}),
    ({"due_on_from": "2026-09-01", "kind": "invoice"}, {"open", "paid", "credited", "too much"}),
    ({"held": "true"}, {"held"}),
    ({"held": "false", "status": "overdue"}, {"overdue"}),
    ({"pending": "true"}, {"open"}),
    ({"refundable": "true"}, {"too much"}),
    ({"q": "Brugbouw"}, {"overdue"}),
    ({"q": "brugBOUW", "status": "paid"}, set()),
    ({"q": "x:3"}, {"open"}),
]


@pytest.mark.parametrize(("query", "left"), FILTERS, ids=[str(query) for query, _left in FILTERS])
def test_filters_and_search_leave_these_invoices(
    client: Client, invoices: dict[str, Invoice], query: dict[str, Any], left: set[str]
) -> None:
    found = rows(client, INVOICES, invoices, **query)
    assert sorted(found) == sorted(left), "each once"


def test_the_totals_of_invoices_are_those_of_what_is_left(
    client: Client, invoices: dict[str, Invoice]
) -> None:
    assert sums_of(client.get(INVOICES)) == {
        "Totaal exclusief btw": "1.600,00 euro",
        "Totaal": "1.936,00 euro",
        "Te betalen": "726,00 euro",
    }
    assert sums_of(client.get(INVOICES, {"status": "overdue"}))["Te betalen"] == "363,00 euro"
    assert sums_of(client.get(INVOICES, {"refundable": "true"}))["Terug te betalen"] == "74,00 euro"
    assert sums_of(client.get(INVOICES, {"q": "niemand"}))["Totaal"] == "0,00 euro"


@pytest.mark.parametrize(
    ("ordering", "first"),
    [
        ("gross", "overdue"), ("-gross", "too much"), ("due_on", "overdue"), ("-left", "open"),
        ("number", "overdue"), ("nonsense", "note"), ("", "note"),
    ],
)  # fmt: skip
def test_invoices_are_sorted(client: Client, invoices: dict[str, Invoice], ordering: str, first: str) -> None:
    found = rows(client, INVOICES, invoices, ordering=ordering)
    assert sorted(found) == sorted(invoices)
    assert found[0] == first


def exported(client: Client, url: str, **query: Any) -> list[str]:
    answer: Any = client.get(url, {"export": "csv", **query})
    return b"".join(answer.streaming_content).decode().splitlines()[1:]


def test_exports_hold_what_the_filters_leave(client: Client, invoices: dict[str, Invoice]) -> None:
    assert len(exported(client, INVOICES)) == 7
    found = exported(client, INVOICES, status="overdue", q="Kaaiwerk")
    assert [each.split(",")[0] for each in found] == [invoices["held"].number]
    assert [each.split(",")[2] for each in exported(client, PAYMENTS, method="cash")] == ["800.00"]


@pytest.mark.parametrize(
    ("query", "amounts"),
    [
        ({}, ["800,00 euro", "484,00 euro"]),
        ({"method": "cash"}, ["800,00 euro"]),
        ({"received_on_from": "2026-09-10"}, ["800,00 euro"]),
        ({"received_on_to": "2026-09-10"}, ["484,00 euro"]),
        ({"q": "balie"}, ["800,00 euro"]),
        ({"q": "Molensteen"}, ["484,00 euro"]),
        ({"ordering": "amount"}, ["484,00 euro", "800,00 euro"]),
        ({"q": "niemand"}, []),
        ({"is_too_much": "true"}, ["800,00 euro"]),
        ({"is_too_much": "false"}, ["484,00 euro"]),
        ({"recorded_by": "0"}, ["800,00 euro", "484,00 euro"]),
    ],
    ids=str,
)
def test_payments_that_filters_search_and_sorting_leave(
    client: Client, invoices: dict[str, Invoice], query: dict[str, str], amounts: list[str]
) -> None:
    answer = client.get(PAYMENTS, query)
    page = answer.content.decode().replace("\N{NO-BREAK SPACE}", " ").partition("<table")[2]
    places = {amount: page.find(amount) for amount in ("800,00 euro", "484,00 euro")}
    assert [each for each in sorted(places, key=lambda key: places[key]) if places[each] >= 0] == amounts
    received = {2: "1.284,00 euro", 0: "0,00 euro"}.get(len(amounts), amounts[0] if amounts else "")
    assert sums_of(answer)["Ontvangen"] == received
    if "800,00 euro" in amounts:
        assert sums_of(answer)["Waarvan te veel"] == "74,00 euro"


def test_a_payment_by_a_bank_file_is_of_who_uploaded_it(client: Client, treasurer: User) -> None:
    content = bank_file(entry(1210, structured=issue().structured_communication))
    import_bank_file(content=content, name="bank.xml", at=timezone.now(), by=treasurer)
    found = {
        who: client.get(PAYMENTS, {"recorded_by": who}).context["paginator"].count
        for who in ("0", str(treasurer.pk))
    }
    assert found == {"0": 0, str(treasurer.pk): 1}
    choices = dict(client.get(PAYMENTS).context["filters"].form.fields["recorded_by"].choices)
    assert choices["0"] == "niemand die bekend is: Stripe bijvoorbeeld"


def test_the_list_of_payments_keeps_room_for_whose_invoice_it_is(
    client: Client, invoices: dict[str, Invoice]
) -> None:
    columns = client.get(PAYMENTS).context["table"].columns
    wide = {name: column.width for name, column in columns.items() if column.width}
    assert wide == {"invoice": "20%"}, "a browser reads other units than per cent as pixels"


@pytest.fixture
def entries() -> dict[str, BankEntry]:
    invoice, other = issue(), issue(line(unit_price=Decimal(100)), reference="other")
    content = bank_file(
        entry(50, text="gift", reference="REF1", name="Gever bv", iban="BE71096123456769"),
        entry(2000, text="voor twee facturen", reference="REF2"),
        entry(-8, text="kosten", reference="REF3", name="Bank nv", on=date(2026, 11, 20)),
        entry(1210, structured=issue().structured_communication, reference="REF4"),
    )
    file = keep_bank_file(content=content, name="bank.xml", at=timezone.now(), by=None).file
    found = dict(zip(("gift", "two", "cost", "named"), file.entries.order_by("file_line", "pk"), strict=True))
    found = {
        {"50.00": "gift", "2000.00": "two", "-8.00": "cost", "1210.00": "named"}[str(each.amount)]: each
        for each in found.values()
    }
    match_entries(at=timezone.now(), by=None)
    for target, amount in ((invoice, "1210.00"), (other, "121.00")):
        assign_entry(
            entry=found["two"],
            invoice=target,
            amount=Decimal(amount),
            reason="gebeld",
            at=timezone.now(),
            by=None,
        )
    set_aside_entry(entry=found["cost"], reason="kosten", at=timezone.now(), by=None)
    return found


LINE_FILTERS = [
    ({}, ["named", "two", "gift", "cost"]),
    ({"status": "waiting"}, ["two", "gift"]),
    ({"status": "set_aside"}, ["cost"]),
    ({"direction": "out"}, ["cost"]),
    ({"direction": "in", "status": "settled"}, ["named"]),
    ({"booked_on_to": "2026-11-20"}, ["cost"]),
    ({"q": "Gever"}, ["gift"]),
    ({"q": "BE71 0961 2345 6769"}, ["gift"]),
    ({"q": PAYER, "status": "waiting"}, ["two"]),
    ({"q": "8,00"}, ["cost"]),
    ({"q": "2.000,00"}, ["two"]),
    ({"q": "REF3"}, ["cost"]),
    ({"q": "voor twee"}, ["two"]),
    ({"q": "2026-0000"}, ["named", "two"]),
    ({"ordering": "amount"}, ["cost", "gift", "named", "two"]),
    ({"ordering": "-amount"}, ["two", "named", "gift", "cost"]),
]


@pytest.mark.parametrize(("query", "left"), LINE_FILTERS, ids=[str(query) for query, _left in LINE_FILTERS])
def test_filters_search_and_sorting_leave_these_bank_lines(
    client: Client, entries: dict[str, BankEntry], query: dict[str, str], left: list[str]
) -> None:
    answer = client.get(LINES, query)
    names = {f"bankentry_{each.pk}_title": name for name, each in entries.items()}
    page = answer.content.decode()
    found = sorted(
        (page.find(f'id="{mark}"'), name) for mark, name in names.items() if f'id="{mark}"' in page
    )
    shown = [name for _place, name in found]
    assert shown == left if "ordering" in query else sorted(shown) == sorted(left)
    assert len(titles_of(answer)) == len(left), "each line once"
    came_in = sum((entries[name].amount for name in left if entries[name].amount > 0), Decimal(0))
    assert sums_of(answer)["Ontvangen"].replace(".", "") == f"{came_in:.2f} euro".replace(".", ",")
    assert len(exported(client, LINES, **query)) == len(left)


def test_the_totals_of_bank_lines(client: Client, entries: dict[str, BankEntry]) -> None:
    assert sums_of(client.get(LINES)) == {
        "Ontvangen": "3.260,00 euro",
        "Uitgegeven": "-8,00 euro",
        "Toe te wijzen": "719,00 euro",
    }


def add_rows(numbers: range) -> None:
    """Add so many of each: an invoice charged to saved means, a payment undone, a bank file with its line."""
    for number in numbers:
        invoice = issue(customer=CustomerFactory.create(), at=LATE, reference=f"longer:{number}")
        means = PaymentMeans.objects.create(
            customer=invoice.customer, stripe_id=f"pm_{number}", kind="card", agreed_at=LATE, saved_at=LATE
        )
        day = LATE.date()
        AutomaticPayment.objects.create(
            invoice=invoice, means=means, charge_on=day, next_on=day, planned_at=LATE
        )
        payment = pay(issue(customer=CustomerFactory.create(), at=LATE, reference="x"), f"{number + 1}.00")
        undo_payment(
            payment=payment, kind="mistake", returned_on=date(2026, 9, 2), reason="x", at=LATE, by=None
        )
        content = bank_file(entry(5, text="gift", reference=f"L{number}"), on=date(2026, 11, 25))
        keep_bank_file(content=content, name=f"{number}.xml", at=timezone.now(), by=None)


@pytest.mark.parametrize("url", [INVOICES, PAYMENTS, LINES, *OTHERS])
def test_each_list_asks_the_same_however_long_it_is(
    client: Client, invoices: dict[str, Invoice], entries: dict[str, BankEntry], url: str
) -> None:
    add_rows(range(2))
    counts, rows = [], []
    for is_longer in (False, False, True):
        if is_longer:
            add_rows(range(2, 14))
        with CaptureQueriesContext(connection) as queries:
            answer: Any = client.get(url)
        counts.append(len(queries))
        rows.append(len(answer.context["object_list"]))
    assert counts[1] == counts[2] <= 30
    assert 2 <= rows[1] < rows[2]


@pytest.mark.parametrize("url", [INVOICES, PAYMENTS, LINES])
def test_odd_questions_break_no_list(client: Client, invoices: dict[str, Invoice], url: str) -> None:
    odd = [
        {"q": "\0"}, {"q": "x" * 10_000}, {"q": "%_'\""}, {"p": "99"}, {"p": "x"}, {"ordering": "-"},
        {"status": "nonsense"}, {"issued_on_from": "31/02/2026"}, {"booked_on_from": "x"}, {"kind": "\0"},
        {"received_on_from": "x", "received_on_to": "y"}, {"file": "9" * 30}, {"held": "maybe"},
    ]  # fmt: skip
    for query in odd:
        assert client.get(url, query).status_code in (200, 404), query
        assert client.get(f"{url}results/", query).status_code in (200, 404), query
