"""Changes where invoices go and what stands on them, from the next one on."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts.models import User
from billing.models import Customer
from billing.operations.vat_checks import want_vat_check
from billing.rules import NUMBERS, outdates_peppol_address
from cms.log import record


@transaction.atomic
def change_customer(
    *, customer: Customer, details: Mapping[str, str], at: datetime, by: User | None
) -> Customer:
    """Change details of a customer, by the names of its fields; issued invoices stay as they are.

    Another VAT number or country is asked of VIES. The Peppol address of another country, or of a number that
    it had, holds no longer: unless a new one is given, invoices go to the number itself. Raises
    ValidationError when they do not fit.
    """
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    before = {name: getattr(customer, name) for name in details}
    if "peppol_id" not in details and outdates_peppol_address(customer.peppol_id, before, details):
        details = {**details, "peppol_id": ""}
    changed = [name for name, value in details.items() if getattr(customer, name) != value]
    for name in changed:
        setattr(customer, name, details[name])
    if changed:
        decided = {*changed, *(NUMBERS if "country" in changed else ())}
        customer.full_clean(exclude={field.name for field in Customer._meta.fields} - decided)
        customer.save(update_fields=changed)
        record(customer, "billing.change_customer", by=by, at=at, data={"fields": changed})
    if {"vat_number", "country"} & set(changed):
        want_vat_check(customer=customer, at=at)
    return customer
