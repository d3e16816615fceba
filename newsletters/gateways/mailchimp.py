"""The only module that speaks to Mailchimp: subscribers of one audience."""

from dataclasses import dataclass
from hashlib import md5
from typing import Any, Protocol

import requests
from django.conf import settings
from mailchimp_marketing import Client
from mailchimp_marketing.api_client import ApiClientError

TIMEOUT = 20
"""Seconds to wait for an answer; the package's own default is 120."""


class MailchimpUnavailable(Exception):
    """Mailchimp did not answer, or was busy: try again later."""


class MailchimpRefused(Exception):
    """Mailchimp will not take this address; trying again does not help."""


class Mailchimp(Protocol):
    """What the app asks of Mailchimp."""

    def upsert_subscriber(self, *, email: str, language: str) -> None:
        """Add a confirmed subscriber, or mend the language of one who is there.

        Raises MailchimpUnavailable or MailchimpRefused.
        """

    def unsubscribe(self, *, email: str) -> None:
        """Unsubscribe an address; one that Mailchimp does not know is fine.

        Raises MailchimpUnavailable or MailchimpRefused.
        """


@dataclass(frozen=True)
class MailchimpAudience:
    """One audience, reached through the official client."""

    api_key: str
    audience_id: str
    api_base: str = ""

    def upsert_subscriber(self, *, email: str, language: str) -> None:
        """Add a confirmed subscriber, or mend the language of one who is there.

        `status_if_new` alone is sent: a `status` would subscribe somebody again who left.
        """
        body = {"email_address": email, "status_if_new": "subscribed", "language": language}
        self._call("set_list_member", self.audience_id, subscriber_hash(email), body)

    def unsubscribe(self, *, email: str) -> None:
        """Unsubscribe an address; one that Mailchimp does not know is fine."""
        body = {"status": "unsubscribed"}
        self._call("update_list_member", self.audience_id, subscriber_hash(email), body, missing_is_fine=True)

    def _call(self, method: str, *args: Any, missing_is_fine: bool = False) -> None:
        client = Client({"api_key": self.api_key, "timeout": TIMEOUT})
        if self.api_base:
            client.api_client.host, client.api_client.server = f"{self.api_base.rstrip('/')}/3.0", ""
        try:
            answer = getattr(client.lists, method)(*args)
        except ApiClientError as error:
            if missing_is_fine and error.status_code == 404:
                return
            raise _failure(error.status_code, error.text) from error
        if isinstance(answer, requests.Response) and not answer.ok:
            # An error with an empty body is returned by the client, not raised.
            raise _failure(answer.status_code, "")


def subscriber_hash(email: str) -> str:
    """Return Mailchimp's key of an address: the MD5 of it in lower case."""
    return md5(email.lower().encode(), usedforsecurity=False).hexdigest()


def _failure(status: int | None, text: object) -> Exception:
    is_final = status is not None and 400 <= status < 500 and status not in (408, 429)
    return (MailchimpRefused if is_final else MailchimpUnavailable)(f"{status}: {text}")


def mailchimp() -> Mailchimp | None:
    """Return the audience of the settings, or None when there is no key."""
    if not (settings.MAILCHIMP_API_KEY and settings.MAILCHIMP_AUDIENCE_ID):
        return None
    return MailchimpAudience(
        settings.MAILCHIMP_API_KEY, settings.MAILCHIMP_AUDIENCE_ID, settings.MAILCHIMP_API_BASE
    )
