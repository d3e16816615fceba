"""What a spreadsheet gets about members and their renewals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.exports import Spreadsheet
from billing.queries import gross_of
from membership.models import Membership
from membership.queries import ChangedRenewal, ExpectedRenewal, PricePreview


@dataclass(frozen=True)
class RenewalRow:
    """A renewal that would cost something else; amounts in EUR a year without VAT."""

    organisation: str
    enterprise_number: str
    tier: str
    size_band: str
    renews_on: date
    before: Decimal
    after: Decimal
    difference: Decimal
    remarks: str


RENEWAL_HEADINGS: dict[str, Promise] = {
    "organisation": gettext_lazy("Organisation"),
    "enterprise_number": gettext_lazy("Enterprise number"),
    "tier": gettext_lazy("Tier"),
    "size_band": gettext_lazy("Size"),
    "renews_on": gettext_lazy("Renews on"),
    "before": gettext_lazy("Old amount"),
    "after": gettext_lazy("New amount"),
    "difference": gettext_lazy("Difference"),
    "remarks": gettext_lazy("Remarks"),
}


def renewal_remarks(renewal: ChangedRenewal) -> list[str]:
    """Return what is to be known about a renewal: its places, its engagement, what was announced."""
    member, seats = renewal.membership, renewal.term.extra_seats
    said = []
    if seats:
        text = ngettext("with %(count)s extra place", "with %(count)s extra places", seats)
        said.append(text % {"count": seats})
    if renewal.is_engaged and member.engaged_until:
        said.append(_("engaged until %(day)s") % {"day": date_format(member.engaged_until)})
    if member.status != Membership.Status.ACTIVE:
        said.append(str(member.get_status_display()))
    if renewal.announced_at:
        day = date_format(timezone.localtime(renewal.announced_at))
        said.append(_("announced at the old amount on %(day)s") % {"day": day})
    return said


def renewal_sheet(preview: PricePreview) -> tuple[Spreadsheet, Iterator[RenewalRow]]:
    """Return for whom other prices would change something: the sheet and its rows."""
    rows = (
        RenewalRow(
            organisation=each.membership.organisation.name,
            enterprise_number=each.membership.organisation.enterprise_number,
            tier=each.term.tier.name,
            size_band=each.term.size_band.name if each.term.size_band else "",
            renews_on=each.term.starts_on,
            before=each.before,
            after=each.after,
            difference=each.after - each.before,
            remarks="; ".join(renewal_remarks(each)),
        )
        for each in preview.renewals
    )
    return Spreadsheet(f"new-prices-{preview.valid_from.isoformat()}", RENEWAL_HEADINGS), rows


@dataclass(frozen=True)
class ExpectedRow:
    """A renewal that is to be invoiced; amounts in EUR, `gross` with VAT."""

    pk: int
    organisation: str
    enterprise_number: str
    tier: str
    size_band: str
    renews_on: date
    invoice_on: date
    net: Decimal
    gross: Decimal


EXPECTED_HEADINGS: dict[str, Promise] = {
    "organisation": gettext_lazy("Organisation"),
    "enterprise_number": gettext_lazy("Enterprise number"),
    "tier": gettext_lazy("Tier"),
    "size_band": gettext_lazy("Size"),
    "renews_on": gettext_lazy("Renews on"),
    "invoice_on": gettext_lazy("To be invoiced on"),
    "net": gettext_lazy("Excluding VAT"),
    "gross": gettext_lazy("Including VAT"),
}


def expected_rows(renewals: Sequence[ExpectedRenewal]) -> list[ExpectedRow]:
    """Return the renewals that are to be invoiced, with VAT; who cannot be invoiced is left out."""
    charges = [(each, charge) for each in renewals if (charge := each.charge)]
    grosses = gross_of([charge for _each, charge in charges], at=timezone.now())
    return [
        ExpectedRow(
            pk=each.membership.pk,
            organisation=each.membership.organisation.name,
            enterprise_number=each.membership.organisation.enterprise_number,
            tier=each.term.tier.name,
            size_band=each.term.size_band.name if each.term.size_band else "",
            renews_on=each.term.starts_on,
            invoice_on=charge.invoice_on,
            net=charge.net,
            gross=gross,
        )
        for (each, charge), gross in zip(charges, grosses, strict=True)
    ]


def expected_sheet(until: date) -> Spreadsheet:
    """Return the sheet of the renewals that are to be invoiced up to and including a day."""
    return Spreadsheet(f"renewals-until-{until.isoformat()}", EXPECTED_HEADINGS)
