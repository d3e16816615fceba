"""Which VAT treatment holds for whom, and what that makes of lines and documents. No database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from stdnum.eu import vat

from billing.rules import INVOICE, PAYMENT_REQUEST

STANDARD = "standard"
EXEMPT = "exempt"
SMALL_ENTERPRISE = "small-enterprise"
REVERSE_CHARGE = "reverse-charge"
OUTSIDE = "outside-scope"
OUTSIDE_EU = "outside-eu"
TREATMENTS = (STANDARD, EXEMPT, SMALL_ENTERPRISE, REVERSE_CHARGE, OUTSIDE, OUTSIDE_EU)
"""The slugs; what each means stands in `billing.VatTreatment`, signed off by the accountant."""

SUBJECT, EXEMPT_ISSUER, SMALL, NOT_SUBJECT = "standard", "exempt", "small", "none"
"""The association's own regime."""

EU = frozenset(code.upper() for code in vat.MEMBER_STATES) - {"XI"}
"""ISO codes of the member states. Northern Ireland is one for goods only, and nothing here is a good."""

VALID, INVALID, UNAVAILABLE = "valid", "invalid", "unavailable"
"""What a check of a VAT number comes to."""
CONFIRMED, REFUSED, OPEN = "confirmed", "refused", "open"
"""How a VAT number stands: it counts, it counts as none, or nobody knows yet."""
DECISION_HOLDS = timedelta(days=365)
"""So long a decision of staff counts; an answer of VIES as long as the settings say."""
ASK_AHEAD = timedelta(days=3)
"""So long before it lapses an answer is asked anew, so that no invoice waits for VIES."""
TRIES = 5
"""After so many times without an answer staff are asked: some two and a half hours later."""


@dataclass(frozen=True)
class Check:
    """One check of a VAT number; `is_decision` when staff made it."""

    outcome: str
    checked_at: datetime
    is_decision: bool = False


@dataclass(frozen=True)
class Standing:
    """How a VAT number stands, by what it stands so, until when, and how often VIES gave no answer since."""

    state: str
    check: Check | None = None
    until: datetime | None = None
    tries: int = 0

    def is_due(self, at: datetime) -> bool:
        """Say whether VIES is to be asked: nothing counts, or not much longer."""
        return self.until is None or self.until <= at + ASK_AHEAD

    def needs_staff(self, *, is_asked: bool) -> bool:
        """Say whether staff must decide: VIES is not asked or does not answer, or it says no."""
        if self.state == OPEN:
            return not is_asked or self.tries >= TRIES
        return self.state == REFUSED and self.check is not None and not self.check.is_decision


def standing(checks: Iterable[Check], *, at: datetime, answer_holds: timedelta) -> Standing:
    """Return how a VAT number stands by its checks, the newest first.

    The newest yes or no holds, as long as it counts; no answer changes nothing.
    """
    tries = 0
    for check in checks:
        if check.outcome == UNAVAILABLE:
            tries += 1
            continue
        until = check.checked_at + (DECISION_HOLDS if check.is_decision else answer_holds)
        if until <= at:
            return Standing(OPEN, tries=tries)
        return Standing(CONFIRMED if check.outcome == VALID else REFUSED, check, until, tries)
    return Standing(OPEN, tries=tries)


def is_foreign_business(vat_number: str) -> bool:
    """Say whether a VAT number is well formed and of a member state other than Belgium."""
    return bool(vat.is_valid(vat_number)) and not vat.compact(vat_number).startswith(("BE", "XI"))


def treatment_for(*, regime: str, country: str, vat_number: str) -> str:
    """Return the slug of the treatment of a service to a customer, under the association's regime.

    `country` is the customer's, by ISO code; `vat_number` counts when it is well formed: leave a number out
    that VIES refused, since the customer may then be taken for a consumer (implementing regulation 282/2011,
    art. 18). Source: Belgian VAT code, art. 21 par. 2 (place of services to a business), 21bis
    (others), 44 (exempt), 56bis (small enterprises; only for what takes place in Belgium); directive
    2006/112/EC, art. 196 (the customer owes the VAT).
    """
    if regime == NOT_SUBJECT:
        return OUTSIDE
    if country not in EU:
        return OUTSIDE_EU
    if regime == EXEMPT_ISSUER:
        return EXEMPT
    if country != "BE" and is_foreign_business(vat_number):
        return REVERSE_CHARGE
    return SMALL_ENTERPRISE if regime == SMALL else STANDARD


def document_kind(need_invoice: Iterable[bool]) -> str:
    """Return what a document is whose lines need an invoice or not: a payment request when none does.

    Source: Belgian VAT code, art. 53 par. 2: who is subject to VAT invoices a service, wherever it takes
    place; what is no service against payment, or comes from who is not subject, needs none.
    """
    needs = list(need_invoice)
    return INVOICE if any(needs) or not needs else PAYMENT_REQUEST
