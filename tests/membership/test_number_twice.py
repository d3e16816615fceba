"""One enterprise number, two applications, both paid: one member, no money lost, and staff know of it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from wagtail.models import ModelLogEntry
from wagtail.users.models import UserProfile

from accounts.models import User
from billing.models import Invoice, Payment
from billing.operations.invoices import credit_invoice
from billing.queries import open_amount
from home.models import HomePage
from membership.models import Affiliation, Membership, Organisation, Tier
from membership.operations.ending import BeingPaid, close_application, withdraw_application
from membership.operations.holding import NumberTaken
from membership.operations.joining import approve_application
from membership.operations.organisations import (
    BothHaveMemberships,
    confirm_organisation,
    merge_organisations,
)
from membership.queries import is_held, member_of, sharing_a_number
from tests.billing.test_concurrency import at_once
from tests.factories.billing import fill_in_issuer
from tests.membership.life import FIRST, join, live, mails, morning, pay_all, pay_invoice
from tests.membership.linked import path_in
from tests.membership.test_viewsets import staff as log_in

pytestmark = pytest.mark.django_db
GROSS = Decimal("1210.00")
NUMBER = "0999101384"


@pytest.fixture(autouse=True)
def _site(home: HomePage) -> None:
    fill_in_issuer()


@pytest.fixture
def treasurer() -> User:
    return User.objects.create_user("penning@demo.example")


def apply(**words: Any) -> Membership:
    """Another application: a minute later it would be a second click."""
    membership = join(FIRST, **words)
    Membership.objects.filter(pk=membership.pk).update(applied_at=morning(FIRST) - timedelta(days=1))
    return membership


def paid_twice(**words: Any) -> tuple[Membership, Membership]:
    """A member, and the application with the same number that was paid after it."""
    first, second = apply(**words), apply(**words)
    assert first.organisation != second.organisation
    pay_all(FIRST)
    for membership in (first, second):
        membership.refresh_from_db()
    return first, second


def test_the_second_payment_is_kept_and_held_for_staff_who_hear_of_it(client: Client) -> None:
    first, second = paid_twice()
    assert (first.status, second.status, is_held(second)) == ("active", "applied", True)
    assert member_of(first.organisation) == first
    assert list(Organisation.objects.filter(is_confirmed=True)) == [first.organisation]
    assert second.organisation.customer is None
    assert Affiliation.objects.get().organisation == first.organisation
    assert list(Payment.objects.values_list("amount", flat=True)) == [GROSS, GROSS]
    assert set(Invoice.objects.values_list("status", flat=True)) == {"paid"}
    (told,) = mails("number_taken")
    assert told.recipient == "facturen@demo.example"
    for words in (NUMBER, "noor@lantaarnwerk.example", f"/admin/memberships/inspect/{second.pk}/"):
        assert words in told.text
    (asked,) = mails("application_held")
    assert asked.recipient == "noor@lantaarnwerk.example"
    lines = ModelLogEntry.objects.for_instance(second).filter(action="membership.hold")
    assert lines.get().data == {"why": first.organisation.name}
    page = client.get(path_in(asked)).content.decode()
    assert "We hebben uw betaling ontvangen" in page
    assert "intrekken/" not in page
    with pytest.raises(BeingPaid):
        withdraw_application(membership=second, at=morning(FIRST))
    live(FIRST, FIRST + timedelta(days=70), step=35)
    assert Membership.objects.get(pk=second.pk).status == "applied", "no cut-off closes what is paid"


@pytest.mark.parametrize("language", ["nl", "en"])
def test_staff_find_it_in_the_list_and_read_what_they_can_do(language: str) -> None:
    first, second = paid_twice()
    client = log_in("finance")
    UserProfile.objects.create(user=User.objects.get(is_staff=True), preferred_language=language)
    other = join(FIRST, number="0999888767")
    listed = client.get("/admin/memberships/?shares_number=true").content.decode()
    for membership, stands in ((first, True), (second, True), (other, False)):
        assert (f"/admin/memberships/inspect/{membership.pk}/" in listed) is stands
    rest = client.get("/admin/memberships/?shares_number=false").content.decode()
    assert f"/admin/memberships/inspect/{other.pk}/" in rest
    assert f"/admin/memberships/inspect/{second.pk}/" not in rest
    page = client.get(f"/admin/memberships/inspect/{second.pk}/").content.decode()
    assert f"/admin/organisations/merge/{second.organisation_id}/" in page
    assert f"/admin/memberships/inspect/{first.pk}/" in page
    words = {
        "nl": (
            "het lidmaatschap is niet gestart",
            "wordt volledig gecrediteerd",
            "het ondernemingsnummer is van Lantaarnwerk",
        ),
        "en": ("the membership has not started", "is credited in full", "number is of Lantaarnwerk"),
    }[language]
    assert words[0] in page
    assert words[1] in client.get(f"/admin/memberships/close/{second.pk}/").content.decode()
    refused = client.post(f"/admin/memberships/approve/{second.pk}/", follow=True).content.decode()
    assert words[2] in refused
    assert "help-warning" not in client.get(f"/admin/memberships/inspect/{other.pk}/").content.decode()


def test_staff_close_it_pay_it_back_and_merge_the_two(treasurer: User) -> None:
    first, second = paid_twice()
    keep, drop = first.organisation, second.organisation
    with pytest.raises(BothHaveMemberships):
        merge_organisations(keep=keep, drop=drop, at=morning(FIRST), by=treasurer)
    close_application(membership=second, at=morning(FIRST), by=treasurer, why="Is al lid.")
    invoice = Invoice.objects.filter(kind="invoice").latest("pk")
    assert (invoice.status, open_amount(invoice)) == ("credited", -GROSS)
    (told,) = mails("application_closed")
    assert "we betalen terug wat u betaald hebt" in told.text
    merge_organisations(keep=keep, drop=drop, at=morning(FIRST), by=treasurer)
    first.refresh_from_db()
    assert first.status == "active"
    assert list(Organisation.objects.filter(enterprise_number=NUMBER)) == [keep]
    assert set(Membership.objects.values_list("organisation", flat=True)) == {keep.pk}


def test_what_staff_credit_by_hand_closes_it_too() -> None:
    _first, second = paid_twice()
    invoice = Invoice.objects.latest("pk")
    credit_invoice(invoice=invoice, reason="Dubbel betaald.", at=morning(FIRST), by=None)
    second.refresh_from_db()
    assert second.status == "closed"
    assert open_amount(invoice) == -GROSS


def test_once_the_number_is_put_right_it_starts_without_another_invoice(treasurer: User) -> None:
    first, second = paid_twice()
    with pytest.raises(NumberTaken):
        approve_application(membership=second, at=morning(FIRST), by=treasurer)
    second.refresh_from_db()
    assert second.status == "applied"
    Organisation.objects.filter(pk=second.organisation_id).update(enterprise_number="0999888767")
    approve_application(membership=second, at=morning(FIRST), by=treasurer)
    second.refresh_from_db()
    assert (first.status, second.status, second.starts_on) == ("active", "active", FIRST)
    assert second.organisation.is_confirmed
    assert Invoice.objects.count() == 2
    assert not is_held(second)
    assert not sharing_a_number().exists()
    customer = second.organisation.customer
    assert customer is not None
    assert (customer.enterprise_number, first.organisation.enterprise_number) == ("0999888767", "0999101384")


def test_nobody_is_invoiced_whose_number_is_taken_meanwhile(treasurer: User) -> None:
    words = {"tier": "cultivate"}
    Tier.objects.filter(slug="cultivate").update(needs_approval=True)
    first, second = apply(**words), apply(**words)
    approve_application(membership=first, at=morning(FIRST), by=treasurer)
    pay_all(FIRST)
    with pytest.raises(NumberTaken):
        approve_application(membership=second, at=morning(FIRST), by=treasurer)
    assert Invoice.objects.count() == 1


def test_only_a_confirmed_organisation_blocks_a_number() -> None:
    first, second = apply(), apply()
    assert {first.status, second.status} == {"awaiting_payment"}
    last, early = Invoice.objects.order_by("-pk")
    pay_invoice(last, FIRST)
    second.refresh_from_db()
    assert second.status == "active"
    live(FIRST + timedelta(days=60), FIRST + timedelta(days=61))
    first.refresh_from_db()
    early.refresh_from_db()
    assert (first.status, early.status) == ("closed", "credited"), "what is unpaid expires"


@pytest.mark.django_db(transaction=True)
def test_paid_at_the_same_moment_one_starts_and_one_is_held(committed_site: None) -> None:
    fill_in_issuer()
    made = [apply() for _time in range(4)]
    invoices = list(Invoice.objects.order_by("pk"))
    results = at_once(lambda number: pay_invoice(invoices[number], FIRST), len(invoices))
    assert not [result for result in results if isinstance(result, Exception)]
    found = Membership.objects.filter(pk__in=[each.pk for each in made])
    assert sorted(found.values_list("status", flat=True)) == ["active", "applied", "applied", "applied"]
    assert Organisation.objects.filter(is_confirmed=True).count() == 1
    assert Payment.objects.count() == 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", ["0999101384", "0999888767", "0999777655"])
def test_of_those_confirmed_at_the_same_moment_one_is(
    committed_site: None, treasurer: User, number: str
) -> None:
    made = [Organisation.objects.create(name=f"Brug {n}", enterprise_number=number) for n in range(4)]

    def confirm(n: int) -> Organisation:
        return confirm_organisation(organisation=made[n], at=morning(FIRST), by=treasurer)

    results = at_once(confirm, len(made))
    refused = [type(result) for result in results if isinstance(result, Exception)]
    assert refused == [NumberTaken] * 3
    assert Organisation.objects.filter(is_confirmed=True).count() == 1


def test_the_same_digits_in_another_country_are_another_number() -> None:
    first, second = apply(), apply()
    Organisation.objects.filter(pk=second.organisation_id).update(country="NL")
    assert not sharing_a_number().exists()
    pay_all(FIRST)
    for membership in (first, second):
        membership.refresh_from_db()
        assert membership.status == "active"
        assert membership.organisation.is_confirmed
