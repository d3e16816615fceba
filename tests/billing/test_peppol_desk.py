"""Peppol in the back office: how documents went out, what did not get through, and sending it again."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings
from wagtail.models import Site

from accounts.models import User
from billing.gateways.peppol import AccessPointRefused
from billing.models import Dispatch, Invoice
from tests.billing.test_desk import LIST, person
from tests.factories.billing import CustomerFactory, issue
from tests.fakes.peppol import FakeAccessPoint
from tests.queue import drain

pytestmark = pytest.mark.django_db
DISPATCHES = "/admin/billing/dispatches/"
AGAIN = "Opnieuw verzenden via Peppol"


@pytest.fixture
def treasurer(client: Client, site: Site) -> User:
    user = person("finance")
    client.force_login(user)
    return user


@pytest.fixture(autouse=True)
def _logged_in(treasurer: User) -> None:
    """The treasurer is at the desk."""


def send(**fields: Any) -> Invoice:
    """Issue an invoice and let everything go that waits."""
    invoice = issue(is_mailed=True, at=timezone.now(), **fields)
    drain()
    return invoice


def states() -> list[str]:
    return list(Dispatch.objects.filter(channel="peppol").order_by("pk").values_list("state", flat=True))


def test_the_page_of_an_invoice_shows_each_way_and_each_look_up(
    client: Client, point: FakeAccessPoint
) -> None:
    point.reached.clear()
    invoice = send()
    page = client.get(f"{LIST}inspect/{invoice.pk}/").content.decode()
    for words in ("0208:0999888767", "niet op Peppol", "kan niet ontvangen", "&quot;NOK&quot;"):
        assert words in page
    assert "Wordt opnieuw opgezocht op" in page
    assert AGAIN in page
    point.reached.add("0208:0999888767")
    copied = send()
    page = client.get(f"{LIST}inspect/{copied.pk}/").content.decode()
    for words in ("verzonden", "als kopie", "kan ontvangen", "storecove: guid-"):
        assert words in page
    assert AGAIN not in page
    assert "via Peppol ging" in client.get(f"{LIST}send/{copied.pk}/").content.decode()
    never = issue(at=timezone.now())
    assert "niet van hieruit verzonden" in client.get(f"{LIST}inspect/{never.pk}/").content.decode()


def test_sending_again_says_what_happens_and_happens_once(
    client: Client, treasurer: User, point: FakeAccessPoint
) -> None:
    point.failing["send"] = AccessPointRefused("422: odd")
    invoice = send()
    address = f"{LIST}peppol/{invoice.pk}/"
    page = client.get(address).content.decode()
    assert "De ontvanger, 0208:0999888767, wordt opnieuw opgezocht" in page
    assert "twee keer" not in page
    assert states() == ["failed"]
    point.failing.clear()
    assert client.post(address)["Location"] == f"{LIST}inspect/{invoice.pk}/"
    drain()
    assert states() == ["failed", "sent"]
    newest = Dispatch.objects.filter(channel="peppol").latest("pk")
    assert newest.by == treasurer
    assert len(point.sent) == 1
    assert client.post(address).status_code == 302
    assert states() == ["failed", "sent"]


def test_what_may_have_arrived_is_sent_again_after_a_warning_only(
    client: Client, point: FakeAccessPoint
) -> None:
    invoice = send()
    sent = Dispatch.objects.filter(channel="peppol")
    sent.update(state="failed", error="geen bewijs", settled_at=timezone.now())
    assert "twee keer" in client.get(f"{LIST}peppol/{invoice.pk}/").content.decode()
    sent.update(state="outbox", error="")
    assert "niemand" in client.get(f"{LIST}peppol/{invoice.pk}/").content.decode()


def test_who_is_no_business_is_not_offered_peppol(client: Client, point: FakeAccessPoint) -> None:
    invoice = send(customer=CustomerFactory.create(enterprise_number="", vat_number=""))
    assert AGAIN not in client.get(f"{LIST}inspect/{invoice.pk}/").content.decode()
    assert client.post(f"{LIST}peppol/{invoice.pk}/").status_code == 302
    assert states() == []


def test_a_file_in_the_outbox_is_noted_as_uploaded(
    client: Client, treasurer: User, settings: Settings, tmp_path: Any
) -> None:
    settings.DATA_DIR = tmp_path
    invoice = send()
    page = client.get(f"{LIST}inspect/{invoice.pk}/").content.decode()
    assert "klaar om te uploaden" in page
    assert "uitgaande map" in client.get(f"{LIST}peppol/{invoice.pk}/").content.decode()
    address = f"{LIST}uploaded/{invoice.pk}/"
    assert "kopie" in client.get(address).content.decode()
    client.post(address)
    assert states() == ["sent"]
    assert client.get(address).status_code == 302


def test_the_lists_say_what_did_not_get_through(client: Client, point: FakeAccessPoint) -> None:
    fine = send()
    page = client.get(LIST).content.decode()
    assert "verzonden" in page
    assert "niet aangekomen" not in page
    point.failing["send"] = AccessPointRefused("422: te vreemd")
    lost = send()
    page = client.get(LIST).content.decode()
    assert "1 document is niet aangekomen via Peppol" in page
    assert f"{DISPATCHES}?is_stuck=true" in page
    stuck = client.get(f"{DISPATCHES}?is_stuck=true").content.decode()
    assert lost.number in stuck
    assert "422: te vreemd" in stuck
    assert f"{LIST}inspect/{lost.pk}/" in stuck
    assert fine.number not in stuck
    assert fine.number in client.get(f"{DISPATCHES}?is_stuck=false").content.decode()
    failed = client.get(f"{LIST}?delivery=failed").content.decode()
    assert lost.number in failed
    assert fine.number not in failed
    mailed = send(customer=CustomerFactory.create(enterprise_number="", vat_number=""))
    alone = client.get(f"{LIST}?delivery=mailed").content.decode()
    assert mailed.number in alone
    assert lost.number not in alone
    for query in ("?ordering=delivery", "?export=csv", "?delivery=odd"):
        assert client.get(f"{LIST}{query}").status_code == 200
    assert client.get(f"{DISPATCHES}?export=csv").status_code == 200


def test_the_list_takes_the_same_queries_whatever_its_length(
    client: Client, point: FakeAccessPoint, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(8):
        send()
    client.get(DISPATCHES)
    with django_assert_max_num_queries(25):
        client.get(DISPATCHES)


@pytest.mark.parametrize(("role", "may"), [("finance", True), ("board", False), ("editor", False)])
def test_who_may_send_again(client: Client, point: FakeAccessPoint, role: str, may: bool) -> None:
    point.reached.clear()
    invoice = send()
    Dispatch.objects.filter(channel="peppol").update(queued_at=timezone.now() - timedelta(days=1))
    user = person(role) if role != "finance" else User.objects.get(email="finance@demo.example")
    client.force_login(user)
    client.post(f"{LIST}peppol/{invoice.pk}/")
    assert states() == (["queued"] if may else ["unreachable"])
    assert (client.get(DISPATCHES).status_code == 200) == (role != "editor")
