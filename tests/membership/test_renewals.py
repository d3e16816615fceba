"""Which memberships go on, and what their next term will be."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from billing.models import Customer, Invoice
from billing.rules import month_of
from cms.amounts import say_euro
from membership.exports import expected_rows
from membership.models import Membership, Organisation
from membership.operations.changes import resign_membership
from membership.queries import expected_renewals, next_term_of, next_terms, renewing_memberships
from tests.factories.billing import CustomerFactory, confirm_vat_number, fill_in_issuer
from tests.membership.life import FIRST, live, member, morning, pay_all
from tests.membership.test_pages import add_member
from tests.membership.test_viewsets import staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _issuer() -> None:
    fill_in_issuer()


def test_the_next_terms_of_many_are_those_of_each_alone() -> None:
    for number in range(3):
        member(FIRST + timedelta(days=number), number=("0999101384", "0999666543", "0999555431")[number])
    live(date(2028, 1, 30), date(2028, 1, 30))
    pay_all(date(2028, 1, 31))
    memberships = list(renewing_memberships())
    found = next_terms(memberships)
    assert {each.pk: next_term_of(each) for each in memberships} == found
    assert [term.is_charged for term in found.values()].count(True) == 1


def test_what_is_expected_of_renewals_is_what_is_invoiced_then() -> None:
    member()
    member(FIRST + timedelta(days=9), employees=60, number="0999666543")
    abroad = member(FIRST + timedelta(days=20), number="0999555431")
    Customer.objects.filter(organisation=abroad.organisation).update(
        country="NL", vat_number="NL123456782B12"
    )
    for customer in Customer.objects.filter(country="NL"):
        confirm_vat_number(customer, checked_at=morning(date(2028, 2, 1)))
    gone = member(number="0999444319")
    resign_membership(membership=gone, because="budget", at=morning(FIRST), by=None)
    late = member(FIRST + timedelta(days=60), number="0999333207")
    today, until = date(2028, 1, 25), date(2028, 2, 20)
    found = expected_rows(expected_renewals(today, until))
    assert [(row.invoice_on, row.net, row.gross) for row in found] == [
        (date(2028, 1, 30), Decimal(1000), Decimal("1210.00")),
        (date(2028, 2, 8), Decimal(1500), Decimal("1815.00")),
        (date(2028, 2, 19), Decimal(1000), Decimal("1000.00")),
    ]
    before = Invoice.objects.count()
    live(today, until)
    invoices = Invoice.objects.order_by("pk")[before:]
    assert [(each.issued_on, each.net, each.gross) for each in invoices] == [
        (row.invoice_on, row.net, row.gross) for row in found
    ]
    assert expected_renewals(until, until) == []
    # What should have been invoiced before comes today.
    [forgotten] = expected_renewals(date(2028, 4, 10), date(2028, 4, 10))
    assert (forgotten.membership, forgotten.invoice_on) == (late, date(2028, 4, 10))


def test_the_list_of_renewals_adds_up_to_the_figure_on_the_desk() -> None:
    today = timezone.localdate()
    last = month_of(today)[1]
    for number in range(3):
        organisation = add_member(f"Lid {number}", employees=25)
        Organisation.objects.filter(pk=organisation.pk).update(customer=CustomerFactory.create())
    Membership.objects.update(ends_on=last + timedelta(days=30))
    Membership.objects.filter(organisation__name="Lid 2").update(ends_on=last + timedelta(days=31))
    client = staff("finance")
    [_due, (row, net)] = client.get("/admin/billing/desk/").context["expected_rows"]
    assert (row.count, row.amount, net) == (2, Decimal(2420), Decimal(2000))
    page = client.get(row.url)
    assert (len(page.context["rows"]), page.context["sums"]["gross"]) == (row.count, row.amount)
    html = page.content.decode()
    assert "Lid 1" in html
    assert "Lid 2" not in html
    assert say_euro(Decimal(2420)) in html
    address = "/admin/memberships/renewals/"
    assert len(client.get(address).context["rows"]) == 2
    for wrong in (
        "",
        "x",
        (today - timedelta(days=1)).isoformat(),
        (today + timedelta(days=400)).isoformat(),
    ):
        refused = client.get(address, {"until": wrong, "export": "csv"})
        assert (refused.status_code, bool(refused.context["form"].errors)) == (200, True)
    csv = client.get(address, {"until": last.isoformat(), "export": "csv"})
    assert "1000.00,1210.00" in csv.content.decode()
    assert client.get(address, {"until": last.isoformat(), "export": "xlsx"}).status_code == 200
    assert "geen verlenging" in client.get(address, {"until": today.isoformat()}).content.decode() or (
        today == last
    )
    assert staff("board").get(address).status_code == 200
    assert staff("events").get(address).status_code == 302


def test_desk_and_list_cost_the_same_queries_for_few_members_and_for_many() -> None:
    last = month_of(timezone.localdate())[1]
    client = staff("finance")
    for address in ("/admin/billing/desk/", "/admin/memberships/renewals/"):
        client.get(address)
        counts: list[int] = []
        for _time in range(2):
            for number in range(15):
                organisation = add_member(f"Lid {number} {len(counts)}{address}", employees=25)
                Organisation.objects.filter(pk=organisation.pk).update(customer=CustomerFactory.create())
            Membership.objects.update(ends_on=last + timedelta(days=20))
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 35, address
