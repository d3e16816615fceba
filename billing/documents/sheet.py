"""What an invoice says, ready to print: screen and PDF show the same words and amounts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import segno
from django.db.models import prefetch_related_objects
from django.utils import translation
from django.utils.formats import date_format, number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from segno import helpers
from stdnum import bic

from billing import rules
from billing.documents.collecting import NOT_COLLECTED, collecting
from billing.models import Invoice, InvoiceLine
from billing.queries import Standing, followed, is_on_peppol, standing_of
from cms.amounts import say_euro, say_percent

SayAmount = Callable[[Decimal], str]


@dataclass(frozen=True)
class SheetLine:
    """One line as it is printed."""

    text: str
    period: str
    quantity: str
    price: str
    vat: str
    net: str


@dataclass(frozen=True)
class Sheet:
    """Everything on the document, in its language. `payment` is empty when nothing is to be paid.

    `charge` tells of its automatic payment. How to transfer is shown only if `asks_transfer`, a reminder
    aside, which always asks.
    """

    language: str
    title: str
    number: str
    issuer: dict[str, str]
    issuer_numbers: list[str]
    customer: list[str]
    facts: list[tuple[str, str]]
    columns: list[str]
    lines: list[SheetLine]
    sums: list[tuple[str, str]]
    total: tuple[str, str]
    notice: str
    state: str
    copy: str
    charge_title: str
    charge: str
    asks_transfer: bool
    payment: list[tuple[str, str]]
    payment_title: str
    payment_text: str
    remarks: list[str]
    qr: str
    qr_label: str


def make_sheet(
    invoice: Invoice,
    in_columns: SayAmount = say_euro,
    *,
    standing: Standing | None = None,
    is_drawn: bool = True,
) -> Sheet:
    """Put the words of an invoice together, in the customer's language.

    `in_columns` says the amounts of lines and sums; sentences say theirs as all sentences do. How it stands
    is asked unless the caller knows it. The code for banking apps takes longer than all else: a mail, which
    shows none, leaves it out (`is_drawn` off).
    """
    with translation.override(invoice.language):
        return _sheet(invoice, standing or standing_of(invoice), in_columns, is_drawn=is_drawn)


def title_of(invoice: Invoice) -> str:
    """Return what the document calls itself, in the customer's language."""
    with translation.override(invoice.language):
        return capfirst(invoice.get_kind_display())


def epc_code(invoice: Invoice, amount: Decimal) -> segno.QRCode:
    """Return the code that a banking app reads: amount, account and structured communication.

    EPC069-12, version 002: the reference line takes the twelve digits, the line for free text stays empty,
    and no BIC is needed within the EEA: one of another form, on an invoice from before it was checked, is
    left out.
    """
    code = invoice.issuer["bic"]
    return helpers.make_epc_qr(
        name=invoice.issuer["name"][:70],
        iban=invoice.issuer["iban"],
        bic=bic.compact(code) if bic.is_valid(code) else None,
        amount=amount,
        reference=invoice.structured_communication,
        encoding="utf-8",
    )


def _sheet(invoice: Invoice, standing: Standing, in_columns: SayAmount, *, is_drawn: bool) -> Sheet:
    left = standing.left
    is_to_pay = left > 0 and invoice.is_open
    charge = collecting(invoice, standing.plan) if is_to_pay else NOT_COLLECTED
    issuer = invoice.issuer
    prefetch_related_objects([invoice], "lines")  # the sums read them too
    lines = list(invoice.lines.all())
    return Sheet(
        language=invoice.language,
        title=title_of(invoice),
        number=invoice.number,
        issuer=issuer,
        issuer_numbers=_issuer_numbers(issuer),
        customer=[invoice.name, *invoice.address_lines],
        facts=[(name, value) for name, value in _facts(invoice, standing.notes) if value],
        columns=[_("Description"), _("Quantity"), _("Price"), _("VAT"), _("Amount")],
        lines=[_line(line, in_columns) for line in lines],
        sums=_sums(invoice, in_columns),
        total=(_("Total"), in_columns(invoice.gross)),
        notice=_notice(invoice),
        state=_state(invoice, left),
        copy=_copy(invoice),
        charge_title=_("Automatic payment"),
        charge=charge.text,
        asks_transfer=is_to_pay and charge.asks_transfer,
        payment=_payment(invoice, in_columns(left)) if is_to_pay else [],
        payment_title=_("How to pay"),
        payment_text=_(
            "Transfer the amount with the structured communication, or scan the code with your banking app."
        ),
        remarks=_remarks(lines),
        qr=_svg(epc_code(invoice, left)) if is_to_pay and is_drawn else "",
        qr_label=_("QR code for a transfer of %(amount)s with communication %(communication)s")
        % {"amount": say_euro(left), "communication": invoice.communication},
    )


def _facts(invoice: Invoice, notes: list[Invoice]) -> list[tuple[str, str]]:
    credited = invoice.credits
    return [
        (_("Number"), invoice.number),
        (_("Date"), date_format(invoice.issued_on)),
        (_("Due date"), "" if credited else date_format(invoice.due_on)),
        (_("Credits"), f"{credited.get_kind_display()} {credited.number}" if credited else ""),
        (_("Credited"), "; ".join(f"{note.number}, {say_euro(note.gross)}" for note in notes)),
        (capfirst(_("pro forma invoice")), invoice.pro_forma.number if invoice.pro_forma else ""),
        (_("Your VAT number"), rules.say_number(invoice.vat_number)),
        (
            _("Your enterprise number"),
            "" if invoice.vat_number else invoice.shown_enterprise_number,
        ),
        (_("Your purchase order number"), invoice.po_number),
        (_("Your reference"), invoice.buyer_reference),
    ]


def _issuer_numbers(issuer: dict[str, str]) -> list[str]:
    vat = _("VAT %(number)s") % {"number": f"BE {issuer['enterprise_number']}"}
    return [
        part
        for part in (
            vat if issuer["vat_number"] else issuer["enterprise_number"],
            issuer["register"],
            f"IBAN {spaced(issuer['iban'])}",
            issuer["email"],
            issuer["phone"],
        )
        if part
    ]


def _line(line: InvoiceLine, in_columns: SayAmount) -> SheetLine:
    return SheetLine(
        text=line.text,
        period=say_days(line.period_from, line.period_to),
        quantity=number_format(line.quantity.normalize(), use_l10n=True),
        price=in_columns(line.unit_price),
        vat=say_percent(line.vat_rate)
        if line.vat_category == rules.STANDARD
        else line.get_vat_category_display(),
        net=in_columns(line.net),
    )


def _sums(invoice: Invoice, in_columns: SayAmount) -> list[tuple[str, str]]:
    rows = [(_("Total excluding VAT"), in_columns(invoice.net))]
    for part in invoice.totals.per_rate:
        if part.category == rules.STANDARD:
            words = {"rate": say_percent(part.rate), "net": in_columns(part.net)}
            rows.append((_("VAT %(rate)s on %(net)s") % words, in_columns(part.vat)))
        else:
            name = str(InvoiceLine.VatCategory(part.category).label)
            words = {"category": name, "net": in_columns(part.net)}
            rows.append((_("VAT, %(category)s, on %(net)s") % words, in_columns(part.vat)))
    return rows


def _notice(invoice: Invoice) -> str:
    """Return that this is no invoice, where it only asks for money."""
    if not invoice.is_pro_forma:
        return ""
    if invoice.status in Invoice.UNDECIDED:
        return _("This is not an invoice. You will receive the invoice once your payment has come in.")
    return _("This is not an invoice.")


def _state_of_pro_forma(invoice: Invoice) -> str:
    if invoice.status == Invoice.Status.RECEIVED:
        return _("We have received your payment. The invoice follows.")
    if invoice.status == Invoice.Status.WITHDRAWN:
        return _("Withdrawn: nothing is to be paid any more.")
    if invoice.status == Invoice.Status.INVOICED:
        return _("The invoice has been made: %(number)s.") % {"number": followed(invoice).number}
    return ""


def _state(invoice: Invoice, left: Decimal) -> str:
    if invoice.kind == Invoice.Kind.CREDIT_NOTE:
        return ""
    if invoice.is_pro_forma:
        return _state_of_pro_forma(invoice)
    if invoice.status == Invoice.Status.PAID and invoice.paid_on:
        return _("Paid on %(day)s.") % {"day": date_format(invoice.paid_on)}
    if invoice.status == Invoice.Status.CREDITED:
        return _("Credited in full: there is nothing more to pay.")
    if left != invoice.gross:
        return _("%(amount)s is still to be paid.") % {"amount": say_euro(left)}
    return ""


def _copy(invoice: Invoice) -> str:
    """Return that this is only a copy, where the customer has the document itself by Peppol."""
    if not is_on_peppol(invoice):
        return ""
    if invoice.kind == Invoice.Kind.CREDIT_NOTE:
        return _("Copy: you received the credit note itself by Peppol.")
    return _("Copy: you received the invoice itself by Peppol.")


def _payment(invoice: Invoice, amount: str) -> list[tuple[str, str]]:
    return [
        (_("Amount"), amount),
        (_("Due date"), date_format(invoice.due_on)),
        (_("IBAN"), spaced(invoice.issuer["iban"])),
        (_("Beneficiary"), invoice.issuer["name"]),
        (_("Structured communication"), invoice.communication),
    ]


def _remarks(lines: list[InvoiceLine]) -> list[str]:
    """Return why no VAT is due, once each, as the lines keep it."""
    return list(dict.fromkeys(reason for line in lines if (reason := vat_reason(line))))


def vat_reason(line: InvoiceLine) -> str:
    """Return why a line bears no VAT, in the active language where it was issued before lines kept it."""
    before = {
        rules.EXEMPT: _("Exempt from VAT, art. 44 of the Belgian VAT code."),
        rules.REVERSE_CHARGE: _("Reverse charge: VAT is due by the customer."),
        rules.OUTSIDE_SCOPE: _("Outside the scope of VAT."),
    }
    return line.vat_reason or before.get(line.vat_category, "")


def _svg(code: segno.QRCode) -> str:
    return str(code.svg_inline(scale=4, border=4, light="#fff"))


def spaced(iban: str) -> str:
    """Return an IBAN in groups of four."""
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


def say_days(start: date | None, end: date | None) -> str:
    """Return a period in days, or nothing."""
    if not start or not end:
        return ""
    words = {"start": date_format(start), "end": date_format(end)}
    return pgettext("both days included", "%(start)s to %(end)s") % words
