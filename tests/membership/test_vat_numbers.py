"""Members elsewhere in the EU: nobody is stuck because VIES is silent, and nothing is invoiced on a guess."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from billing.models import Customer, Invoice
from billing.operations.vat_checks import decide_vat_number
from billing.tasks import ask_vies
from home.models import HomePage
from membership.models import Affiliation, Membership, Organisation
from tests.billing.test_desk import person
from tests.factories.billing import DUTCH_VAT, abroad, confirm_vat_number, fill_in_issuer
from tests.membership.life import FIRST, live, mails, member, morning
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
    assert f"Wij kijken uw btw-nummer {DUTCH_VAT} na" in told.text
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


def test_a_member_who_changes_its_number_is_asked_about(client: Client, settings: object) -> None:
    settings.VIES_API_BASE = "http://127.0.0.1:9"  # type: ignore[attr-defined]
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
