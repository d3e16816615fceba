"""A part of an invoice that staff credit waives no membership: its charge holds, for less money."""

from datetime import timedelta
from decimal import Decimal

import pytest

from billing.models import Invoice
from billing.operations.invoices import credit_invoice, record_payment
from billing.queries import open_amount
from membership.models import Charge, Membership
from membership.operations.changes import resign_membership
from membership.operations.ending import close_application
from tests.factories.billing import fill_in_issuer
from tests.membership.life import FIRST, join, live, member, morning, pay_all, pay_invoice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _issuer() -> None:
    fill_in_issuer()


def invoice_of(purpose: str) -> Invoice:
    invoice = Charge.objects.get(purpose=purpose).invoice
    assert invoice is not None
    return invoice


def take_off(invoice: Invoice, amount: str) -> None:
    credit_invoice(
        invoice=invoice, amounts={1: Decimal(amount)}, reason="korting", at=morning(FIRST), by=None
    )


def test_an_application_stays_open_and_starts_when_the_rest_is_paid() -> None:
    membership = join(FIRST)
    take_off(invoice_of("start"), "400.00")
    membership.refresh_from_db()
    assert membership.status == "awaiting_payment"
    assert Charge.objects.get().voided_at is None
    assert pay_invoice(invoice_of("start"), FIRST) == Decimal("726.00")
    membership.refresh_from_db()
    assert membership.status == "active"


def test_an_application_starts_when_what_was_paid_covers_what_is_left() -> None:
    membership = join(FIRST)
    record_payment(
        invoice=invoice_of("start"),
        amount=Decimal("605.00"),
        method="transfer",
        received_on=FIRST,
        external_reference="half",
        by=None,
        at=morning(FIRST),
    )
    take_off(invoice_of("start"), "500.00")
    membership.refresh_from_db()
    assert membership.status == "active"


def test_an_application_that_is_closed_credits_the_rest() -> None:
    membership = join(FIRST)
    take_off(invoice_of("start"), "400.00")
    close_application(membership=membership, at=morning(FIRST), by=None)
    assert invoice_of("start").status == "credited"
    assert Invoice.objects.filter(kind="credit_note").count() == 2


def test_a_member_stays_late_with_the_rest_until_it_is_paid_or_lapses() -> None:
    membership = member()
    ends_on = membership.ends_on
    assert ends_on
    live(ends_on - timedelta(days=30), ends_on + timedelta(days=1), step=31)
    assert Membership.objects.get().status == "past_due"
    take_off(invoice_of("renewal"), "300.00")
    renewal = Charge.objects.get(purpose="renewal")
    assert (Membership.objects.get().status, renewal.voided_at) == ("past_due", None)
    assert open_amount(invoice_of("renewal")) == Decimal("847.00")
    pay_all(ends_on + timedelta(days=5))
    assert Membership.objects.get().status == "active"


def test_a_renewal_of_which_a_part_was_credited_is_taken_back_with_the_membership() -> None:
    membership = member()
    assert membership.ends_on
    live(membership.ends_on - timedelta(days=30), membership.ends_on - timedelta(days=29))
    take_off(invoice_of("renewal"), "300.00")
    membership.refresh_from_db()
    resign_membership(
        membership=membership, because="budget", at=morning(membership.ends_on - timedelta(days=20)), by=None
    )
    assert Charge.objects.get(purpose="renewal").voided_at
    assert (invoice_of("renewal").status, open_amount(invoice_of("renewal"))) == ("credited", Decimal(0))
