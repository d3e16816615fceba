"""VAT numbers in the back office: what is known of them, who must be looked at, and deciding by hand."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings
from wagtail.models import Site

from accounts.models import User
from billing.models import Invoice, VatCheck
from billing.operations.vat_checks import check_vat_number
from tests.billing.test_desk import person
from tests.billing.test_free_invoices import form
from tests.factories.billing import DUTCH_VAT, CustomerFactory, abroad, confirm_vat_number, fill_in_issuer
from tests.fakes.vies_api import ViesServer, vies_server
from tests.queue import drain

pytestmark = pytest.mark.django_db
CUSTOMERS = "/admin/billing/customers/"
CHECKS = "/admin/billing/vat-checks/"
DECIDE = "Over het btw-nummer beslissen"


@pytest.fixture
def treasurer(client: Client, site: Site) -> User:
    fill_in_issuer()
    user = person("finance")
    client.force_login(user)
    return user


@pytest.fixture(autouse=True)
def _logged_in(treasurer: User) -> None:
    """The treasurer is at the desk."""


@pytest.fixture
def vies(settings: Settings) -> Iterator[ViesServer]:
    with vies_server() as running:
        settings.VIES_API_BASE = running.url
        yield running


def customer_form(**fields: str) -> dict[str, str]:
    own = {"name": "Voorbeeld bv", "street": "Testkade 1", "postcode": "1011AB", "city": "Amsterdam"}
    rest = {"country": "NL", "vat_number": DUTCH_VAT, "email": "boek@voorbeeld.example", "language": "nl"}
    return own | rest | fields


def test_a_new_customer_is_asked_about_and_an_old_one_when_its_number_changes(
    client: Client, vies: ViesServer
) -> None:
    assert client.post(f"{CUSTOMERS}new/", customer_form()).status_code == 302
    assert vies.requests == []
    drain()
    kept = VatCheck.objects.get()
    assert (kept.vat_number, kept.outcome) == (DUTCH_VAT, "valid")
    address = f"{CUSTOMERS}edit/{kept.customer_id}/"
    client.post(address, customer_form(city="Utrecht"))
    drain()
    assert len(vies.requests) == 1
    client.post(address, customer_form(vat_number="NL004495445B01"))
    drain()
    assert [check.outcome for check in VatCheck.objects.order_by("pk")] == ["valid", "invalid"]


def test_a_customer_waits_for_a_decision_that_says_what_vies_told(
    client: Client, vies: ViesServer, treasurer: User
) -> None:
    vies.registered.clear()
    customer, belgian = abroad(is_confirmed=False, name="Voorbeeld bv"), CustomerFactory.create()
    check_vat_number(customer=customer, vat_number=DUTCH_VAT, at=timezone.now())
    for address in (CUSTOMERS, CHECKS):
        assert "1 btw-nummer is niet bevestigd." in client.get(address).content.decode()
    waiting = client.get(f"{CUSTOMERS}?is_waiting=true").content.decode()
    assert "Voorbeeld bv" in waiting
    assert belgian.name not in waiting
    assert belgian.name in client.get(f"{CUSTOMERS}?is_waiting=false").content.decode()
    address = f"{CUSTOMERS}vat/{customer.pk}/"
    assert address in client.get(f"{CUSTOMERS}edit/{customer.pk}/").content.decode()
    page = client.get(address).content.decode()
    assert f"{DUTCH_VAT} is verworpen tot" in page
    assert "VIES antwoordde op" in page
    assert "niet geldig" in page
    assert "Voorbeeld bv" in page
    refused = client.post(address, {"decision": "confirm", "reason": " "})
    assert refused.status_code == 200
    assert VatCheck.objects.count() == 1
    done = client.post(address, {"decision": "confirm", "reason": "uittreksel KvK"}, follow=True)
    assert f"{DUTCH_VAT} is bevestigd: de btw wordt verlegd." in done.content.decode()
    decided = VatCheck.objects.first()
    assert decided is not None
    assert (decided.outcome, decided.reason, decided.by) == ("valid", "uittreksel KvK", treasurer)
    for address in (CUSTOMERS, CHECKS):
        assert "niet bevestigd." not in client.get(address).content.decode()
    told = client.get(CHECKS).content.decode()
    assert "uittreksel KvK" in told
    assert "uittreksel KvK" not in client.get(f"{CHECKS}?is_decision=false").content.decode()
    assert (
        "Over een btw-nummer beslissen" in client.get(f"{CUSTOMERS}history/{customer.pk}/").content.decode()
    )
    rejected = client.post(
        f"{CUSTOMERS}vat/{customer.pk}/", {"decision": "reject", "reason": "stopte"}, follow=True
    )
    assert "is verworpen: op facturen komt Belgische btw" in rejected.content.decode()


def test_vies_is_asked_once_more_and_its_newest_answer_counts(
    client: Client, vies: ViesServer, treasurer: User
) -> None:
    vies.registered.clear()
    customer, belgian = abroad(is_confirmed=False), CustomerFactory.create()
    check_vat_number(customer=customer, vat_number=DUTCH_VAT, at=timezone.now())
    vies.registered[DUTCH_VAT] = ("VOORBEELD B.V.", "TESTKADE 1")
    address = f"{CUSTOMERS}vies/{customer.pk}/"
    assert address in client.get(f"{CUSTOMERS}edit/{customer.pk}/").content.decode()
    assert client.get(f"{CUSTOMERS}vies/{belgian.pk}/").status_code == 302
    assert "telt daarna in plaats van het vorige" in client.get(address).content.decode()
    assert len(vies.requests) == 1
    for _click in range(2):  # a second click asks no second time
        client.post(address)
    drain()
    assert [check.outcome for check in VatCheck.objects.order_by("pk")] == ["invalid", "valid"]
    assert len(vies.requests) == 2
    assert "1 btw-nummer is niet bevestigd." not in client.get(CUSTOMERS).content.decode()
    assert "VIES opnieuw gevraagd" in client.get(f"{CUSTOMERS}history/{customer.pk}/").content.decode()


def test_where_vies_is_not_asked_there_is_no_asking_again(client: Client) -> None:
    customer = abroad(is_confirmed=False)
    assert f"{CUSTOMERS}vies/" not in client.get(f"{CUSTOMERS}edit/{customer.pk}/").content.decode()
    assert client.post(f"{CUSTOMERS}vies/{customer.pk}/").status_code == 302
    drain()
    assert not VatCheck.objects.exists()


def test_each_answer_can_be_read_as_it_came_and_none_is_changed(client: Client, vies: ViesServer) -> None:
    customer = abroad(is_confirmed=False)
    check_vat_number(customer=customer, vat_number=DUTCH_VAT, at=timezone.now())
    kept = VatCheck.objects.get()
    page = client.get(f"{CHECKS}inspect/{kept.pk}/").content.decode()
    for words in ("WAPIAAAA1", "VOORBEELD B.V.", "requestDate", "BE0999999922"):
        assert words in page
    for name in ("edit", "delete"):
        assert client.get(f"{CHECKS}{name}/{kept.pk}/").status_code == 404
    decision = client.get(f"{CUSTOMERS}vat/{customer.pk}/").content.decode()
    assert "Raadplegingsnummer: WAPIAAAA1." in decision
    assert "Naam en adres: VOORBEELD B.V., TESTKADE 1 1011AB AMSTERDAM." in decision
    assert f"Is dat {customer.name}, aan wie u factureert?" in decision


def test_the_page_says_when_vies_is_silent_not_asked_yet_or_not_asked_at_all(
    client: Client, settings: Settings
) -> None:
    customer = abroad(is_confirmed=False)
    address = f"{CUSTOMERS}vat/{customer.pk}/"
    assert "VIES wordt niet bevraagd" in client.get(address).content.decode()
    settings.VIES_API_BASE = "http://127.0.0.1:9"
    assert "VIES is nog niet bevraagd" in client.get(address).content.decode()
    confirm_vat_number(customer, outcome="unavailable", answer="200: MS_UNAVAILABLE")
    page = client.get(address).content.decode()
    assert "VIES gaf geen antwoord op" in page
    assert "MS_UNAVAILABLE" in page


def test_nothing_is_decided_where_nothing_hangs_on_it(client: Client) -> None:
    belgian, dutch = CustomerFactory.create(), abroad()
    for customer, may in ((belgian, False), (dutch, True)):
        answer = client.get(f"{CUSTOMERS}vat/{customer.pk}/")
        assert (answer.status_code == 200) is may
        assert (DECIDE in client.get(f"{CUSTOMERS}edit/{customer.pk}/").content.decode()) is may


def test_an_invoice_made_by_hand_says_why_it_waits_and_then_goes(client: Client) -> None:
    customer = abroad(is_confirmed=False)
    address = f"/admin/billing/free-invoices/{customer.pk}/"
    waits = f"Het btw-nummer {DUTCH_VAT} is nog niet bevestigd"
    assert waits in client.get(address).content.decode()
    shown = client.post(address, form(step="preview"))
    assert waits in shown.content.decode()
    assert 'value="issue"' not in shown.content.decode()
    assert (
        waits
        not in client.post(
            address, form(step="preview", **{"lines-0-vat_treatment": "standard"})
        ).content.decode()
    )
    confirm_vat_number(customer)
    shown = client.post(address, form(step="preview"))
    assert waits not in shown.content.decode()
    seal = shown.context["preview"].seal
    # It lapses between looking and confirming: nothing is issued.
    before: Any = timezone.now() - timedelta(days=31)
    VatCheck._base_manager.all().delete()
    confirm_vat_number(customer, checked_at=before)
    assert client.post(address, form(step="issue", confirmed=seal)).status_code == 200
    assert not Invoice.objects.exists()
    confirm_vat_number(customer)
    assert client.post(address, form(step="issue", confirmed=seal)).status_code == 302
    assert Invoice.objects.get().lines.first().vat_category == "AE"


def test_for_a_belgian_customer_reverse_charge_cannot_be_chosen(client: Client) -> None:
    customer = CustomerFactory.create()
    answer = client.post(
        f"/admin/billing/free-invoices/{customer.pk}/",
        form(step="preview", **{"lines-0-vat_treatment": "reverse-charge"}),
    )
    assert "Btw verleggen kan alleen voor een onderneming elders in de EU" in answer.content.decode()
    assert 'value="issue"' not in answer.content.decode()


def test_the_lists_need_no_more_queries_for_more_rows(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(12):
        abroad()
    client.get(CUSTOMERS)
    for address in (CUSTOMERS, f"{CUSTOMERS}?is_waiting=true", CHECKS):
        with django_assert_max_num_queries(28):
            assert client.get(address).status_code == 200


@pytest.mark.parametrize(("role", "may_read"), [("board", True), ("events", False)])
def test_the_board_reads_and_decides_nothing_and_others_do_neither(
    client: Client, role: str, may_read: bool
) -> None:
    customer = abroad()
    client.force_login(person(role))
    assert (client.get(CHECKS).status_code == 200) is may_read
    assert client.get(f"{CUSTOMERS}vat/{customer.pk}/").status_code in (302, 403)
