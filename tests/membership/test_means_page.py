"""The page of the means of payment in My organisation: who sees it, what it says, stopping and replacing."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings
from wagtail.models import Site

from accounts.models import User
from billing.models import AutomaticPayment, ChargeRules, PaymentMeans
from cms.operations.roles import mend_roles
from cms.roles import FINANCE
from membership.models import Affiliation, Membership
from membership.queries import customer_of
from tests.billing.automatic import save_means
from tests.factories.accounts import make_user
from tests.factories.billing import fill_in_issuer, issue
from tests.fakes.stripe_api import KEY, SECRET, StripeServer, stripe_server
from tests.html import problems_of
from tests.membership.life import member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site")]


@pytest.fixture
def running(site: Site, settings: Settings) -> Membership:
    settings.STRIPE_SECRET_KEY = settings.STRIPE_WEBHOOK_SECRET = ""
    fill_in_issuer()
    return member(timezone.localdate())


@pytest.fixture
def stripe(settings: Settings, running: Membership) -> Iterator[StripeServer]:
    with stripe_server() as server:
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
        settings.STRIPE_API_BASE = server.url
        yield server


def address(membership: Membership, name: str = "own_means") -> str:
    return reverse(f"membership:{name}", args=[membership.organisation_id])


def person_of(membership: Membership, role: str) -> User:
    person = make_user()
    Affiliation.objects.create(organisation=membership.organisation, user=person, role=role)
    return person


def planned(membership: Membership) -> AutomaticPayment:
    customer, now = membership.organisation.customer, timezone.now()
    assert customer
    day = timezone.localdate() + timedelta(days=30)
    return AutomaticPayment.objects.create(
        invoice=issue(customer=customer, at=now),
        means=PaymentMeans.objects.get(status="active"),
        charge_on=day,
        next_on=day,
        planned_at=now,
    )


@pytest.mark.parametrize(
    ("role", "status"), [("main_contact", 200), ("billing", 200), ("colleague", 404), ("", 404)]
)
def test_only_main_and_billing_contacts_see_and_change_it(
    running: Membership, stripe: StripeServer, client: Client, role: str, status: int
) -> None:
    client.force_login(person_of(running, role) if role else make_user())
    save_means(stripe, customer_of(running))
    plan = planned(running)
    found = [client.get(address(running, name)).status_code for name in ("own_means", "own_means_stop")]
    found.append(client.get(reverse("membership:own_charge_stop", args=[plan.pk])).status_code)
    assert found == [status] * 3
    assert Client().get(address(running)).status_code == 302


def test_without_keys_it_says_so_and_offers_nothing(running: Membership, client: Client) -> None:
    client.force_login(person_of(running, "billing"))
    shown = client.get(address(running)).content.decode()
    assert "kan op dit moment niet" in shown
    assert address(running, "own_means_save") not in shown
    assert client.get(address(running, "own_means_save")).status_code == 302


def test_it_is_empty_then_says_what_is_saved_and_what_comes_and_is_stopped(
    running: Membership,
    stripe: StripeServer,
    client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client.force_login(person_of(running, "main_contact"))
    shown = client.get(address(running)).content.decode()
    assert problems_of(shown) == []
    assert address(running, "own_means_save") in shown
    answer = client.post(address(running, "own_means_save"))
    assert answer["Location"].startswith(f"{stripe.url}/pay/cs_test_")
    waiting = client.get(f"{address(running)}?saved=1").content.decode()
    assert "We wachten op de betaaldienst" in waiting
    means = save_means(stripe, customer_of(running))
    shown = client.get(f"{address(running)}?saved=1").content.decode()
    assert problems_of(shown) == []
    assert "die eindigt op 4242" in shown
    assert "De volgende verlenging: 1.000,00\N{NO-BREAK SPACE}euro, exclusief btw" in shown
    plan = planned(running)
    with django_assert_max_num_queries(25):
        shown = client.get(address(running)).content.decode()
    assert problems_of(shown) == []
    assert "1.210,00\N{NO-BREAK SPACE}euro voor factuur" in shown
    assert plan.invoice.number in shown
    client.post(reverse("membership:own_charge_stop", args=[plan.pk]))
    plan.refresh_from_db()
    assert plan.stopped_because == "payer"
    assert client.get(reverse("membership:own_charge_stop", args=[plan.pk])).status_code == 302
    client.post(address(running, "own_means_stop"))
    means.refresh_from_db()
    assert means.ended_because == "payer"
    assert "stopgezet door de betaler" in client.get(address(running)).content.decode()
    assert client.get(address(running, "own_means_stop")).status_code == 302


def test_a_payment_service_that_does_not_answer_is_said_beside_the_form(
    running: Membership, stripe: StripeServer, client: Client
) -> None:
    client.force_login(person_of(running, "billing"))
    stripe.failure = 500
    answer = client.post(address(running, "own_means_save"))
    assert answer.status_code == 200
    assert "De betaaldienst antwoordt nu niet" in answer.content.decode()


def test_staff_see_the_plan_on_the_membership_and_in_the_list_and_stop_it_with_a_reason(
    running: Membership, stripe: StripeServer, client: Client
) -> None:
    mend_roles()
    treasurer = make_user(is_staff=True)
    treasurer.groups.add(Group.objects.get(name=FINANCE))
    client.force_login(treasurer)
    save_means(stripe, customer_of(running))
    plan = planned(running)
    listed = client.get("/admin/memberships/automatic/", {"q": plan.invoice.number}).content.decode()
    assert plan.invoice.number in listed
    assert (
        plan.invoice.number in client.get(f"/admin/memberships/automatic/inspect/{plan.pk}/").content.decode()
    )
    exported = client.get("/admin/memberships/automatic/?export=csv")
    assert plan.invoice.number in exported.getvalue().decode()
    assert "Visa-kaart" in client.get(f"/admin/memberships/inspect/{running.pk}/").content.decode()
    assert "Vul dit veld in" in client.post(f"/admin/memberships/automatic/stop/{plan.pk}/").content.decode()
    client.post(f"/admin/memberships/automatic/stop/{plan.pk}/", {"reason": "betwist"})
    plan.refresh_from_db()
    assert (plan.stopped_because, plan.stopped_note) == ("staff", "betwist")
    assert client.get(f"/admin/memberships/automatic/stop/{plan.pk}/").status_code in (302, 403)
    means = PaymentMeans.objects.get()
    assert "Visa-kaart" in client.get("/admin/billing/means/?status=active").content.decode()
    client.post(f"/admin/billing/means/end/{means.pk}/", {"reason": "kaart gestolen"})
    means.refresh_from_db()
    assert (means.ended_because, means.ended_note) == ("staff", "kaart gestolen")


def test_a_direct_debit_that_takes_less_than_the_renewal_says_so(
    running: Membership, stripe: StripeServer, client: Client
) -> None:
    client.force_login(person_of(running, "billing"))
    customer = running.organisation.customer
    assert customer
    save_means(stripe, customer, "sepa_debit")
    limits = {Decimal("1210.00"): False, Decimal("1209.99"): True}  # with VAT
    for limit, is_too_much in limits.items():
        ChargeRules.objects.update_or_create(defaults={"highest_debit": limit})
        shown = client.get(address(running)).text
        assert problems_of(shown) == []
        assert ("meer dan we in één keer kunnen innen" in shown) == is_too_much
    planned(running)  # and announced before the limit was lowered
    shown = client.get(address(running)).text
    assert "meer dan we in één keer kunnen innen" in shown
    ChargeRules.objects.update(highest_debit=10_000)
    assert "meer dan we in één keer kunnen innen" not in client.get(address(running)).text
