"""The contact form: kept for all visitors, taken once, mailed through the queue, limited kindly."""

import pytest
from django.test import Client

from cms.models import OutgoingMail
from cms.protection import TRAP
from home.models import ContactFormField, ContactPage, ContentPage, HomePage
from tests.factories.billing import fill_in_issuer

SENT = {"uw_naam": "Jan", "uw_adres": "jan@demo.example"}


@pytest.fixture
def contact(home: HomePage) -> ContactPage:
    page: ContactPage = home.add_child(
        instance=ContactPage(
            title="Contact",
            slug="contact",
            thanks="Bedankt.",
            to_address="team@demo.example",
            subject="Vraag",
        )
    )
    for label, kind in (("Uw naam", "singleline"), ("Uw adres", "email")):
        page.form_fields.add(ContactFormField(label=label, field_type=kind, locale=page.locale))
    page.save()
    return page


def test_the_page_carries_nothing_of_its_visitor(client: Client, contact: ContactPage) -> None:
    response = client.get("/nl/contact/")
    assert not response.cookies
    assert "csrfmiddlewaretoken" not in response.text
    assert TRAP in response.text


def test_the_page_tells_how_else_to_reach_the_association(client: Client, contact: ContactPage) -> None:
    assert "<address" not in client.get("/nl/contact/").text.split("<main")[1].split("</main")[0]
    fill_in_issuer()
    main = client.get("/nl/contact/").text.split("<main")[1].split("</main")[0]
    for words in ("Voorbeeldstad vzw", "Proefplein 1", "2000 Antwerpen", 'href="mailto:team@demo.example"'):
        assert words in main


def test_the_form_says_what_becomes_of_ones_data(
    client: Client, contact: ContactPage, home: HomePage
) -> None:
    assert "Hoe we met uw gegevens omgaan" not in client.get("/nl/contact/").text
    home.add_child(instance=ContentPage(title="Privacyverklaring", slug="privacy"))
    asked = client.get("/nl/contact/").text
    assert '<a href="/nl/privacy/">Hoe we met uw gegevens omgaan</a>' in asked
    assert "/nl/privacy/" not in client.get("/nl/contact/?sent=1").text


def test_a_message_is_stored_and_mailed_once_and_answers_go_to_the_sender(
    client: Client, contact: ContactPage
) -> None:
    response = client.post("/nl/contact/", SENT)
    assert (response.status_code, response["Location"]) == (302, "/nl/contact/?sent=1")
    assert "Bedankt." in client.get(response["Location"]).text
    assert contact.get_submissions().count() == 1
    mail = OutgoingMail.objects.get()
    assert (mail.recipient, mail.reply_to, mail.subject) == ("team@demo.example", "jan@demo.example", "Vraag")
    assert "Uw naam: Jan" in mail.text
    assert '<a href="mailto:jan@demo.example">' in mail.html


def test_a_program_that_fills_the_trap_in_sends_nothing(client: Client, contact: ContactPage) -> None:
    response = client.post("/nl/contact/", {**SENT, TRAP: "http://spam.example"})
    assert response.status_code == 200
    assert 'value="Jan"' in response.text
    assert not contact.get_submissions().exists()


def test_the_hundredth_time_is_limited_kindly_and_keeps_what_was_typed(
    client: Client, contact: ContactPage
) -> None:
    answers = [client.post("/nl/contact/", SENT) for _ in range(32)]
    assert [answer.status_code for answer in answers] == [302] * 30 + [429] * 2
    assert 'value="Jan"' in answers[-1].text
    assert contact.get_submissions().count() == 30


def test_after_sending_the_page_only_thanks_and_leads_on(client: Client, contact: ContactPage) -> None:
    contact.lead = "Schrijf ons gerust."
    contact.save_revision().publish()
    assert "Schrijf ons gerust." in client.get("/nl/contact/").text
    text = client.get("/nl/contact/?sent=1").text
    assert "Schrijf ons gerust." not in text.split("<main")[1]
    assert '<a class="onward" href="/nl/">' in text
