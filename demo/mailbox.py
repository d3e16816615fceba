"""The mail backend of the demo: keeps each mail in the database instead of sending it."""

from collections.abc import Sequence
from email.message import Message
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from demo.models import StoredFile, StoredMail

LENGTH = 250


class MailboxBackend(BaseEmailBackend):
    """Stores what it should send."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep the mails that go to somebody. Returns how many."""
        wanted = [message for message in email_messages if message.recipients()]
        for message in wanted:
            _store(message)
        return len(wanted)


@transaction.atomic
def _store(message: EmailMessage) -> None:
    message.message()  # Refuses a line break in a header, as a mail server would.
    alternatives: list[Any] = getattr(message, "alternatives", [])
    mail = StoredMail.objects.create(
        recipients=", ".join(message.recipients()),
        sender=message.from_email[:LENGTH],
        subject=str(message.subject)[:LENGTH],
        text=str(message.body),
        html=next((content for content, kind in alternatives if kind == "text/html"), ""),
        headers={name: str(value) for name, value in message.extra_headers.items()},
    )
    for attachment in message.attachments:
        if isinstance(attachment, Message):
            name, media_type = attachment.get_filename() or "attachment", attachment.get_content_type()
            content: Any = attachment.get_payload(decode=True)
        else:
            name, content, media_type = attachment
        StoredFile.objects.create(
            mail=mail,
            name=(name or "attachment")[:LENGTH],
            media_type=media_type or "application/octet-stream",
            content=content.encode() if isinstance(content, str) else content or b"",
        )
