import pytest
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from html5lib import HTMLParser

from accounts.emails import CHANGES, send_account_email
from accounts.operations.people import invite, open_account
from tests.accounts.mailbox import sent
from tests.factories.accounts import make_user

pytestmark = pytest.mark.django_db

FACTS = {
    "code": "1234-5678",
    "password_reset_url": "http://testserver/nl/account/password/reset/key/1-abc-def/",
    "timestamp": timezone.now(),
    "ip": "192.0.2.1",
    "from_email": "oud@example.org",
    "to_email": "nieuw@example.org",
}


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", [*CHANGES, "login_code", "password_reset_key", "unknown_account", "welcome"])
def test_every_mail_has_its_words_in_both_languages_as_text_and_as_html(name: str, language: str) -> None:
    user = make_user(language=language)
    send_account_email(name=name, to=user.email, context=FACTS)
    [message] = sent()
    assert isinstance(message, EmailMultiAlternatives)
    assert len(message.subject) > 8
    html = str(message.alternatives[0][0])
    HTMLParser(strict=True).parse(html)
    assert f'lang="{language}"' in html
    english = any(word in str(message.body) for word in (" you ", "You ", "Your "))
    assert english == (language == "en")
    assert f"http://testserver/{language}/" in str(message.body)


def test_an_account_that_is_opened_once_stays_as_it_is_and_the_welcome_needs_no_password() -> None:
    first = open_account(email="Jan@Example.org", first_name="Jan", language="en")
    again = open_account(email="jan@example.org", first_name="Piet")
    assert again == first
    assert again.first_name == "Jan"
    invite(user=first)
    [message] = sent()
    assert "Dear Jan" in str(message.body)
    assert "/en/account/login/code/?email=jan%40example.org" in str(message.body)
