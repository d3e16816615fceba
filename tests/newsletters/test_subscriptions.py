import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from home.models import HomePage
from newsletters.models import ConsentEvent, NewsletterPage, Subscription
from newsletters.operations.subscriptions import (
    CONFIRM_WITHIN,
    confirm_subscription,
    forget_unconfirmed,
    request_subscription,
    unsubscribe,
)
from newsletters.tasks import push_subscription
from tests.fakes.mailchimp import FakeAudience
from tests.queue import drain

pytestmark = pytest.mark.django_db
EMAIL = "noor@lantaarnwerk.example"
NOW = timezone.now()
OWN = {"origin": "http://testserver", "sec-fetch-site": "same-origin"}


def ask(email: str = EMAIL) -> Subscription:
    return request_subscription(email=email, language="nl", wording="Ja, graag.", at=NOW)


def send_mail() -> list[str]:
    drain()
    return [str(message.body) for message in mail.outbox]


def newest_page() -> str:
    """The newest mail as a mail program shows it, dressed."""
    page, _html = mail.outbox[-1].alternatives[0]
    return str(page)


def link_in(body: str) -> str:
    found = re.search(r"http://testserver(/\S+)", body)
    assert found
    return found[1]


@pytest.fixture
def page(home: HomePage) -> NewsletterPage:
    return home.add_child(instance=NewsletterPage(title="Nieuwsbrief", slug="nieuwsbrief"))


def test_from_the_form_to_confirmed_and_out_again(page: NewsletterPage, client: Client) -> None:
    address = "/nl/nieuwsbrief-aanvragen/"
    assert client.get("/nl/nieuwsbrief/").status_code == 200
    response = client.post(address, {"email": EMAIL, "consent": "on"}, follow=True, headers=OWN)
    assert response.status_code == 200
    assert EMAIL in response.text
    assert EMAIL not in response.redirect_chain[-1][0]
    assert f'href="{page.url}"' in response.text.split("<main")[1]
    confirm = link_in(send_mail()[-1])
    assert f'class="button" href="http://testserver{confirm}"' in newest_page()
    client.get(confirm)
    assert Subscription.objects.get().status == Subscription.Status.PENDING
    done = client.post(confirm, follow=True, headers=OWN).text.split("<main")[1].split("</main>")[0]
    assert f'href="{page.url}"' not in done
    assert Subscription.objects.get().status == Subscription.Status.CONFIRMED
    leave = link_in(send_mail()[-1])
    assert f'<a href="http://testserver{leave}">Uitschrijven</a>' in newest_page()
    asked = client.get(leave).content.decode()
    assert '<a class="button button-quiet" href="/nl/">Nee, ik blijf ingeschreven</a>' in asked
    assert Subscription.objects.get().status == Subscription.Status.CONFIRMED
    client.post(leave, headers=OWN)
    assert Subscription.objects.get().status == Subscription.Status.UNSUBSCRIBED
    assert [event.kind for event in ConsentEvent.objects.all()] == ["requested", "confirmed", "unsubscribed"]
    assert "nieuwsbrief" in ConsentEvent.objects.earliest("happened_at").wording


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"email": "noor", "consent": "on"}, "email"),
        ({"email": "", "consent": "on"}, "email"),
        ({"email": "x" * 10_000 + "@example.be", "consent": "on"}, "email"),
        ({"email": "a\x00b@example.be", "consent": "on"}, "email"),
        ({"email": EMAIL}, "consent"),
    ],
)
def test_bad_input_is_said_beside_its_field_and_kept(
    page: NewsletterPage, client: Client, data: dict[str, str], message: str
) -> None:
    response = client.post("/nl/nieuwsbrief-aanvragen/", data, headers=OWN)
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [message]
    assert not Subscription.objects.exists()
    if message == "consent":
        assert f'value="{EMAIL}"' in response.content.decode()


def test_the_answer_betrays_nobody_and_a_subscriber_is_mailed_a_way_out(
    page: NewsletterPage, client: Client
) -> None:
    confirm_subscription(subscription=ask(), at=NOW)
    send_mail()
    answers = [
        client.post("/nl/nieuwsbrief-aanvragen/", {"email": email, "consent": "on"}, headers=OWN)
        for email in (EMAIL, "nieuw@example.be")
    ]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, answers[0]["Location"])}
    assert Subscription.objects.get(email=EMAIL).status == Subscription.Status.CONFIRMED
    assert any("/l/" in body and "al" in body for body in send_mail()[1:])
    *_earlier, way_out = [str(sent.alternatives[0][0]) for sent in mail.outbox if sent.to == [EMAIL]]
    assert re.search(r'<a href="http://testserver/\S+">Uitschrijven</a>', way_out)


def test_a_form_from_elsewhere_and_too_many_requests_are_refused(
    page: NewsletterPage, client: Client
) -> None:
    data = {"email": EMAIL, "consent": "on"}
    address = "/nl/nieuwsbrief-aanvragen/"
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(address, data, headers={"origin": "https://evil.example"}).status_code == 403
    statuses = [client.post(address, data, headers=OWN).status_code for _time in range(7)]
    assert statuses[0] == 302
    assert statuses[-1] == 429
    assert Subscription.objects.count() == 1


def test_confirming_twice_is_once(page: NewsletterPage) -> None:
    subscription = ask()
    confirm_subscription(subscription=subscription, at=NOW)
    confirm_subscription(subscription=subscription, at=NOW)
    assert ConsentEvent.objects.filter(kind="confirmed").count() == 1


def test_what_nobody_confirms_is_forgotten_and_who_left_before_stays_left(home: HomePage) -> None:
    ask("vergeten@example.be")
    left = ask()
    confirm_subscription(subscription=left, at=NOW)
    unsubscribe(email=EMAIL, source="site", at=NOW)
    ask()
    assert forget_unconfirmed(NOW + CONFIRM_WITHIN) == 0
    assert forget_unconfirmed(NOW + CONFIRM_WITHIN + timedelta(seconds=1)) == 2
    assert [(row.email, row.status) for row in Subscription.objects.all()] == [(EMAIL, "unsubscribed")]


def test_mailchimp_follows_the_platform(monkeypatch: pytest.MonkeyPatch, home: HomePage) -> None:
    audience = FakeAudience()
    monkeypatch.setattr("newsletters.tasks.mailchimp", lambda: audience)
    subscription = ask()
    push_subscription.call(subscription.pk)
    assert audience.members == {}
    confirm_subscription(subscription=subscription, at=NOW)
    send_mail()
    assert audience.members == {EMAIL: "subscribed nl"}
    unsubscribe(email=EMAIL, source="site", at=NOW)
    send_mail()
    assert audience.members == {EMAIL: "unsubscribed"}


@pytest.mark.parametrize(
    ("secret", "changes", "status", "leaves"),
    [
        ("geheim", {}, 200, True),
        ("geraden", {}, 403, False),
        ("geheim", {"data[list_id]": "ander"}, 200, False),
        ("geheim", {"type": "subscribe"}, 200, False),
        ("geheim", {"data[email]": "onbekend@example.be"}, 200, False),
    ],
)
def test_who_leaves_in_a_newsletter_has_left(
    home: HomePage,
    client: Client,
    settings: Any,
    secret: str,
    changes: dict[str, str],
    status: int,
    leaves: bool,
) -> None:
    settings.MAILCHIMP_WEBHOOK_SECRET, settings.MAILCHIMP_AUDIENCE_ID = "geheim", "abc"
    confirm_subscription(subscription=ask(), at=NOW)
    data = {"type": "unsubscribe", "data[list_id]": "abc", "data[email]": EMAIL, **changes}
    for _time in range(2):
        assert client.post(f"/webhooks/mailchimp/{secret}/", data).status_code == status
    send_mail()
    left = Subscription.objects.get().status == Subscription.Status.UNSUBSCRIBED
    assert left == leaves
