"""An organisation that has asked to join and has not paid yet: its money is asked by a pro forma."""

from datetime import datetime, timedelta

from membership.models import Tier
from membership.operations.applicants import Applicant
from membership.operations.joining import apply_for_membership

AGO = timedelta(days=3)


def load_application(*, at: datetime) -> str:
    """Fill in the join form of some days ago, to be paid online."""
    applicant = Applicant(
        tier=Tier.objects.get(slug="connect"),
        kind="company",
        employees=35,
        name="Stadsgroen Meetnet (demo)",
        enterprise_number="0999123457",
        vat_number="BE0999123457",
        street="Voorbeeldlaan 12",
        postcode="9999",
        city="Voorbeeldstad",
        website="",
        first_name="Marit",
        last_name="Voorbeeld",
        email="marit@stadsgroen.demo.example",
        job_title="Zaakvoerder",
        billing_email="",
        po_number="",
        language="nl",
        pays_online=True,
    )
    apply_for_membership(applicant=applicant, at=at - AGO)
    return "an application, not paid yet"
