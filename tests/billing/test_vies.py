"""The gateway to VIES, against a VIES on the loopback."""

import json
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from billing.gateways.vies import KEPT, ViesService, ViesUnavailable, connect
from tests.factories.billing import DUTCH_VAT
from tests.fakes.vies_api import ViesServer, vies_server

OWN = "BE0999999922"


@pytest.fixture
def server() -> Iterator[ViesServer]:
    with vies_server() as running:
        yield running


@pytest.fixture
def vies(server: ViesServer) -> ViesService:
    return ViesService(server.url, timeout=2)


def test_a_valid_number_is_told_with_name_address_and_proof(vies: ViesService, server: ViesServer) -> None:
    found = vies.check(vat_number=DUTCH_VAT, requester=OWN)
    assert (found.is_valid, found.consultation_number) == (True, "WAPIAAAA1")
    assert (found.name, found.address) == ("VOORBEELD B.V.", "TESTKADE 1 1011AB AMSTERDAM")
    assert json.loads(found.text)["requestDate"] == "2026-11-23T11:00:00.123Z"
    method, path, _headers, body = server.requests[0]
    assert (method, path) == ("POST", "/taxation_customs/vies/rest-api/check-vat-number")
    assert body == {
        "countryCode": "NL",
        "vatNumber": "123456782B90",
        "requesterMemberStateCode": "BE",
        "requesterNumber": "0999999922",
    }


def test_another_is_not_valid_and_what_a_state_does_not_tell_is_empty(
    vies: ViesService, server: ViesServer
) -> None:
    found = vies.check(vat_number="DE136695976", requester=OWN)
    assert (found.is_valid, found.consultation_number, found.name, found.address) == (False, "", "", "")
    server.registered["EL094259216"] = ("---", "---")
    greek = vies.check(vat_number="GR094259216", requester="")
    assert (greek.is_valid, greek.consultation_number, greek.name) == (True, "", "")
    assert server.requests[-1][3] == {"countryCode": "EL", "vatNumber": "094259216"}


CODES = (
    *("INVALID_INPUT", "INVALID_REQUESTER_INFO", "SERVICE_UNAVAILABLE", "MS_UNAVAILABLE", "TIMEOUT"),
    *("VAT_BLOCKED", "IP_BLOCKED", "GLOBAL_MAX_CONCURRENT_REQ", "GLOBAL_MAX_CONCURRENT_REQ_TIME"),
    *("MS_MAX_CONCURRENT_REQ", "MS_MAX_CONCURRENT_REQ_TIME"),
)


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("code", CODES)
def test_an_error_is_no_answer_whatever_its_status(
    vies: ViesService, server: ViesServer, code: str, status: int
) -> None:
    server.errors[DUTCH_VAT] = (status, code)
    with pytest.raises(ViesUnavailable, match=f"^{status}: {code}$"):
        vies.check(vat_number=DUTCH_VAT, requester=OWN)


@pytest.mark.parametrize(
    "failure",
    [
        (200, ""),
        (200, "<html>Sorry</html>"),
        (200, "[true]"),
        (200, "{}"),
        (200, '{"valid": "true"}'),
        (200, '{"valid": 1}'),
        (200, '{"valid": true, "countryCode": "NL", "vatNumber": "999999990B01"}'),
        (200, '{"valid": true, "errorWrappers": {}, "countryCode": 7}'),
        (200, '{"errorWrappers": ["odd", {"message": "no code"}]}'),
        (500, '{"valid": true}'),
        (302, '{"valid": true}'),
        (429, ""),
        (200, '{"valid": true, "x": "' + "x" * 2_000_000 + '"}'),
    ],
)
def test_what_is_no_plain_yes_or_no_about_the_number_is_no_answer(
    vies: ViesService, server: ViesServer, failure: tuple[int, str]
) -> None:
    server.failure = failure
    with pytest.raises(ViesUnavailable, match=f"^{failure[0]}: ") as caught:
        vies.check(vat_number=DUTCH_VAT, requester=OWN)
    assert len(str(caught.value)) <= KEPT


def test_a_long_answer_is_cut_off_and_names_of_another_kind_are_left_out(
    vies: ViesService, server: ViesServer
) -> None:
    server.failure = (200, json.dumps({"valid": True, "name": 7, "address": None, "x": "y" * 5000}))
    found = vies.check(vat_number=DUTCH_VAT, requester=OWN)
    assert (found.is_valid, found.name, found.address, len(found.text)) == (True, "", "", KEPT)


def test_who_is_slow_or_not_there_gave_no_answer(server: ViesServer) -> None:
    server.delay = 0.5
    with pytest.raises(ViesUnavailable, match="ReadTimeout"):
        ViesService(server.url, timeout=0.1).check(vat_number=DUTCH_VAT, requester=OWN)
    with pytest.raises(ViesUnavailable, match="ConnectionError"):
        ViesService("http://127.0.0.1:9").check(vat_number=DUTCH_VAT, requester=OWN)


def test_the_settings_say_whether_it_is_asked(settings: Settings) -> None:
    assert connect() is None
    settings.VIES_API_BASE = "https://ec.europa.eu/taxation_customs/vies/rest-api"
    assert connect() == ViesService("https://ec.europa.eu/taxation_customs/vies/rest-api")
