import pytest
from django.utils import timezone

from accounts.models import User
from billing.queries import may_see_invoice
from membership.models import Affiliation, Membership, Organisation, Tier
from membership.operations.organisations import (
    BothHaveInvoices,
    BothHaveMemberships,
    DifferentNumbers,
    SameOrganisation,
    merge_organisations,
    recognise_organisation,
)
from tests.factories.billing import CustomerFactory, issue
from tests.factories.events import SignupFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> User:
    return User.objects.create_user("staff@demo.example")


def add_membership(organisation: Organisation) -> Membership:
    return Membership.objects.create(
        organisation=organisation, tier=Tier.objects.get(rank=1), applied_at=timezone.now()
    )


def test_recognise_organisation_prefers_the_confirmed_one_and_makes_what_it_does_not_know() -> None:
    Organisation.objects.create(name="Café Zuid bv")
    confirmed = Organisation.objects.create(name="Cafe Zuid", is_confirmed=True)
    assert recognise_organisation(name="CAFÉ ZUID B.V.", kind="company") == confirmed
    made = recognise_organisation(name="Hogeschool Oost", kind="knowledge_institution")
    assert (made.is_confirmed, made.is_listed, made.kind) == (False, False, "knowledge_institution")
    assert recognise_organisation(name="hogeschool oost", kind="other") == made


def test_merged_organisations_count_once(staff: User) -> None:
    keep = Organisation.objects.create(name="Brug")
    drop = Organisation.objects.create(name="De Brug", enterprise_number="0123456749", is_confirmed=True)
    both, one = (User.objects.create_user(f"{name}@demo.example") for name in ("both", "one"))
    for organisation, user in ((keep, both), (drop, both), (drop, one)):
        Affiliation.objects.create(organisation=organisation, user=user)
    signup = SignupFactory.create(organisation=drop)
    membership = add_membership(drop)
    merged = merge_organisations(keep=keep, drop=drop, at=timezone.now(), by=staff)
    assert (merged.enterprise_number, merged.is_confirmed) == ("0123456749", True)
    assert Organisation.objects.count() == 1
    assert set(merged.affiliations.values_list("user", flat=True)) == {both.pk, one.pk}
    signup.refresh_from_db()
    membership.refresh_from_db()
    assert signup.organisation == membership.organisation == keep


def test_a_merge_that_would_lose_something_is_refused(staff: User) -> None:
    keep = Organisation.objects.create(name="Brug", enterprise_number="0123456749")
    drop = Organisation.objects.create(name="De Brug", enterprise_number="0403170701")
    with pytest.raises(SameOrganisation):
        merge_organisations(keep=keep, drop=keep, at=timezone.now(), by=staff)
    with pytest.raises(DifferentNumbers):
        merge_organisations(keep=keep, drop=drop, at=timezone.now(), by=staff)
    drop.enterprise_number = ""
    drop.save()
    add_membership(keep)
    add_membership(drop)
    with pytest.raises(BothHaveMemberships):
        merge_organisations(keep=keep, drop=drop, at=timezone.now(), by=staff)
    assert Organisation.objects.count() == 2


def test_invoices_go_along_with_their_customer_and_two_invoiced_ones_stay_apart(staff: User) -> None:
    keep, drop, other = (
        Organisation.objects.create(name=name, customer=CustomerFactory.create(name=name))
        for name in ("Brug", "Brug bv", "Brug nv")
    )
    assert drop.customer is not None
    invoice = issue(customer=drop.customer)
    merged = merge_organisations(keep=keep, drop=drop, at=timezone.now(), by=staff)
    merged.refresh_from_db()
    assert merged.customer == invoice.customer
    contact = User.objects.create_user("contact@demo.example")
    Affiliation.objects.create(organisation=merged, user=contact, role=Affiliation.Role.BILLING)
    assert may_see_invoice(contact, invoice)
    assert other.customer is not None
    issue(customer=other.customer)
    with pytest.raises(BothHaveInvoices):
        merge_organisations(keep=other, drop=merged, at=timezone.now(), by=staff)
    assert Organisation.objects.filter(pk=merged.pk).exists()
