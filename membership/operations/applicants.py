"""What somebody who wants to join filled in."""

from dataclasses import dataclass

from billing.numbers import BELGIUM
from membership.models import Tier


@dataclass(frozen=True, kw_only=True)
class Applicant:
    """What the join form asks. `country` is an ISO code; the numbers are checked by its rules, or empty."""

    tier: Tier
    kind: str
    employees: int
    name: str
    enterprise_number: str
    vat_number: str
    street: str
    postcode: str
    city: str
    website: str
    first_name: str
    last_name: str
    email: str
    job_title: str
    billing_email: str
    po_number: str
    language: str
    country: str = BELGIUM
    pays_online: bool = False

    @property
    def details(self) -> dict[str, str]:
        """What the first invoice is made out to."""
        return {
            "name": self.name,
            "street": self.street,
            "postcode": self.postcode,
            "city": self.city,
            "country": self.country,
            "email": self.billing_email or self.email,
            "vat_number": self.vat_number,
            "enterprise_number": self.enterprise_number,
            "po_number": self.po_number,
            "language": self.language,
        }
