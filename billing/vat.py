"""Which VAT treatment holds for whom, and what that makes of lines and documents. No database."""

from collections.abc import Iterable

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


def is_foreign_business(vat_number: str) -> bool:
    """Say whether a VAT number is well formed and of a member state other than Belgium."""
    return bool(vat.is_valid(vat_number)) and not vat.compact(vat_number).startswith(("BE", "XI"))


def treatment_for(*, regime: str, country: str, vat_number: str) -> str:
    """Return the slug of the treatment of a service to a customer, under the association's regime.

    `country` is the customer's, by ISO code; `vat_number` counts when it is well formed: leave a number out
    that VIES refused. Source: Belgian VAT code, art. 21 par. 2 (place of services to a business), 21bis
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
