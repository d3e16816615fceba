"""Whether a UBL document keeps to EN 16931, Peppol BIS Billing 3.0 and Belgian custom, as we read the rules.

It is asked before a document leaves. Each problem starts with the rule that it breaks, as the official rule
files name them; BE-... are Belgian rules that those files leave to the parties. No Django.
"""

from xml.etree.ElementTree import Element

from billing.en16931.document import check_head, check_parties, check_payment, check_shape
from billing.en16931.sums import check_lines, check_sums
from billing.en16931.vat import check_vat


def problems(root: Element) -> list[str]:
    """Return what is wrong with an invoice or credit note; an empty list when nothing is."""
    if found := list(check_shape(root)):  # sums of what is no number would only confuse
        return found
    checks = (check_head, check_parties, check_payment, check_lines, check_sums, check_vat)
    return [problem for check in checks for problem in check(root)]
