"""The mails that have left."""

import re

from django.core import mail
from django.core.mail import EmailMessage

from tests.queue import drain


def sent() -> list[EmailMessage]:
    """Let the worker send what is queued, and return all mails of this test."""
    drain()
    return list(mail.outbox)


def code_in(message: EmailMessage) -> str:
    """Return the code of eight digits in a mail."""
    found = re.search(r"\d{4}-\d{4}", str(message.body))
    assert found
    return found[0]


def link_in(message: EmailMessage) -> str:
    """Return the path of the first link in a mail."""
    found = re.search(r"http://testserver(/\S+)", str(message.body))
    assert found
    return found[1]
