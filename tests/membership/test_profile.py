"""A member tells itself what the members page shows, where invoices go, and how large it is."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from PIL import Image

from accounts.models import User
from billing.models import Invoice
from home.models import ContactPage, HomePage
from membership.models import Affiliation, Membership, Organisation, Price
from membership.operations.profile import change_size
from membership.queries import next_term_of, size_band_for
from tests.factories.accounts import make_user
from tests.factories.billing import fill_in_issuer
from tests.membership.life import FIRST, live, mails, member, morning, pay_all

pytestmark = pytest.mark.django_db
LATE = date(2028, 2, 10)


@pytest.fixture(autouse=True)
def _issuer() -> None:
    fill_in_issuer()


@pytest.fixture
def membership(home: HomePage) -> Membership:
    return member(timezone.localdate())


@pytest.fixture
def contact(client: Client, membership: Membership) -> User:
    """Its main contact, logged in."""
    user = User.objects.get(email="noor@lantaarnwerk.example")
    client.force_login(user)
    return user


def picture(name: str = "logo.png") -> SimpleUploadedFile:
    kept = BytesIO()
    Image.new("RGB", (40, 20), "red").save(kept, "PNG")
    return SimpleUploadedFile(name, kept.getvalue(), "image/png")


PROFILE = {"description_nl": "Wij meten de lucht.", "city": "Brugge", "is_listed": "on"}


def test_the_profile_stands_on_the_members_page(
    client: Client, contact: User, membership: Membership
) -> None:
    address = reverse("membership:own_profile", args=[membership.organisation_id])
    client.post(address, {**PROFILE, "website": "lantaarnwerk.example", "logo": picture()})
    organisation = Organisation.objects.get()
    assert (organisation.description, organisation.city) == ("Wij meten de lucht.", "Brugge")
    assert organisation.website == "https://lantaarnwerk.example"
    assert organisation.is_listed
    assert organisation.logo is not None
    assert organisation.logo.uploaded_by_user == contact
    client.post(address, PROFILE)
    organisation.refresh_from_db()
    assert organisation.logo is not None  # no new picture leaves the old one
    client.post(address, {**PROFILE, "is_logo_removed": "on", "is_listed": ""})
    organisation.refresh_from_db()
    assert organisation.logo is None
    assert not organisation.is_listed


def test_what_only_staff_change_leads_to_them(
    client: Client, contact: User, membership: Membership, home: HomePage
) -> None:
    address = reverse("membership:own_profile", args=[membership.organisation_id])
    assert "Klopt er iets niet meer? Neem contact op." in client.get(address).content.decode()
    home.add_child(instance=ContactPage(title="Contact", slug="contact", thanks="Bedankt."))
    page = client.get(address).content.decode()
    assert 'Klopt er iets niet meer? <a href="/nl/contact/">Neem contact op</a>.' in page


@pytest.mark.parametrize(
    "content", [b"<svg onload='alert(1)'/>", b"", b"GIF89a"], ids=["svg", "empty", "cut"]
)
def test_what_is_no_picture_is_refused_beside_its_field(
    client: Client, contact: User, membership: Membership, content: bytes
) -> None:
    address = reverse("membership:own_profile", args=[membership.organisation_id])
    answer = client.post(address, {**PROFILE, "logo": SimpleUploadedFile("logo.png", content)})
    assert answer.status_code == 200
    assert "Wij meten de lucht." in answer.content.decode()
    assert answer.context["form"].errors.keys() == {"logo"}
    assert Organisation.objects.get().city == "Gent"


def test_details_for_invoices_count_from_the_next_one_on(
    client: Client, contact: User, membership: Membership
) -> None:
    colleague = make_user()
    Affiliation.objects.create(organisation=membership.organisation, user=colleague, role="billing")
    address = reverse("membership:own_invoicing", args=[membership.organisation_id])
    words = {
        "name": "Lantaarnwerk bv",
        "street": "Lampstraat 2",
        "postcode": "9000",
        "city": "Gent",
        "vat_number": "0999.101.384",
        "email": "boek@lantaarnwerk.example",
        "po_number": "PO 7",
        "language": "en",
    }
    for person in (contact, colleague):
        client.force_login(person)
        assert client.post(address, words).status_code == 302
    customer = Organisation.objects.get().customer
    assert customer is not None
    assert (customer.name, customer.vat_number, customer.language) == (
        "Lantaarnwerk bv",
        "BE0999101384",
        "en",
    )
    assert Invoice.objects.get().name == "Lantaarnwerk"  # what was issued stays
    Affiliation.objects.filter(user=colleague).update(role="colleague")
    assert client.get(address).status_code == 404


def test_another_size_counts_from_the_next_term_on_and_is_mailed() -> None:
    membership = member()
    change_size(membership=membership, employees=60, at=morning(date(2027, 6, 1)), by=None)
    membership.refresh_from_db()
    assert Invoice.objects.count() == 1
    assert next_term_of(membership).yearly_fee == Decimal(1500)
    (mail,) = mails("size_changed")
    assert "50 tot 249 medewerkers" in mail.text
    change_size(membership=membership, employees=61, at=morning(date(2027, 6, 1)), by=None)
    assert len(mails("size_changed")) == 1  # the same band costs the same
    live(date(2027, 6, 1), LATE)
    assert Invoice.objects.latest("pk").net == 1500


def test_a_renewal_that_is_out_is_made_anew_and_one_that_is_paid_stays() -> None:
    membership = member()
    live(FIRST, LATE)
    change_size(membership=membership, employees=60, at=morning(LATE), by=None)
    issued = [f"{each.kind} {each.net}" for each in Invoice.objects.order_by("pk")]
    assert issued == ["invoice 1000.00", "invoice 1000.00", "credit_note 1000.00", "invoice 1500.00"]
    pay_all(LATE)
    membership.refresh_from_db()
    change_size(membership=membership, employees=5, at=morning(LATE), by=None)
    assert Invoice.objects.count() == 4
    assert "is al betaald" in mails("size_changed")[-1].text
    live(LATE, date(2029, 2, 10))
    assert Invoice.objects.latest("pk").net == 500


def test_the_form_says_what_each_size_costs(client: Client, contact: User, membership: Membership) -> None:
    address = reverse("membership:own_size", args=[membership.pk])
    page = client.get(address).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    for words in (
        ">10 tot 49 medewerkers</dt><dd>1.000,00 euro",
        ">250 medewerkers of meer</dt><dd>3.000,00 euro",
    ):
        assert words in page
    answer = client.post(address, {"employees": "300"}, follow=True)
    assert "3.000,00 euro" in answer.content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert Organisation.objects.get().employees == 300


def test_the_form_of_the_profile_speaks_the_language_of_the_page(
    client: Client, contact: User, membership: Membership
) -> None:
    pages = {}
    for language in ("nl", "en"):
        with override(language):  # and back: what a page activates would stay for the next test
            address = reverse("membership:own_profile", args=[membership.organisation_id])
            pages[language] = client.get(address).content.decode()
    assert "Een afbeelding, zoals PNG of JPEG" in pages["nl"]
    assert "A picture file, such as PNG or JPEG" in pages["en"]
    assert "Ondersteunde" not in pages["en"]


def test_without_a_price_the_number_is_noted_all_the_same_and_never_an_error_page(
    client: Client, contact: User, membership: Membership
) -> None:
    address = reverse("membership:own_size", args=[membership.pk])
    Price.objects.filter(size_band=size_band_for(300)).delete()
    answer = client.post(address, {"employees": "300"}, follow=True)
    assert "We hebben het aantal genoteerd." in answer.content.decode()
    assert Organisation.objects.get().employees == 300
    answer = client.get(address, follow=True)
    assert "Dit kunt u nu niet wijzigen" in answer.content.decode()
