"""The only module that speaks to VIES, the European Commission's service that knows the EU's VAT numbers.

Its public REST API is followed as its OpenAPI document, swagger_publicVAT.yaml, and those who use it say (see
docs/adr/0013-vat-numbers-are-asked-of-vies.md).
"""

import json
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings

from billing.gateways.http import NoAnswer, fetch

TIMEOUT = 30
"""Seconds to wait: some member states take fifteen."""
KEPT = 2_000
"""So many characters of an answer are worth keeping."""
UNDISCLOSED = "---"
"""What stands for a name or address that a member state does not tell."""


class ViesUnavailable(Exception):
    """VIES or the member state gave no answer about the number: ask again later. The message says why."""


@dataclass(frozen=True)
class ViesAnswer:
    """What VIES says of a VAT number. `is_valid`: may be used for trade between member states today.

    `consultation_number` proves to an administration that we asked; name and address are empty where the
    member state does not tell them. `text` is the answer as it came, at most KEPT characters.
    """

    is_valid: bool
    consultation_number: str
    name: str
    address: str
    text: str


class Vies(Protocol):
    """What the app asks of VIES."""

    def check(self, *, vat_number: str, requester: str) -> ViesAnswer:
        """Ask about a VAT number ("NL123456782B90") in the name of another, ours; raises ViesUnavailable."""


@dataclass(frozen=True)
class ViesService:
    """The service at an address; it asks for no key."""

    api_base: str
    timeout: float = TIMEOUT

    def check(self, *, vat_number: str, requester: str) -> ViesAnswer:
        """Ask about a VAT number; without `requester` there is no consultation number.

        Only a plain yes or no about this very number is an answer. Whatever else comes raises
        ViesUnavailable, INVALID_INPUT too: the number has passed its country's own rule before it is asked.
        """
        country, number = _split(vat_number)
        asked = {"countryCode": country, "vatNumber": number}
        if requester:
            own_country, own_number = _split(requester)
            asked |= {"requesterMemberStateCode": own_country, "requesterNumber": own_number}
        url = f"{self.api_base.rstrip('/')}/check-vat-number"
        try:
            status, text = fetch("POST", url, json=asked, headers={}, timeout=self.timeout)
        except NoAnswer as error:
            raise ViesUnavailable(str(error)) from error
        answer = _read(status, text)
        echoed = _plain(f"{answer.get('countryCode', country)}{answer.get('vatNumber', number)}")
        if status != 200 or type(answer.get("valid")) is not bool or echoed != _plain(country + number):
            raise ViesUnavailable(f"{status}: {_reasons(answer) or ' '.join(text.split())}"[:KEPT])
        return ViesAnswer(
            is_valid=answer["valid"],
            consultation_number=_told(answer, "requestIdentifier"),
            name=_told(answer, "name"),
            address=_told(answer, "address"),
            text=text[:KEPT],
        )


def connect() -> Vies | None:
    """Return VIES as the settings say; None where nothing is asked and staff decide."""
    return ViesService(settings.VIES_API_BASE) if settings.VIES_API_BASE else None


def _split(vat_number: str) -> tuple[str, str]:
    """Return the code of the member state as VIES has it, which calls Greece EL, and the rest."""
    country, number = vat_number[:2], vat_number[2:]
    return ("EL" if country == "GR" else country), number


def _plain(text: str) -> str:
    """Return letters and digits alone, as numbers are compared."""
    return "".join(filter(str.isalnum, text)).upper()


def _read(status: int, text: str) -> dict[str, Any]:
    """Read a JSON object. Raises ViesUnavailable for anything else."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ViesUnavailable(f"{status}: an answer that is no JSON: {text[:200]}") from error
    if not isinstance(found, dict):
        raise ViesUnavailable(f"{status}: an answer that is no object: {text[:200]}")
    return found


def _reasons(answer: dict[str, Any]) -> str:
    """Return the codes of an error, [{error, message}], as far as there are any."""
    errors = answer.get("errorWrappers")
    found = (
        [each.get("error") for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
    )
    return ", ".join(str(code) for code in found if code)


def _told(answer: dict[str, Any], name: str) -> str:
    """Return a text of the answer on one line; nothing for what is not told."""
    text = answer.get(name)
    words = " ".join(text.split()) if isinstance(text, str) else ""
    return "" if words == UNDISCLOSED else words
