"""Fills an empty production database as its people would, and prints where things stand, as JSON.

Run as a program, with production settings: what it makes goes through the platform's own operations.
"""

import json
import sys
from typing import Any

import django

PASSWORD = "een lang genoeg wachtwoord"
NUMBERS = {"hoog": "0999300334", "laag": "0999300433", "vervallen": "0999300532"}
"""The enterprise numbers of who joins, of the range that is given to nobody."""


def main() -> None:
    django.setup()
    from django.core.files.base import ContentFile
    from django.utils import timezone
    from wagtail.models import Collection, Locale

    from accounts.operations.people import open_account
    from cms.models import SiteDocument
    from extranet.models import LibraryPage, MemberHomePage
    from extranet.operations.library import collection_name
    from home.models import HomePage
    from membership.models import Membership, Tier
    from membership.operations.access import update_access
    from tests.factories.billing import fill_in_issuer

    at = timezone.now()
    fill_in_issuer()
    home = HomePage.objects.get(locale=Locale.objects.get(language_code="nl"))
    zone = home.add_child(instance=MemberHomePage(title="Ledenzone", slug="ledenzone"))
    zone.add_child(instance=LibraryPage(title="Bibliotheek", slug="bibliotheek"))
    collection = Collection.objects.get(name=collection_name(Tier.objects.get(slug="cultivate")))
    document = SiteDocument(title="Raamnota knooppunten", collection=collection, language="nl")
    document.file.save("raamnota.txt", ContentFile(b"alleen voor cultivate"), save=True)

    for name, tier in (("hoog", "cultivate"), ("laag", "connect"), ("vervallen", "cultivate")):
        open_account(email=f"{name}@voorbeeld.example", password=PASSWORD, is_address_verified=True)
        membership = join_and_pay(name, tier, at)
        if name == "vervallen":
            Membership.objects.filter(pk=membership.pk).update(status=Membership.Status.LAPSED)
            update_access(organisation=membership.organisation)
    staff = open_account(email="staf@voorbeeld.example", password=PASSWORD, is_address_verified=True)
    staff.is_staff = staff.is_superuser = True
    staff.save()
    json.dump({"document": document.url, "file": document.file.name}, sys.stdout)


def join_and_pay(name: str, tier: str, at: Any) -> Any:
    """Apply for a membership and pay its invoice by transfer."""
    from django.utils import timezone

    from billing.operations.invoices import record_payment
    from membership.models import Tier
    from membership.operations.applicants import Applicant
    from membership.operations.joining import apply_for_membership
    from membership.queries import start_charge

    membership = apply_for_membership(
        applicant=Applicant(
            tier=Tier.objects.get(slug=tier),
            kind="company",
            employees=25,
            name=f"Bedrijf {name}",
            enterprise_number=NUMBERS[name],
            vat_number="",
            street="Lampstraat 1",
            postcode="9000",
            city="Gent",
            website="",
            first_name="Noor",
            last_name=name.title(),
            email=f"{name}@voorbeeld.example",
            job_title="",
            billing_email=f"{name}@voorbeeld.example",
            po_number="",
            language="nl",
        ),
        at=at,
    )
    invoice = start_charge(membership).invoice
    assert invoice is not None
    record_payment(
        invoice=invoice,
        amount=invoice.gross,
        method="transfer",
        received_on=timezone.localdate(at),
        external_reference=f"transfer-{name}",
        by=None,
        at=at,
    )
    return membership


if __name__ == "__main__":
    main()
