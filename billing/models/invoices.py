"""Invoices and credit notes with their lines. What is issued never changes; the database holds that too."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar, NoReturn

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _

from billing import rules
from billing.models.customers import Customer, Postal
from billing.models.vat import VatCategory, rate_of_category
from billing.money import Totals, add_up


class InvoiceIsIssued(RuntimeError):
    """An issued invoice, its lines and its payments are not changed or deleted: credit it instead."""


class IssuedQuerySet(models.QuerySet[Any]):
    """Refuses to change or delete what is issued, apart from the model's MUTABLE fields."""

    def update(self, **values: Any) -> int:
        """Change fields that may change."""
        if set(values) - set(self.model.MUTABLE):
            raise InvoiceIsIssued
        return super().update(**values)

    def delete(self) -> NoReturn:
        """Refuse."""
        raise InvoiceIsIssued


class Issued(models.Model):
    """A row that is written once."""

    MUTABLE: ClassVar[tuple[str, ...]] = ()
    """Fields that say how the row fares, and may change."""

    objects = IssuedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Add the row, or change fields that may change."""
        if not self._state.adding and (update_fields is None or set(update_fields) - set(self.MUTABLE)):
            raise InvoiceIsIssued
        super().save(*args, update_fields=update_fields, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise InvoiceIsIssued


class NumberSeries(models.Model):
    """The last number given out in a year, of one kind. The row is locked until the invoice is committed."""

    kind = models.CharField(_("kind"), max_length=20)
    year = models.PositiveSmallIntegerField(_("year"))
    last = models.PositiveIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")
        constraints = (models.UniqueConstraint(fields=("kind", "year"), name="billing_numberseries_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.year}: {self.last}"


_Manager = models.Manager.from_queryset(IssuedQuerySet)


class BookedManager(_Manager):
    """What stands in the books: all documents but the pro formas."""

    def get_queryset(self) -> models.QuerySet[Any]:
        """Leave out what asks for money before there is an invoice."""
        return super().get_queryset().exclude(kind=rules.PRO_FORMA)


class Invoice(Issued, Postal):
    """An invoice, payment request, credit note or pro forma, with a copy of the customer's details at issue.

    `objects` are the documents that stand in the books, so no list, sum or export meets a pro forma unless it
    asks for it: `documents` are all.
    """

    class Kind(models.TextChoices):
        """What the document is in law."""

        INVOICE = rules.INVOICE, _("invoice")
        PAYMENT_REQUEST = rules.PAYMENT_REQUEST, _("payment request")
        CREDIT_NOTE = rules.CREDIT_NOTE, _("credit note")
        PRO_FORMA = rules.PRO_FORMA, _("pro forma invoice")

    class Status(models.TextChoices):
        """How it fares."""

        ISSUED = "issued", _("open")
        OVERDUE = "overdue", _("overdue")
        PAID = "paid", _("paid")
        CREDITED = "credited", _("credited")
        RECEIVED = "received", _("paid, waits for its invoice")
        INVOICED = "invoiced", _("invoiced")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Way(models.TextChoices):
        """How what is left on the day of issue is to be paid; how it was paid where nothing is left."""

        TRANSFER = "transfer", _("bank transfer")
        STRIPE = "stripe", _("online (Stripe)")
        CASH = "cash", _("cash")
        CHARGE = "charge", _("automatic payment")

    MUTABLE = ("status", "overdue_on", "paid_on", "mailed_at")
    OPEN = (Status.ISSUED, Status.OVERDUE)
    OF_PRO_FORMA = (Status.ISSUED, Status.RECEIVED, Status.INVOICED, Status.WITHDRAWN)
    """How a pro forma fares; a document of the books is issued, overdue, paid or credited."""
    UNDECIDED = (Status.ISSUED, Status.RECEIVED)
    """Of a pro forma: it was not withdrawn, and no invoice came of it yet."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.INVOICE)
    year = models.PositiveSmallIntegerField(_("year"))
    sequence = models.PositiveIntegerField(_("number in the year"))
    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="invoices"
    )
    issuer = models.JSONField(_("issuer"), help_text=_("The association’s details on the day of issue."))
    credits = models.ForeignKey(
        "self",
        verbose_name=_("credits"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="credit_notes",
    )
    pro_forma = models.OneToOneField(
        "self",
        verbose_name=_("pro forma invoice"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="made",
        help_text=_("By which the money was asked before this invoice was issued."),
    )
    reference = models.CharField(
        _("reference"), max_length=80, blank=True, db_index=True, help_text=_("What it is for.")
    )
    buyer_reference = models.CharField(_("your reference"), max_length=100, blank=True)
    structured_communication = models.CharField(_("structured communication"), max_length=12, unique=True)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    net = models.DecimalField(_("total excluding VAT"), max_digits=12, decimal_places=2)
    vat = models.DecimalField(_("VAT"), max_digits=12, decimal_places=2)
    gross = models.DecimalField(_("total"), max_digits=12, decimal_places=2)
    prepaid = models.DecimalField(
        _("paid before"),
        max_digits=12,
        decimal_places=2,
        default=0,
        help_text=_("What of the total was paid when it was issued, by its pro forma."),
    )
    way = models.CharField(
        _("way of payment"),
        max_length=10,
        choices=Way.choices,
        default=Way.TRANSFER,
        help_text=_("As it was known on the day of issue."),
    )
    issued_on = models.DateField(_("date"))
    due_on = models.DateField(_("due date"))
    issued_at = models.DateTimeField(_("issued at"))
    line_count = models.PositiveSmallIntegerField(_("number of lines"))

    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.ISSUED)
    overdue_on = models.DateField(_("marked as overdue on"), null=True, blank=True)
    paid_on = models.DateField(_("paid on"), null=True, blank=True)
    mailed_at = models.DateTimeField(_("mailed at"), null=True, blank=True)

    objects: ClassVar[BookedManager] = BookedManager()
    documents = IssuedQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering = ("-issued_on", "-pk")
        default_permissions = ("add", "change", "view")
        indexes = (models.Index(fields=("status", "due_on"), name="billing_invoice_status_due"),)
        constraints = (
            models.UniqueConstraint(fields=("kind", "year", "sequence"), name="billing_invoice_gapless"),
            models.UniqueConstraint(
                fields=("reference",),
                condition=Q(reference__startswith=rules.DESK) & ~Q(kind="credit_note"),
                name="billing_invoice_desk_form_once",
            ),
            # SQLite adds as floating point: 994.54 + 208.85 is not quite 1203.39 there.
            models.CheckConstraint(
                condition=Q(gross=Round(F("net") + F("vat"), 2)), name="billing_invoice_adds_up"
            ),
            models.CheckConstraint(condition=Q(gross__gt=0, vat__gte=0), name="billing_invoice_positive"),
            models.CheckConstraint(condition=Q(due_on__gte=F("issued_on")), name="billing_invoice_due_later"),
            models.CheckConstraint(condition=Q(sequence__gt=0), name="billing_invoice_sequence_from_1"),
            models.CheckConstraint(condition=Q(currency="EUR"), name="billing_invoice_in_euro"),
            models.CheckConstraint(condition=Q(line_count__gt=0), name="billing_invoice_has_lines"),
            models.CheckConstraint(
                condition=Q(kind="credit_note", credits__isnull=False)
                | (~Q(kind="credit_note") & Q(credits__isnull=True)),
                name="billing_invoice_credits_when_credit_note",
            ),
            models.CheckConstraint(
                condition=Q(kind="pro_forma", status__in=("issued", "received", "invoiced", "withdrawn"))
                | (~Q(kind="pro_forma") & Q(status__in=("issued", "overdue", "paid", "credited"))),
                name="billing_invoice_known_status",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("invoice", "payment_request", "credit_note", "pro_forma")),
                name="billing_invoice_known_kind",
            ),
            models.CheckConstraint(
                condition=Q(pro_forma__isnull=True) | Q(kind__in=("invoice", "payment_request")),
                name="billing_invoice_follows_pro_forma",
            ),
            models.CheckConstraint(
                condition=~Q(status="paid") | Q(paid_on__isnull=False), name="billing_invoice_paid_has_day"
            ),
            models.CheckConstraint(
                condition=Q(prepaid=0) | Q(prepaid__gt=0, prepaid__lte=F("gross"), pro_forma__isnull=False),
                name="billing_invoice_prepaid_by_pro_forma",
            ),
            models.CheckConstraint(
                condition=Q(way__in=("transfer", "charge"))
                | Q(way__in=("stripe", "cash"), prepaid=F("gross")),
                name="billing_invoice_known_way",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number}, {self.name}"

    @property
    def communication(self) -> str:
        """The structured communication as it is printed."""
        return rules.show_structured_communication(self.structured_communication)

    @property
    def totals(self) -> Totals:
        """The totals with VAT per rate, from the stored lines."""
        return add_up(self.lines.all())

    @property
    def is_open(self) -> bool:
        """Whether the customer still has to pay something."""
        return self.status in self.OPEN and self.kind != self.Kind.CREDIT_NOTE

    @property
    def is_pro_forma(self) -> bool:
        """Whether it only asks for money: it is no invoice, and stands in no book."""
        return self.kind == self.Kind.PRO_FORMA

    @property
    def credits_all(self) -> bool:
        """Whether this is a credit note of a whole invoice, rather than of a part or of what was left."""
        return self.credits is not None and self.gross == self.credits.gross


class InvoiceLine(Issued):
    """One line of an invoice, in the customer's language."""

    VatCategory = VatCategory

    invoice = models.ForeignKey(
        Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="lines"
    )
    position = models.PositiveSmallIntegerField(_("position"))
    text = models.CharField(_("description"), max_length=300)
    quantity = models.DecimalField(_("quantity"), max_digits=10, decimal_places=3, default=Decimal(1))
    unit = models.CharField(_("unit"), max_length=3, default="C62", help_text=_("UN/ECE code; C62 is one."))
    unit_price = models.DecimalField(_("price"), max_digits=12, decimal_places=2)
    vat_category = models.CharField(_("VAT category"), max_length=2, choices=VatCategory.choices)
    vat_rate = models.DecimalField(_("VAT rate"), max_digits=5, decimal_places=2)
    vat_treatment = models.CharField(_("VAT treatment"), max_length=50, blank=True)
    vat_reason = models.CharField(_("reason for no VAT"), max_length=300, blank=True)
    vat_reason_code = models.CharField(_("reason code"), max_length=30, blank=True)
    vat_code = models.CharField(_("VAT code"), max_length=10, blank=True)
    net = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    vat = models.DecimalField(
        _("VAT"),
        max_digits=12,
        decimal_places=2,
        default=0,
        help_text=_("Its part of the VAT, which is rounded once for all lines of a rate."),
    )
    credits = models.ForeignKey(
        "self",
        verbose_name=_("credits"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="credited_by",
    )
    period_from = models.DateField(_("from"), null=True, blank=True)
    period_to = models.DateField(_("up to and including"), null=True, blank=True)
    ledger_account = models.CharField(_("ledger account"), max_length=10, blank=True)
    reference = models.CharField(_("reference"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("line of an invoice")
        verbose_name_plural = _("lines of invoices")
        ordering = ("invoice", "position")
        default_permissions = ("view",)
        constraints = (
            models.UniqueConstraint(fields=("invoice", "position"), name="billing_line_position_once"),
            models.CheckConstraint(condition=rate_of_category("vat_"), name="billing_line_rate_of_category"),
            models.CheckConstraint(
                condition=Q(vat_category="S") | Q(vat=0), name="billing_line_vat_where_due"
            ),
            # Lines from before the treatments name none and keep no reason.
            models.CheckConstraint(
                condition=Q(vat_treatment="") | Q(vat_category="S") | ~Q(vat_reason=""),
                name="billing_line_says_why_no_vat",
            ),
            models.CheckConstraint(
                condition=Q(period_from__isnull=True, period_to__isnull=True)
                | Q(period_to__gte=F("period_from")),
                name="billing_line_period_in_order",
            ),
        )

    def __str__(self) -> str:
        return self.text
