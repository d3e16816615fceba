"""What the private link of a mail shows, and what it lets its holder do."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import DjangoAssertNumQueries, Settings
from wagtail.models import ModelLogEntry

from billing.models import AutomaticPayment, Invoice
from billing.operations.charges import begin_charges
from billing.operations.plans import announce_payment
from cms.models import PrivateLink
from membership.emails import LOOK, PAY, STOP
from membership.models import Affiliation, Membership, Organisation
from membership.operations.ladder import fall_past_due
from membership.operations.terms import announce_renewals, invoice_renewals, turn_terms
from tests.billing.automatic import noon, save_means
from tests.factories.accounts import make_user
from tests.factories.billing import issue
from tests.fakes.stripe_api import KEY, SECRET, stripe_server
from tests.membership.life import mails
from tests.membership.linked import HERE, OWN, RESIGN, assert_closed, link_to, page, path_in

pytestmark = pytest.mark.django_db


def test_who_is_logged_in_goes_on_from_a_closed_link(client: Client, place: Affiliation) -> None:
    visitor = client.get(f"{OWN}l/{'A' * 22}/").content.decode()
    assert "Aanmelden en verdergaan" in visitor
    client.force_login(place.user)
    assert f'href="{OWN}">Verdergaan met deze account' in client.get(f"{OWN}l/{'A' * 22}/").content.decode()
    assert "Verdergaan" not in client.get("/nl/bestaat-niet/").content.decode()


def test_a_notice_carries_a_link_that_shows_the_renewal_and_stops_it(
    client: Client, member: Membership, place: Affiliation
) -> None:
    assert announce_renewals(timezone.now()) == 1
    (notice,) = mails("renewal_notice")
    path = path_in(notice)
    assert "Bekijk de verlenging of zeg op" in notice.text
    content = page(client, path)
    for words in (
        "Lantaarnwerk",
        "Connect",
        "1.000,00\N{NO-BREAK SPACE}euro",
        "Het volgende lidmaatschapsjaar",
    ):
        assert words in content
    answer = client.get(path)
    assert "no-store" in answer["Cache-Control"]
    assert "noindex" in answer["X-Robots-Tag"]
    assert answer["Referrer-Policy"] == "no-referrer"
    form = page(client, f"{path}opzeggen/")
    assert member.ends_on
    assert f"loopt het lidmaatschap nog tot en met {date_format(member.ends_on)}" in form
    member.refresh_from_db()
    assert member.resigned_at is None, "looking changes nothing"

    refused = client.post(f"{path}opzeggen/", {"note": "Zonder reden"}, **HERE)
    assert refused.status_code == 200
    assert "Zonder reden" in refused.content.decode()
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"{path}opzeggen/", RESIGN, HTTP_ORIGIN="https://elders.example").status_code == 403
    done = strict.post(f"{path}opzeggen/", RESIGN, **HERE)
    assert done["Location"] == path
    member.refresh_from_db()
    assert member.resigned_because == "budget"
    line = ModelLogEntry.objects.for_instance(member).get(action="membership.resign")
    assert (line.user, line.data["link"]) == (place.user, "mail")
    after = page(strict, path)
    assert "Uw opzegging is genoteerd" in after
    assert "opgezegd en loopt nog tot en met" in after
    assert "opzeggen/" not in after
    again = client.post(f"{path}opzeggen/", RESIGN, **HERE)
    assert again["Location"] == path
    assert ModelLogEntry.objects.filter(action="membership.resign").count() == 1
    assert len(mails("resigned")) == 1


def test_a_link_does_what_its_mail_is_about_and_no_more(
    client: Client, member: Membership, place: Affiliation
) -> None:
    customer = member.organisation.customer
    assert customer
    unpaid = Invoice.objects.get()
    Invoice.objects.filter(pk=unpaid.pk).update(status="overdue")
    other = issue(customer=customer, at=timezone.now())
    stranger = issue(at=timezone.now())
    may = {LOOK: (404, 404), PAY: (404, 200), STOP: (200, 200)}
    for purpose, (stop, pay) in may.items():
        path = link_to(place, purpose)
        content = page(client, path)
        assert unpaid.number in content
        assert other.number not in content, "only what is for the membership"
        assert (f"{path}facturen/{unpaid.pk}/" in content) == (pay == 200)
        assert (f"{path}opzeggen/" in content) == (stop == 200)
        assert client.get(f"{path}opzeggen/").status_code == stop
        for part in ("", "pdf/"):
            assert client.get(f"{path}facturen/{unpaid.pk}/{part}").status_code == pay
        for wrong in (other, stranger):
            assert client.get(f"{path}facturen/{wrong.pk}/").status_code == 404
        if stop == 404:
            assert client.post(f"{path}opzeggen/", RESIGN, **HERE).status_code == 404
    member.refresh_from_db()
    assert member.resigned_at is None


def test_the_page_tells_nothing_of_colleagues_and_leads_to_the_log_in(
    client: Client, member: Membership, place: Affiliation
) -> None:
    colleague = make_user(email="collega@lantaarnwerk.example")
    Affiliation.objects.create(organisation=member.organisation, user=colleague)
    content = page(client, link_to(place, STOP))
    assert colleague.email not in content
    assert colleague.last_name not in content
    assert Invoice.objects.get().number not in content, "what is paid is for who logs in"
    (log_in,) = re.findall(r'href="([^"]*login/code/[^"]*)"', content)
    entrance = page(client, log_in.replace("&amp;", "&"))
    assert f'value="{place.user.email}"' in entrance
    assert f'value="/nl/mijn-organisatie/#organisation-{member.organisation_id}"' in entrance
    client.force_login(place.user)
    assert f'href="/nl/mijn-organisatie/#organisation-{member.organisation_id}"' in page(
        client, link_to(place, LOOK)
    )


def test_a_colleague_sees_neither_amounts_nor_invoices(client: Client, member: Membership) -> None:
    Invoice.objects.update(status="overdue")
    mere = Affiliation.objects.create(organisation=member.organisation, user=make_user())
    for purpose in (LOOK, PAY, STOP):
        path = link_to(mere, purpose)
        content = page(client, path)
        assert "Connect" in content
        assert "euro" not in content
        assert Invoice.objects.get().number not in content
        for part in ("opzeggen/", f"facturen/{Invoice.objects.get().pk}/"):
            assert client.get(path + part).status_code == 404
        assert client.post(f"{path}opzeggen/", RESIGN, **HERE).status_code == 404


def test_what_was_paid_behind_the_link_stays_open_behind_it(
    client: Client, member: Membership, place: Affiliation
) -> None:
    invoice = Invoice.objects.get()
    before, path = f"{link_to(place, PAY)}facturen/{invoice.pk}/", link_to(place, PAY)
    PrivateLink.objects.update(created_at=timezone.now() + timedelta(days=1), expires_at=None)
    assert client.get(before).status_code == 404, "it was paid before the link was made"
    PrivateLink.objects.update(created_at=timezone.now() - timedelta(days=1))
    content = page(client, f"{path}facturen/{invoice.pk}/")
    assert f'href="{path}">Terug naar uw lidmaatschap' in content
    assert client.get(f"{path}facturen/{invoice.pk}/pay/").status_code == 302


def test_who_is_late_reads_what_to_pay_and_pays_there(
    client: Client, member: Membership, place: Affiliation
) -> None:
    invoice = Invoice.objects.get()
    Invoice.objects.filter(pk=invoice.pk).update(status="overdue")
    fall_past_due(membership=member, at=timezone.now(), by=None)
    path = path_in(mails("past_due")[0])
    content = page(client, path)
    assert "notice-mind" in content
    assert content.count(f'href="{path}facturen/{invoice.pk}/"') == 2  # in the notice and in the list


def test_a_membership_that_ended_shows_when_and_the_way_back(
    client: Client, member: Membership, place: Affiliation
) -> None:
    path = link_to(place, STOP)
    Membership.objects.update(status="lapsed")
    content = page(client, path)
    assert "Opnieuw lid worden" in content
    assert "opzeggen/" not in content
    assert_closed(f"{path}opzeggen/")
    Membership.objects.all().update(organisation=Organisation.objects.create(name="Elders"))
    assert "Nog geen" in page(client, path)


def test_the_page_costs_few_queries(
    client: Client,
    member: Membership,
    place: Affiliation,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    path = link_to(place, STOP)
    client.get(path)
    with django_assert_max_num_queries(20):
        client.get(path)
    for _number in range(3):
        Affiliation.objects.create(organisation=member.organisation, user=make_user())
    with django_assert_max_num_queries(20):
        client.get(path)


def read(client: Client, path: str) -> str:
    """The words of a page, without its tags."""
    return re.sub(r"<[^>]+>", "", page(client, path))


def test_who_saved_a_card_reads_what_is_collected_from_it_and_when(
    client: Client, member: Membership, place: Affiliation, settings: Settings
) -> None:
    customer = member.organisation.customer
    assert customer
    assert member.ends_on
    path, nothing = link_to(place, PAY), "Er wordt niets automatisch geïnd"
    with stripe_server() as server:
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
        settings.STRIPE_API_BASE = server.url
        assert nothing in read(client, path)
        save_means(server, customer)
        collected = "innen we ze automatisch via uw Visa-kaart die eindigt op 4242. U kunt dat stopzetten"
        told = read(client, path)
        assert f"Op {date_format(member.ends_on)} {collected}" in told
        assert nothing not in told
        invoice_renewals(timezone.now())
        plan = AutomaticPayment.objects.get()
        told = read(client, path)
        assert f"Op {date_format(plan.charge_on)} innen we de factuur automatisch via uw Visa-kaart" in told
        collects = f"Wordt automatisch geïnd op {date_format(plan.charge_on)}"
        assert collects in told
        assert nothing not in told
        member_self = Client()
        member_self.force_login(place.user)
        own_page = member_self.get(reverse("membership:own")).content.decode()
        assert collects in own_page
        assert f"Te betalen tegen {date_format(plan.invoice.due_on)}" not in own_page
        announce_payment(plan=plan, at=timezone.now())
        day = plan.charge_on + timedelta(days=1)
        assert begin_charges(noon(plan.charge_on)) == 1
        turn_terms(noon(day))
        member.refresh_from_db()
        assert member.ends_on > day
        told = read(client, path)
        assert "De automatische betaling loopt: u hoeft niets te doen." in told
        assert "Te betalen tegen" not in told
        AutomaticPayment.objects.update(status="planned", failed=1, next_on=day)
        Membership.objects.update(status="past_due", lapses_on=day)
        told = read(client, path)
        assert (
            f"De automatische betaling werd geweigerd. We proberen het opnieuw op {date_format(day)}." in told
        )
        AutomaticPayment.objects.update(status="stopped", stopped_because="payer")
        assert "automatisch" not in read(client, path).partition("Te betalen")[2]


def test_who_is_committed_for_years_reads_what_cancelling_does(
    client: Client, member: Membership, place: Affiliation
) -> None:
    path, said = link_to(place, STOP), "U verbond zich voor meerdere jaren: als u opzegt"
    assert said not in page(client, path)
    until = timezone.localdate() + timedelta(days=800)
    Membership.objects.update(engaged_until=until)
    assert f"{said}, loopt het nog tot en met {date_format(until)}." in page(client, path)


def test_a_link_that_closed_and_one_that_never_was_say_the_same(client: Client, place: Affiliation) -> None:
    path = link_to(place, LOOK)
    PrivateLink.objects.update(revoked_at=timezone.now())
    closed, made_up, other = (
        client.get(address) for address in (path, f"{OWN}l/{'A' * 22}/", "/nl/bestaat-niet/")
    )
    assert {answer.status_code for answer in (closed, made_up, other)} == {404}
    said = "Deze link werkt niet meer"
    assert said in closed.text
    assert said not in other.text
    without_address = [re.sub(r"/l/[\w-]+/", "", answer.text) for answer in (closed, made_up)]
    assert without_address[0] == without_address[1]


def test_who_is_past_due_reads_what_the_next_term_costs_unless_it_should_have_lapsed(
    client: Client, member: Membership, place: Affiliation
) -> None:
    path, day = link_to(place, STOP), timezone.localdate()
    assert announce_renewals(timezone.now()) == 1
    before = page(client, path)
    for status in ("past_due", "grace"):
        Membership.objects.update(status=status, lapses_on=day)
        told = page(client, path)
        assert "Het volgende lidmaatschapsjaar" in told, status
        assert told.count("1.000,00") == before.count("1.000,00") == 1
    Membership.objects.update(status="grace", lapses_on=day, lapse_held_on=day)
    assert "Het volgende lidmaatschapsjaar" not in page(client, path)
