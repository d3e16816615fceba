"""Mail: rendered in the recipient's language, queued in the transaction, sent once, then forgotten."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from cms.emails import REMEMBER_RECIPIENT, Attachment, MailFile, forget_mail, queue_email
from cms.models import OutgoingMail
from cms.operations.queue import BACKOFF, requeue_tasks
from cms.registries import personal_data
from cms.templatetags.mails import with_buttons
from tests.queue import drain

pytestmark = pytest.mark.django_db

TOKEN = "kL2mN4pQ6rS8tU0vW2xY4z"


@pytest.fixture(autouse=True)
def templates(tmp_path: Path, settings: Any) -> None:
    """A message of the test's own."""
    folder = tmp_path / "emails" / "cms" / "test"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text("{{ name }}: {{ day|date:'j F' }}\n")
    (folder / "body.txt").write_text("{{ name }} & co\n{{ site_url }}/nl/l/{{ token }}/\n")
    settings.TEMPLATES = [
        {**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], tmp_path]},
    ]


def queue(**changes: Any) -> None:
    context = {"name": "O'Neill <b>", "day": date(2026, 3, 5), "token": TOKEN}
    options: dict[str, Any] = {"template": "cms/test", "to": "ann@demo.example", "language": "nl"}
    options |= changes
    queue_email(context=context | options.pop("context", {}), **options)


def make_file(number: int) -> MailFile:
    return MailFile(f"{number}.pdf", b"%PDF", "application/pdf")


def test_the_end_says_where_an_answer_goes(settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "Voorbeeldstad <info@demo.example>"
    queue()
    queue(reply_to="facturen@demo.example")
    drain()
    for message, address in zip(mail.outbox, ["info@demo.example", "facturen@demo.example"], strict=True):
        assert isinstance(message, EmailMultiAlternatives)
        assert message.body.rstrip().endswith(address)
        assert f'<a href="mailto:{address}">' in str(message.alternatives[0][0])


def test_no_number_on_a_button_breaks_at_its_hyphen(settings: Any) -> None:
    own = f"{settings.SITE_URL}/nl/factuur-9/"
    html = render_to_string("emails/from_text.html", {"text": f"Bekijk factuur 2026-00087: {own}"})
    assert f'<a class="button" href="{own}">Bekijk factuur <span class="held">2026-00087</span></a>' in html


def test_words_with_an_address_of_the_site_become_a_button(settings: Any) -> None:
    own, other = f"{settings.SITE_URL}/nl/?a=1&b=2", "https://elsewhere.example/"
    html = with_buttons(f"Dag <b>\nregel: {own}\n\nBekijk & betaal: {own}\n\nElders: {other}")
    assert html.count('class="button"') == 1
    assert f'<a class="button" href="{own.replace("&", "&amp;")}">Bekijk &amp; betaal</a>' in html
    assert "<p>Dag &lt;b&gt;<br>" in html
    assert f'<a href="{other}" rel="nofollow">' in html


def test_a_mail_asks_for_one_thing_and_shows_its_facts_as_a_table(settings: Any) -> None:
    own = f"{settings.SITE_URL}/nl/f/"
    html = with_buttons(
        "Factuur 1 is open.\nIBAN: BE68 5390\nTen gunste van: A & <b>\n\n"
        f"Betaal & bekijk: {own}\n\nBekijk: {own}?a=1&b=2"
    )
    assert html.count('class="button"') == 1
    assert f'<p><a href="{own}?a=1&amp;b=2">Bekijk</a></p>' in html
    assert html.startswith("<p>Factuur 1 is open.</p>")
    assert '<tr><th scope="row">Ten gunste van</th><td>A &amp; &lt;b&gt;</td></tr></table>' in html
    assert "table" not in with_buttons(f"Kenmerk: 7\n\nZin.\nBekijk: {own}\nElders: {own}")


def test_a_mail_has_text_and_html_in_the_recipients_language() -> None:
    queue(attachments=[Attachment(f"{__name__}.make_file", [7])], unsubscribe_url="https://demo.example/u/")
    assert mail.outbox == []
    drain()
    [message] = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    assert message.subject == "O'Neill <b>: 5 maart"
    assert message.to == ["ann@demo.example"]
    assert "O'Neill <b> & co" in message.body
    [(html, _kind)] = message.alternatives
    assert "O&#x27;Neill &lt;b&gt; &amp; co" in str(html)
    assert '<html lang="nl">' in str(html)
    assert f'href="http://testserver/nl/l/{TOKEN}/"' in str(html)
    assert "http://" not in str(html).replace("http://testserver", "")
    assert message.attachments == [("7.pdf", b"%PDF", "application/pdf")]
    assert message.extra_headers["List-Unsubscribe"] == "<https://demo.example/u/>"
    queue(language="en", to="bob@demo.example")
    drain()
    assert mail.outbox[1].subject == "O'Neill <b>: 5 March"


def test_a_subject_brings_no_headers_and_a_wrong_address_is_refused() -> None:
    queue(context={"name": "Hi\nBcc: all@demo.example\r\n\r\nbody"})
    drain()
    assert mail.outbox[0].subject == "Hi Bcc: all@demo.example body: 5 maart"
    for address in ("no address", "a@demo.example\nBcc: b@demo.example"):
        with pytest.raises(ValidationError):
            queue(to=address)


def test_what_is_rolled_back_is_not_sent() -> None:
    with transaction.atomic():
        queue()
        transaction.set_rollback(True)
    assert drain() == 0
    assert OutgoingMail.objects.count() == 0


def test_a_key_lets_a_message_go_to_an_address_once() -> None:
    for _time in range(2):
        queue(key="reminder-1", to=["ann@demo.example", "bob@demo.example"])
        drain()
    queue(key="reminder-2")
    drain()
    assert [message.to for message in mail.outbox] == [
        ["ann@demo.example"],
        ["bob@demo.example"],
        ["ann@demo.example"],
    ]


def test_a_task_that_runs_twice_sends_once_and_the_words_are_forgotten() -> None:
    queue()
    drain()
    DBTaskResult.objects.update(status="READY")
    drain()
    assert len(mail.outbox) == 1
    row = OutgoingMail.objects.get()
    assert (row.text, row.html) == ("", "")
    assert row.sent_at is not None


def test_a_mail_that_fails_stays_and_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> None:
        raise ConnectionRefusedError

    queue()
    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
        drain()
    assert OutgoingMail.objects.get().sent_at is None
    requeue_tasks(timezone.now() + BACKOFF[0])
    drain()
    assert len(mail.outbox) == 1


def test_no_token_stands_in_a_task_or_a_log(caplog: pytest.LogCaptureFixture) -> None:
    queue()
    drain()
    task = DBTaskResult.objects.get()
    assert TOKEN not in f"{task.args_kwargs} {task.return_value} {task.traceback} {caplog.text}"


def test_recipients_are_forgotten_after_a_month() -> None:
    queue(key="once")
    drain()
    now = timezone.now()
    assert forget_mail(now + REMEMBER_RECIPIENT - timedelta(days=1)) == 0
    assert forget_mail(now + REMEMBER_RECIPIENT) == 1
    row = OutgoingMail.objects.get()
    assert (row.recipient, row.subject) == ("", "")
    queue(key="once")
    drain()
    assert len(mail.outbox) == 1, "a message that may go out once went out again"
    assert forget_mail(now + timedelta(days=731)) == 1


def test_a_person_reads_and_forgets_the_mail_to_the_own_address_only() -> None:
    queue(to=["Ann@demo.example", "bob@demo.example"])
    ann = User.objects.create_user("ann@demo.example")
    [message] = personal_data["mail"].export(ann)["messages"]
    assert message["is_sent"] is False
    assert message["subject"].startswith("O'Neill")
    personal_data["mail"].erase(ann, timezone.now())
    assert personal_data["mail"].export(ann) == {"messages": []}
    drain()
    assert [message.to for message in mail.outbox] == [["bob@demo.example"]]
