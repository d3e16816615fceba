"""What a member tells of itself: on the members page, and how many people work there."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.files import File
from django.db import transaction

from accounts.models import User
from billing.numbers import BELGIUM
from billing.operations.customers import change_customer
from cms.log import record
from cms.models import SiteImage
from membership.emails import mail_about
from membership.models import Membership, Organisation
from membership.operations.charges import lock_membership
from membership.operations.people import lock_people
from membership.operations.renewing import RenewalPaid, renew_anew
from membership.operations.rights import MayNotChange, check_changeable, check_right
from membership.operations.terms import tell_changed
from membership.queries import NextTerm, next_terms, size_band_for, yearly_fee


class SizeMissing(ValueError):
    """A member has a number of employees: its price depends on it."""


@transaction.atomic
def change_profile(
    *,
    organisation: Organisation,
    words: Mapping[str, Any],
    logo: File | None = None,
    is_logo_removed: bool = False,
    at: datetime,
    by: User | None,
) -> Organisation:
    """Change what the members page shows: `words` by the names of the organisation's fields, and its logo.

    A new picture replaces the old one, which stays among the images of the site. Raises NotRunning and
    ReadOnly: it shows while a membership runs, and a member in grace changes nothing of it.
    """
    organisation, membership = lock_people(organisation)
    check_changeable(membership, by)
    new = dict(words)
    if logo:
        new["logo"] = SiteImage.objects.create(title=organisation.name, file=logo, uploaded_by_user=by)
    elif is_logo_removed:
        new["logo"] = None
    changed = [name for name, value in new.items() if getattr(organisation, name) != value]
    for name in changed:
        setattr(organisation, name, new[name])
    if changed:
        organisation.save(update_fields=changed)
        record(organisation, "membership.change_profile", by=by, at=at, data={"fields": changed})
    return organisation


@transaction.atomic
def change_size(
    *, membership: Membership, employees: int, kind: str = "", at: datetime, by: User | None
) -> Membership:
    """Record how many people work at a member, and its `kind` where staff put that right.

    Another size band, and a kind at another price, count from the next term on: a renewal invoice that is
    out is made anew, and the member gets a mail. One that is paid stays: then they count from the term after
    it. Raises MayNotChange, NotRunning and ReadOnly; PriceMissing for a kind without one; and what
    `invoice_next_term` raises, only where a renewal is to be made anew.
    """
    membership = lock_membership(membership)
    check_right(membership, by)
    check_changeable(membership, by)
    organisation = Organisation.objects.select_for_update().get(pk=membership.organisation_id)
    before = next_terms([membership]).get(membership.pk)  # none without a price, of which staff are told
    size_before = before.employees if before else organisation.employees
    resized = {"from": organisation.employees, "to": employees}
    moved = {"from": organisation.kind, "to": kind or organisation.kind}
    is_resized, is_moved = (data["from"] != data["to"] for data in (resized, moved))
    organisation.employees, organisation.kind = employees, moved["to"]
    organisation.save(update_fields=["employees", "kind"])
    membership.organisation = organisation
    if is_resized:
        record(membership, "membership.change_size", by=by, at=at, data=resized)
    if is_moved:
        record(membership, "membership.change_kind", by=by, at=at, data=moved)
    is_same_size = not is_resized or (size_before and size_band_for(employees) == size_band_for(size_before))
    if is_same_size and not (is_moved and _costs_otherwise(organisation, before)):
        return membership
    is_paid = False
    try:
        renew_anew(membership, at=at, by=by, is_needed=True)
    except RenewalPaid:
        is_paid = True
    if term := next_terms([membership]).get(membership.pk):
        facts = {"band": size_band_for(employees), "term": term, "is_moved": is_moved, "is_paid": is_paid}
        mail_about("size_changed", membership, at=at, **facts)
    tell_changed(membership, at)
    return membership


def _costs_otherwise(organisation: Organisation, before: NextTerm | None) -> bool:
    if before is None or not organisation.employees:
        return True
    size, kind = organisation.employees, organisation.kind
    fee = yearly_fee(tier=before.tier, employees=size, kind=kind, on=before.starts_on)
    return fee != before.yearly_fee


@transaction.atomic
def correct_details(
    *,
    organisation: Organisation,
    kind: str,
    enterprise_number: str,
    employees: int | None,
    at: datetime,
    by: User,
) -> None:
    """Let what staff are about to save of an organisation hold for what it pays and what its invoices say.

    Another number of employees or `kind` of a member goes as `change_size`; another enterprise number to its
    customer, where that had the old one. Raises MayNotChange for who is no treasurer, SizeMissing,
    ValidationError where the number does not fit the customer's country, and what invoicing a renewal anew
    raises.
    """
    stored, membership = lock_people(organisation)
    customer, old = stored.customer, stored.enterprise_number
    is_renumbered = old != enterprise_number and customer is not None and customer.enterprise_number == old
    is_repriced = membership is not None and (stored.employees, stored.kind) != (employees, kind)
    if (is_renumbered or is_repriced) and not by.has_perm("membership.change_membership"):
        raise MayNotChange
    if customer and is_renumbered:
        details = {"enterprise_number": enterprise_number}
        if customer.vat_number == f"{BELGIUM}{old}":  # a Belgian VAT number is the enterprise number
            details["vat_number"] = f"{BELGIUM}{enterprise_number}" if enterprise_number else ""
        change_customer(customer=customer, details=details, at=at, by=by)
    if membership and is_repriced:
        if not employees:
            raise SizeMissing
        change_size(membership=membership, employees=employees, kind=kind, at=at, by=by)
