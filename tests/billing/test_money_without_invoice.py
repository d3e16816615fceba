"""Money that came for a pro forma and cannot stand on an invoice yet: nothing of it is lost."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from billing.models import Customer, Invoice, InvoiceIsIssued, Issuer, Payment
from billing.operations.checkout import NothingToPay
from billing.operations.invoices import credit_invoice, record_payment
from billing.operations.issuing import VatUnconfirmed
from billing.operations.pro_formas import (
    ProFormaIsDone,
    invoice_pro_forma,
    invoice_received,
    withdraw_pro_forma,
)
from billing.operations.refunds import RefundTooHigh, refund_payment
from billing.operations.reversals import follow_money, write_reversal
from billing.queries import (
    open_amount,
    refundable_amount,
    settled_amount,
    surplus_amount,
    with_open_amount,
)
from tests.billing.paying import GROSS, fares, money, pay, status, visit
from tests.factories.billing import NOON, abroad, ask, confirm_vat_number, fill_in_issuer, issue
from tests.fakes.stripe_api import StripeServer

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
LATER = NOON + timedelta(days=3)
NOTHING = Decimal(0)


def test_reverse_charge_without_proof_keeps_the_money_until_there_is_one(
    settings: Settings, heard: list[str]
) -> None:
    settings.VIES_API_BASE = "http://127.0.0.1:9"
    customer = abroad()
    at = timezone.now()
    pro_forma = ask(customer=customer, at=at)
    later = at + timedelta(days=settings.VIES_PROOF_DAYS + 1)

    def receive(amount: int, reference: str) -> Payment:
        return record_payment(
            invoice=pro_forma,
            amount=Decimal(amount),
            method="transfer",
            received_on=timezone.localdate(later),
            external_reference=reference,
            by=None,
            at=later,
        )

    first = receive(600, "bank:1")
    assert receive(600, "bank:1") == first
    second = receive(500, "bank:2")
    assert {first.invoice, second.invoice} == {pro_forma}
    assert (fares(pro_forma), money(pro_forma), heard) == ("received", Decimal(1100), [])
    assert Customer.objects.get(pk=customer.pk).vat_asked_at == later
    assert not Invoice.objects.exists()
    with pytest.raises(VatUnconfirmed):
        invoice_pro_forma(pro_forma=pro_forma, at=later, by=None)
    assert invoice_received(later) == 0

    confirm_vat_number(customer, checked_at=later)
    assert invoice_received(later) == 1
    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.gross, invoice.vat) == ("paid", 1000, 0)
    assert sorted(invoice.payments.values_list("amount", "surplus")) == [(500, 100), (600, 0)]
    assert (fares(pro_forma), money(pro_forma), heard) == ("invoiced", NOTHING, ["paid"])
    assert receive(600, "bank:1") == first
    assert invoice_received(later) == 0


def held() -> tuple[Invoice, Payment]:
    """A pro forma that is paid while the association cannot make invoices."""
    pro_forma = ask()
    Issuer.objects.update(iban="")
    payment = pay(pro_forma)
    assert (payment.invoice, payment.surplus, fares(pro_forma)) == (pro_forma, NOTHING, "received")
    return Invoice.documents.get(pk=pro_forma.pk), payment


def test_whatever_is_wrong_with_the_invoice_money_is_kept(stripe: StripeServer) -> None:
    pro_forma, payment = held()
    assert (pro_forma.is_open, open_amount(pro_forma), money(pro_forma)) == (False, NOTHING, GROSS)
    with pytest.raises(NothingToPay):
        visit(pro_forma)
    fill_in_issuer()
    second = pay(pro_forma, Decimal(5))  # brings the invoice, and the first payment along
    payment.refresh_from_db()
    assert payment.invoice == second.invoice == Invoice.objects.get()
    assert (payment.surplus, second.surplus, status(second.invoice)) == (NOTHING, Decimal(5), "paid")


def test_kept_money_goes_back_only_once_nobody_is_to_get_the_invoice() -> None:
    pro_forma, payment = held()
    words: dict[str, Any] = {"method": "transfer", "returned_on": TODAY, "reason": "x", "by": None}
    with pytest.raises(RefundTooHigh):
        refund_payment(payment=payment, amount=GROSS, key="desk:1", at=LATER, **words)
    withdraw_pro_forma(pro_forma=pro_forma, reason="kan niet", at=LATER, by=None)
    pro_forma.refresh_from_db()
    assert (refundable_amount(pro_forma), money(pro_forma)) == (GROSS, GROSS)
    refund_payment(payment=payment, amount=GROSS, key="desk:1", at=LATER, **words)
    assert (money(pro_forma), fares(pro_forma)) == (NOTHING, "withdrawn")


def test_kept_money_that_the_bank_takes_back_leaves_it_to_be_paid(heard: list[str]) -> None:
    pro_forma, payment = held()
    write_reversal(
        payment,
        kind="dispute",
        amount=GROSS,
        method="stripe",
        returned_on=TODAY,
        reason="",
        key="stripe:du_1",
        status="pending",
        by=None,
        at=LATER,
    )
    follow_money(pro_forma, by=None, at=LATER, reason="")
    assert (fares(pro_forma), open_amount(pro_forma)) == ("issued", GROSS)
    fill_in_issuer()
    invoice = pay(pro_forma).invoice
    assert (status(invoice), surplus_amount(invoice), heard) == ("paid", NOTHING, ["paid"])


def test_a_payment_follows_to_its_invoice_and_nowhere_else() -> None:
    _pro_forma, payment = held()
    fill_in_issuer()
    stranger = issue()
    kept = payment.invoice
    payment.invoice = stranger
    with pytest.raises(IntegrityError), transaction.atomic():
        payment.save(update_fields=["invoice"])
    payment.invoice, payment.surplus = kept, Decimal(5)
    with pytest.raises(IntegrityError), transaction.atomic():
        payment.save(update_fields=["surplus"])
    payment.amount = Decimal(5)
    with pytest.raises(InvoiceIsIssued):
        payment.save(update_fields=["amount"])
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE billing_payment SET invoice_id = %s", [stranger.pk])


steps = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), st.integers(1, 200_000)),
        st.tuples(st.sampled_from(["withdraw", "break", "mend", "again", "issue", "credit"]), st.just(0)),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_what_was_received_is_settled_or_the_payers_whatever_happens(steps: list[tuple[str, int]]) -> None:
    """In any order of payments, failures, repairs, withdrawals and credit notes."""
    with transaction.atomic():
        fill_in_issuer()
        pro_forma, received = ask(), Decimal(0)
        for step, count in steps:
            if step == "pay":
                received += Decimal(count) / 100
                pay(pro_forma, Decimal(count) / 100)
            elif step == "break":
                Issuer.objects.update(iban="")
            elif step == "mend":
                fill_in_issuer()
            elif step == "again" and Issuer.load().iban:
                invoice_received(LATER)
            elif step == "credit":
                for invoice in Invoice.objects.filter(status__in=("issued", "paid"), credits=None):
                    credit_invoice(invoice=invoice, reason="", at=LATER, by=None, is_mailed=False)
            else:
                try:
                    if step == "withdraw":
                        withdraw_pro_forma(pro_forma=pro_forma, reason="x", at=LATER, by=None)
                    elif Issuer.load().iban:
                        invoice_pro_forma(pro_forma=pro_forma, at=LATER, by=None)
                except ProFormaIsDone:
                    pass
        documents: list[Any] = list(with_open_amount(Invoice.documents.all()))
        settled = sum((settled_amount(each) for each in documents), Decimal(0))
        surplus = sum((surplus_amount(each) for each in documents), Decimal(0))
        assert received == settled + surplus
        assert [each.left for each in documents] == [open_amount(each) for each in documents]
        assert Invoice.objects.exclude(kind="credit_note").count() <= 1
        held_now = Invoice.documents.get(pk=pro_forma.pk)
        assert (held_now.status == "invoiced") == Invoice.objects.filter(pro_forma=pro_forma).exists()
        if held_now.status == "invoiced":
            assert not held_now.payments.exists()
        transaction.set_rollback(True)
