"""Members elsewhere in the EU: nobody is stuck because VIES is silent, and nothing is invoiced on a guess."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from accounts.models import User
from billing.documents.ubl import peppol_address
from billing.models import Customer, Invoice
from billing.operations.vat_checks import decide_vat_number, want_due_checks
from billing.tasks import ask_vies
from cms.models import OutgoingMail
from home.models import HomePage
from membership.models import Affiliation, Membership, Organisation, Tier
from membership.operations.ending import close_application
from tests.billing.test_desk import person
from tests.factories.billing import DUTCH_VAT, abroad, confirm_vat_number, fill_in_issuer, issue
from tests.membership.life import FIRST, live, mails, member, morning
from tests.membership.linked import page, path_in
from tests.membership.test_joining import WORDS, join
from tests.membership.test_pages import add_member

pytestmark = pytest.mark.django_db
DUTCH = {"country": "NL", "enterprise_number": "12345678", "vat_number": DUTCH_VAT}


@pytest.fixture(autouse=True)
def _site(home: HomePage) -> None:
    """Pages need a site, invoices an issuer."""
    fill_in_issuer()


def former_member(email: str = WORDS["email"]) -> Organisation:
    """A Dutch company whose membership lapsed, and its main contact."""
    organisation = add_member("Lantaarnwerk", country="NL", enterprise_number="12345678")
    organisation.customer = abroad(is_confirmed=False)
    organisation.save()
    organisation.memberships.update(status=Membership.Status.LAPSED)
    contact = User.objects.create_user(email)
    Affiliation.objects.create(organisation=organisation, user=contact, role="main_contact")
    return organisation


def test_who_joins_again_with_a_number_that_nobody_confirmed_waits_for_staff_not_for_vies(
    client: Client,
) -> None:
    organisation = former_member()
    client.force_login(User.objects.get(email=WORDS["email"]))
    page = client.get(join(client, **DUTCH)["Location"]).content.decode()
    assert "Het Europese register VIES heeft uw" in page
    assert not Invoice.objects.exists()
    applied = organisation.memberships.get(status="applied")
    (told,) = mails("application_received")
    assert f"We kijken uw btw-nummer {DUTCH_VAT} na" in told.text
    (asked,) = mails("approval_wanted")
    assert f"het btw-nummer {DUTCH_VAT} nog niet bevestigd" in asked.text
    # The same form again finds the application.
    join(client, **DUTCH)
    assert organisation.memberships.filter(status="applied").count() == 1

    treasurer = Client()
    treasurer.force_login(person("finance"))
    approve = reverse("membership_memberships:approve", args=[applied.pk])
    refused = treasurer.post(approve, follow=True).content.decode()
    assert f"het btw-nummer {DUTCH_VAT} is nog niet bevestigd" in refused
    assert not Invoice.objects.exists()
    customer = organisation.customer
    assert customer is not None
    decide_vat_number(customer=customer, is_confirmed=True, reason="attest", at=timezone.now(), by=None)
    treasurer.post(approve)
    invoice = Invoice.objects.get()
    assert (str(invoice.vat), invoice.vat_number) == ("0.00", DUTCH_VAT)


def test_who_joins_again_with_a_confirmed_number_goes_on_at_once(client: Client) -> None:
    organisation = former_member()
    assert organisation.customer is not None
    confirm_vat_number(organisation.customer)
    client.force_login(User.objects.get(email=WORDS["email"]))
    assert "/facturen/" in join(client, **DUTCH)["Location"]
    assert Invoice.objects.get().vat == 0


def test_who_moved_abroad_and_joins_again_is_invoiced_and_checked_there(client: Client) -> None:
    """The number in the new country was put right by staff; the customer still had the old address."""
    organisation = former_member()
    moved = Customer.objects.get(organisation=organisation)
    Customer.objects.filter(pk=moved.pk).update(
        country="BE", vat_number="BE0999101384", city="Gent", peppol_id="0208:0999101384"
    )
    client.force_login(User.objects.get(email=WORDS["email"]))
    join(client, **DUTCH, city="Utrecht")
    moved.refresh_from_db()
    assert (moved.country, moved.vat_number, moved.city) == ("NL", DUTCH_VAT, "Utrecht")
    assert OutgoingMail.objects.filter(template="billing/vat_number_waits").count() == 1
    treasurer = Client()
    treasurer.force_login(person("finance"))
    decision = {"decision": "confirm", "reason": "attest"}
    answer = treasurer.post(reverse("billing_customers:vat", args=[moved.pk]), decision)
    assert answer.status_code == 302
    applied = organisation.memberships.get(status="applied")
    treasurer.post(reverse("membership_memberships:approve", args=[applied.pk]))
    invoice = Invoice.objects.get()
    assert (str(invoice.vat), invoice.country, invoice.vat_number) == ("0.00", "NL", DUTCH_VAT)
    assert peppol_address(invoice) == "", "not where it was"


@pytest.mark.parametrize("is_approved", [False, True])
def test_what_waits_for_staff_changes_the_customer_once_they_approve(
    client: Client, is_approved: bool
) -> None:
    organisation = former_member()
    Customer.objects.update(vat_number="")
    before = Customer.objects.values().get()
    Tier.objects.update(needs_approval=True)
    client.force_login(User.objects.get(email=WORDS["email"]))
    join(client, **DUTCH | {"vat_number": ""}, city="Utrecht")
    assert Customer.objects.values().get() == before
    applied = organisation.memberships.get(status="applied")
    treasurer = Client()
    treasurer.force_login(person("finance"))
    deed = "approve" if is_approved else "close"
    treasurer.post(reverse(f"membership_memberships:{deed}", args=[applied.pk]), {"reason": "Dubbel."})
    applied.refresh_from_db()
    assert applied.status == ("awaiting_payment" if is_approved else "closed")
    assert (Customer.objects.values().get() == before) is not is_approved
    assert Customer.objects.get().city == ("Utrecht" if is_approved else before["city"])


def test_a_stranger_changes_nothing_of_the_customer(client: Client) -> None:
    organisation = former_member("baas@lantaarnwerk.example")
    before = Customer.objects.filter(organisation=organisation).values().get()
    join(client, **DUTCH, city="Utrecht")
    assert Customer.objects.filter(organisation=organisation).values().get() == before


def test_who_is_new_reads_behind_the_link_what_the_mail_says(client: Client) -> None:
    join(client, **DUTCH)
    (told,) = mails("application_received")
    assert f"We kijken uw btw-nummer {DUTCH_VAT} na" in told.text
    path = path_in(told)
    shown = page(Client(), path)
    assert "Uw aanvraag wacht tot uw" in shown
    assert "wacht op onze goedkeuring" not in shown
    confirm_vat_number(Customer.objects.get())
    assert "wacht op onze goedkeuring" in page(Client(), path)


@pytest.mark.parametrize("is_invoiced", [False, True])
def test_of_a_closed_application_no_number_is_asked_about_any_more(client: Client, is_invoiced: bool) -> None:
    join(client, **DUTCH)
    customer, membership = Customer.objects.get(), Membership.objects.get()
    confirm_vat_number(customer, checked_at=timezone.now() - timedelta(days=300))
    treasurer = Client()
    treasurer.force_login(person("finance"))
    if is_invoiced:
        decide_vat_number(customer=customer, is_confirmed=True, reason="attest", at=timezone.now(), by=None)
        treasurer.post(reverse("membership_memberships:approve", args=[membership.pk]))
    closing = reverse("membership_memberships:close", args=[membership.pk])
    assert treasurer.post(closing, {"reason": "Dubbel."}).status_code == 302
    organisation = Organisation.objects.get()
    assert organisation.customer is None
    assert Customer.objects.exists() is is_invoiced
    if not is_invoiced:
        assert want_due_checks(timezone.now() + timedelta(days=400)) == 0
    keep = former_member()
    assert keep.customer
    confirm_vat_number(keep.customer)
    issue(customer=keep.customer)
    merging = reverse("membership_organisation:merge", args=[organisation.pk])
    assert treasurer.post(merging, {"keep": keep.pk, "confirmed": "1"}).status_code == 302
    assert not Organisation.objects.filter(pk=organisation.pk).exists()


def test_who_was_a_member_keeps_its_customer_when_an_application_is_closed(client: Client) -> None:
    organisation = former_member()
    client.force_login(User.objects.get(email=WORDS["email"]))
    join(client, **DUTCH)
    applied = organisation.memberships.get(status="applied")
    close_application(membership=applied, at=timezone.now(), by=None, why="Dubbel.")
    organisation.refresh_from_db()
    assert organisation.customer is not None


@pytest.mark.parametrize("is_logged_in", [False, True])
def test_a_stranger_who_types_the_number_learns_nothing(client: Client, is_logged_in: bool) -> None:
    former_member("baas@lantaarnwerk.example")
    if is_logged_in:
        client.force_login(User.objects.create_user("ander@demo.example"))
    answer = join(client, **DUTCH)
    assert "VIES" not in client.get(answer["Location"]).content.decode()
    assert all("VIES" not in each.text for each in mails("application_received"))


def test_a_belgian_who_joins_is_not_held_up_by_a_number_elsewhere(client: Client) -> None:
    assert "/facturen/" in join(client, vat_number=DUTCH_VAT)["Location"]
    assert Invoice.objects.get().vat == 210


def move_abroad(membership: Membership) -> Customer:
    """Give a member an address and a VAT number in the Netherlands."""
    customer = Customer.objects.get(organisation=membership.organisation)
    Customer.objects.filter(pk=customer.pk).update(country="NL", vat_number=DUTCH_VAT)
    customer.refresh_from_db()
    return customer


def test_a_renewal_waits_while_the_membership_runs_on_and_follows_when_it_is_confirmed() -> None:
    membership = member()
    customer = move_abroad(membership)
    assert membership.ends_on is not None
    after = membership.ends_on + timedelta(days=3)
    live(FIRST, after, step=20)
    membership.refresh_from_db()
    assert (membership.status, Invoice.objects.count()) == ("active", 1)
    decide_vat_number(customer=customer, is_confirmed=True, reason="attest", at=morning(after), by=None)
    live(after, after + timedelta(days=1))
    renewal = Invoice.objects.latest("pk")
    assert (Invoice.objects.count(), str(renewal.vat)) == (2, "0.00")
    membership.refresh_from_db()
    assert membership.ends_on is not None
    assert membership.ends_on > after


def test_an_upgrade_says_what_it_waits_for(client: Client) -> None:
    membership = member(timezone.localdate())
    move_abroad(membership)
    client.force_login(User.objects.get(email="noor@lantaarnwerk.example"))
    address = reverse("membership:own_upgrade", args=[membership.pk])
    answer = client.post(address, {"choice": "cultivate:2000.00"})
    assert "is nog niet bevestigd, zodat er geen factuur gemaakt kan worden" in answer.content.decode()
    membership.refresh_from_db()
    assert (membership.tier.slug, Invoice.objects.count()) == ("connect", 1)


def test_a_member_who_changes_its_number_is_asked_about(client: Client, settings: Settings) -> None:
    settings.VIES_API_BASE = "http://127.0.0.1:9"
    membership = member(timezone.localdate())
    customer = move_abroad(membership)
    client.force_login(User.objects.get(email="noor@lantaarnwerk.example"))
    address = reverse("membership:own_invoicing", args=[membership.organisation_id])
    words = {
        **{name: getattr(customer, name) for name in ("name", "street", "postcode", "city", "email")},
        "vat_number": "DE 136 695 976",
        "language": "nl",
    }
    assert client.post(address, words).status_code == 302
    (asked,) = DBTaskResult.objects.filter(task_path=ask_vies.module_path)
    assert asked.args_kwargs["args"] == [customer.pk, "DE136695976", ""]
