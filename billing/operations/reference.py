"""Loads the treatments of VAT; what the accountant changed since stays as it is."""

from django.db import transaction

from billing.models import VatTreatment
from billing.models.vat import first_treatments


@transaction.atomic
def load_vat_treatments() -> str:
    """Create the treatments that are missing, and say how many still wait to be signed off."""
    known = set(VatTreatment.objects.values_list("slug", flat=True))
    for treatment in first_treatments():
        if treatment.slug not in known:
            treatment.save()
    waiting = VatTreatment.objects.filter(signed_off_on__isnull=True).count()
    return f"{VatTreatment.objects.count()} treatments, {waiting} not signed off by the accountant"
