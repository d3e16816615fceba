"""The one door for mail: a message is rendered, stored with its task in the same transaction, and then sent.

Each message is a folder `templates/emails/<app>/<message>/` with `subject.txt`, `body.txt` and, where the
text in the house style is not enough, a `body.html` that extends `emails/base.html`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.db import transaction
from django.template import Context
from django.template.loader import get_template, select_template
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django_tasks import task

from cms.models import OutgoingMail
from cms.models.work import new_key

REMEMBER_RECIPIENT = timedelta(days=30)
REMEMBER_KEY = timedelta(days=730)
FORGOTTEN = dict.fromkeys(("recipient", "reply_to", "subject", "text", "html", "unsubscribe_url"), "")


class MailFile(NamedTuple):
    """A file in a mail."""

    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True)
class Attachment:
    """A file that is made when the mail is sent: `make` is the dotted path of a function from `arguments`
    (ids, so that they fit in the row) to a `MailFile`.
    """

    make: str
    arguments: Sequence[int | str] = ()


def queue_email(
    *,
    template: str,
    to: str | Sequence[str],
    language: str,
    context: Mapping[str, Any],
    key: str = "",
    attachments: Sequence[Attachment] = (),
    reply_to: str = "",
    unsubscribe_url: str = "",
    at: datetime | None = None,
) -> None:
    """Queue one mail to each address, in the recipient's language; it leaves after the commit.

    `template` is "<app>/<message>". A `key` says that this message may go to this address only once: a
    second call with it does nothing. `context` may hold anything: the mail is rendered now. It also
    gets `site_name`, `site_url`, `language` and `contact_email`, where an answer goes. Raises
    ValidationError for what is no address.
    """
    recipients = [to] if isinstance(to, str) else list(dict.fromkeys(to))
    for recipient in recipients:
        validate_email(recipient)
    subject, text, html = render_email(
        template=template, language=language, context=context, reply_to=reply_to
    )
    mails = [
        OutgoingMail(
            key=_key_of(template, key, recipient) if key else new_key(),
            template=template,
            language=language,
            recipient=recipient,
            reply_to=reply_to,
            subject=subject,
            text=text,
            html=html,
            unsubscribe_url=unsubscribe_url,
            attachments=[asdict(attachment) for attachment in attachments],
            queued_at=at or timezone.now(),
        )
        for recipient in recipients
    ]
    with transaction.atomic(savepoint=False):
        OutgoingMail.objects.bulk_create(mails, ignore_conflicts=True)
        for mail in mails:
            send_email.enqueue(mail.key)


def is_queued(*, template: str, to: str, key: str) -> bool:
    """Say whether a message with a `key` was queued to an address before: then it is not queued again."""
    return OutgoingMail.objects.filter(key=_key_of(template, key, to)).exists()


def _key_of(template: str, key: str, recipient: str) -> str:
    return f"{template}:{key}:{sha256(recipient.lower().encode()).hexdigest()[:16]}"


def render_email(
    *, template: str, language: str, context: Mapping[str, Any], reply_to: str = ""
) -> tuple[str, str, str]:
    """Return subject, text and HTML in a language. In the .txt templates nothing is escaped."""
    words = {
        "site_name": settings.WAGTAIL_SITE_NAME,
        "site_url": settings.SITE_URL,
        "language": language,
        "contact_email": reply_to or parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        **context,
    }
    with translation.override(language):
        subject = " ".join(_render_text(f"emails/{template}/subject.txt", words).split())[:250]
        text = _render_text(f"emails/{template}/body.txt", words).strip() + "\n"
        page = select_template([f"emails/{template}/body.html", "emails/from_text.html"])
        html = page.render({**words, "subject": subject, "text": text})
        footer = _render_text("emails/footer.txt", words)
    return subject, f"{text}\n{footer}", html


@task(priority=50)  # somebody waits for it; indexing may wait
def send_email(key: str) -> None:
    """Send a queued mail, once, and forget its words: they may hold a private link."""
    mail = OutgoingMail.objects.filter(key=key, sent_at__isnull=True).exclude(recipient="").first()
    if mail is None:
        return
    _as_message(mail).send()
    OutgoingMail.objects.filter(pk=mail.pk).update(sent_at=timezone.now(), text="", html="")


def forget_mail(at: datetime) -> int:
    """Forget to whom mail went after a month, and that it went after two years. Returns how many rows."""
    old = OutgoingMail.objects.filter(queued_at__lte=at - REMEMBER_RECIPIENT).exclude(recipient="")
    forgotten = old.update(**FORGOTTEN)
    deleted, _each = OutgoingMail.objects.filter(queued_at__lte=at - REMEMBER_KEY).delete()
    return forgotten + deleted


def mail_to(person: AbstractBaseUser) -> dict[str, Any]:
    """Return which messages went to a person's address and when, for one's own data."""
    mails = OutgoingMail.objects.filter(recipient__iexact=_address_of(person)).order_by("queued_at")
    sent = [
        {
            "subject": mail.subject,
            "queued_at": mail.queued_at.isoformat(),
            "is_sent": mail.sent_at is not None,
        }
        for mail in mails
    ]
    return {"messages": sent}


def forget_mail_to(person: AbstractBaseUser, at: datetime) -> Sequence[str]:
    """Forget the messages to a person's address; one still on its way does not leave. Nothing is kept."""
    OutgoingMail.objects.filter(recipient__iexact=_address_of(person)).update(**FORGOTTEN)
    return []


def _address_of(person: AbstractBaseUser) -> str:
    address: str = getattr(person, person.get_email_field_name())
    return address


def _render_text(name: str, words: Mapping[str, Any]) -> str:
    template: Any = get_template(name)
    rendered: str = template.template.render(Context(dict(words), autoescape=False))
    return rendered


def _as_message(mail: OutgoingMail) -> EmailMultiAlternatives:
    # The same mail sent twice, by a worker that was killed just after sending, has the same number.
    number = sha256(mail.key.encode()).hexdigest()[:32]
    headers = {
        "Auto-Submitted": "auto-generated",
        "Content-Language": mail.language,
        "Message-ID": f"<{number}@{urlsplit(settings.SITE_URL).hostname}>",
    }
    if mail.unsubscribe_url:
        headers["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        to=[mail.recipient],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers=headers,
    )
    message.attach_alternative(mail.html, "text/html")
    for attachment in mail.attachments:
        file: MailFile = import_string(attachment["make"])(*attachment["arguments"])
        message.attach(file.name, file.content, file.media_type)
    return message
