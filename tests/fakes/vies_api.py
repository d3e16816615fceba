"""VIES on the loopback: the Commission's REST API, as strict about names as swagger_publicVAT.yaml."""

from contextlib import AbstractContextManager
from typing import Any

from tests.fakes.loopback import Answer, JsonServer, running

PATH = "/taxation_customs/vies/rest-api"
REQUEST = {
    *("countryCode", "vatNumber", "requesterMemberStateCode", "requesterNumber"),
    *("traderName", "traderStreet", "traderPostalCode", "traderCity", "traderCompanyType"),
}
STATES = {
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU", "IE", "IT"),
    *("LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI"),
}


class ViesServer(JsonServer):
    """Knows the numbers in `registered` with name and address; those in `errors` fail with a code."""

    def __init__(self) -> None:
        super().__init__()
        self.registered = {"NL123456782B90": ("VOORBEELD B.V.", "TESTKADE 1\n1011AB AMSTERDAM")}
        self.errors: dict[str, tuple[int, str]] = {}

    @property
    def url(self) -> str:
        """The API base to give to the gateway."""
        return f"{self.address}{PATH}"

    def handle_call(self, method: str, path: str, headers: dict[str, str], body: Any) -> Answer:
        """Answer one request of the API."""
        if (method, path) != ("POST", f"{PATH}/check-vat-number"):
            return 404, None
        if not isinstance(body, dict) or set(body) - REQUEST or body.get("countryCode") not in STATES:
            return 400, _error("INVALID_INPUT")
        number = body["countryCode"] + body["vatNumber"]
        if number in self.errors:
            status, code = self.errors[number]
            return status, _error(code)
        is_valid = number in self.registered
        name, address = self.registered.get(number, ("---", "---"))
        has_requester = body.get("requesterMemberStateCode") in STATES and body.get("requesterNumber")
        return 200, {
            "countryCode": body["countryCode"],
            "vatNumber": body["vatNumber"],
            "requestDate": "2026-11-23T11:00:00.123Z",
            "valid": is_valid,
            "requestIdentifier": f"WAPIAAAA{len(self.requests)}" if has_requester and is_valid else "",
            "name": name,
            "address": address,
            **dict.fromkeys(
                (f"trader{part}Match" for part in ("Name", "Street", "PostalCode", "City", "CompanyType")),
                "NOT_PROCESSED",
            ),
        }


def vies_server() -> AbstractContextManager[ViesServer]:
    """Run the stand-in for the time of a test."""
    return running(ViesServer())


def _error(code: str) -> dict[str, Any]:
    return {"actionSucceed": False, "errorWrappers": [{"error": code}]}
