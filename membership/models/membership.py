"""The life of a membership: one row from application to end, what it costs, and what was announced."""

from datetime import date, timedelta
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.models import Invoice
from membership.models.organisation import Organisation
from membership.models.prices import Tier


class Membership(models.Model):
    """An organisation's membership at a tier. Dates are whole days in Brussels."""

    class Status(models.TextChoices):
        """Where the membership stands; see docs/glossary.md."""

        APPLIED = "applied", _("applied")
        AWAITING_PAYMENT = "awaiting_payment", _("awaiting payment")
        ACTIVE = "active", _("active")
        PAST_DUE = "past_due", _("past due")
        GRACE = "grace", _("in its grace period")
        LAPSED = "lapsed", _("lapsed")
        RESIGNED = "resigned", pgettext_lazy("of a membership", "cancelled")
        CLOSED = "closed", _("application closed")

    RUNNING = (Status.ACTIVE, Status.PAST_DUE, Status.GRACE)
    """The member zone is open; in grace it is open to read."""
    CHANGEABLE = (Status.ACTIVE, Status.PAST_DUE)
    """The organisation changes what it tells of itself, its size and its people."""
    UNPAID = (Status.PAST_DUE, Status.GRACE)
    ENDED = (Status.LAPSED, Status.RESIGNED)
    APPLICATIONS = (Status.APPLIED, Status.AWAITING_PAYMENT, Status.CLOSED)
    OPEN = (Status.APPLIED, Status.AWAITING_PAYMENT, *RUNNING)

    class Reason(models.TextChoices):
        """Why an organisation leaves, as the board counts it."""

        BUDGET = "budget", _("Budget")
        LITTLE_USE = "little_use", _("We made little use of it")
        OTHER_PRIORITIES = "other_priorities", _("Other priorities")
        MERGED = "merged", _("Merger, takeover or closure of the organisation")
        DISSATISFIED = "dissatisfied", _("Not satisfied")
        OTHER = "other", _("Another reason")

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="memberships"
    )
    tier = models.ForeignKey(
        Tier, verbose_name=_("tier"), on_delete=models.PROTECT, related_name="memberships"
    )
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.APPLIED)
    applied_at = models.DateTimeField(_("applied"))
    starts_on = models.DateField(_("starts"), null=True, blank=True)
    ends_on = models.DateField(
        _("ends"), null=True, blank=True, help_text=_("The last day of the current term.")
    )
    engaged_until = models.DateField(
        _("engaged until"),
        null=True,
        blank=True,
        help_text=_("The last day of an engagement of several years; until then the tier does not go down."),
    )
    next_tier = models.ForeignKey(
        Tier,
        verbose_name=_("tier of the next term"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    resigned_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    resigned_because = models.CharField(
        _("reason to cancel"), max_length=20, choices=Reason.choices, blank=True
    )
    resigned_note = models.CharField(_("in their own words"), max_length=500, blank=True)
    lapses_on = models.DateField(
        _("lapses on"),
        null=True,
        blank=True,
        help_text=_("Unless all is paid by the day before, the membership ends on this day."),
    )
    lapse_held_on = models.DateField(
        _("should have lapsed"),
        null=True,
        blank=True,
        help_text=_("Something is paid, but not all: since this day staff are asked what becomes of it."),
    )
    code_of_conduct_accepted_at = models.DateTimeField(_("code of conduct accepted"), null=True, blank=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ("-applied_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation",),
                condition=Q(status__in=("applied", "awaiting_payment", "active", "past_due", "grace")),
                name="membership_one_open_an_organisation",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("active", "past_due", "grace"))
                | Q(starts_on__isnull=False, ends_on__isnull=False),
                name="membership_active_has_term",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="membership_term_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("past_due", "grace")) | Q(lapses_on__isnull=False),
                name="membership_unpaid_has_last_day",
            ),
            models.CheckConstraint(
                condition=Q(lapse_held_on__isnull=True)
                | Q(status="grace", lapses_on__lte=F("lapse_held_on")),
                name="membership_lapse_held_in_grace",
            ),
            models.CheckConstraint(
                condition=Q(resigned_at__isnull=True, resigned_because="")
                | (Q(resigned_at__isnull=False) & ~Q(resigned_because="")),
                name="membership_resigned_with_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.organisation}: {self.tier} ({self.get_status_display()})"

    @property
    def is_running(self) -> bool:
        """Whether the organisation is a member now."""
        return self.status in self.RUNNING

    @property
    def is_read_only(self) -> bool:
        """Whether it runs, but its member changes nothing of it until all is paid; see ADR 0011."""
        return self.status == self.Status.GRACE

    @property
    def is_lapse_held(self) -> bool:
        """Whether it should have lapsed, but is paid in part: staff decide."""
        return self.lapse_held_on is not None

    @property
    def is_open(self) -> bool:
        """Whether it runs, or may come to run."""
        return self.status in self.OPEN

    @property
    def has_ended(self) -> bool:
        """Whether the organisation was a member before."""
        return self.status in self.ENDED and self.ends_on is not None

    def ends_on_or_after(self, day: date) -> bool:
        """Whether the current term still runs on a day; the clock has not turned it yet otherwise."""
        return self.ends_on is not None and self.ends_on >= day

    @property
    def next_term_on(self) -> date | None:
        """The first day of the next term."""
        return self.ends_on + timedelta(days=1) if self.ends_on else None

    @property
    def stays_until(self) -> date | None:
        """The last day on which the membership can end by itself: of the term, or of the engagement."""
        return max(filter(None, (self.ends_on, self.engaged_until)), default=None)


class Charge(models.Model):
    """What a membership costs from a day of a term on: its first term, a renewal, or a change within one.

    The charges of a term, those that are void left out, say what the whole term costs (`membership.money`).
    """

    class Purpose(models.TextChoices):
        """What is paid for."""

        START = "start", _("first term")
        RENEWAL = "renewal", _("renewal")
        UPGRADE = "upgrade", _("upgrade")
        SEATS = "seats", _("extra place")

    membership = models.ForeignKey(
        Membership, verbose_name=_("membership"), on_delete=models.PROTECT, related_name="charges"
    )
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose.choices)
    term_starts_on = models.DateField(
        _("first day of the term"),
        null=True,
        blank=True,
        help_text=_("A first term starts on the day that it is paid."),
    )
    from_on = models.DateField(_("from"), null=True, blank=True)
    tier = models.ForeignKey(Tier, verbose_name=_("tier"), on_delete=models.PROTECT, related_name="+")
    employees = models.PositiveIntegerField(_("number of employees"))
    yearly_fee = models.DecimalField(_("yearly fee in EUR"), max_digits=9, decimal_places=2)
    extra_seats = models.PositiveSmallIntegerField(_("extra places"), default=0)
    seats_fee = models.DecimalField(
        _("yearly fee of all extra places in EUR"), max_digits=9, decimal_places=2, default=0
    )
    invoice = models.OneToOneField(
        Invoice,
        verbose_name=_("invoice"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Or its pro forma. None where nothing is to be paid, or nothing yet."),
    )
    voided_at = models.DateTimeField(_("void since"), null=True, blank=True)

    class Meta:
        verbose_name = _("charge")
        verbose_name_plural = _("charges")
        ordering = ("membership", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("membership", "term_starts_on"),
                condition=Q(voided_at__isnull=True, purpose__in=("start", "renewal")),
                name="membership_charge_once_a_term",
            ),
            models.CheckConstraint(
                condition=Q(purpose="start") | Q(term_starts_on__isnull=False),
                name="membership_charge_has_term",
            ),
            models.CheckConstraint(
                condition=Q(term_starts_on__isnull=True, from_on__isnull=True)
                | Q(from_on__gte=F("term_starts_on")),
                name="membership_charge_within_term",
            ),
            models.CheckConstraint(
                condition=Q(yearly_fee__gte=0, seats_fee__gte=0), name="membership_charge_not_negative"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {self.tier}"

    @property
    def total_fee(self) -> Decimal:
        """What a year costs, extra places included, in EUR without VAT."""
        return self.yearly_fee + self.seats_fee


class Notice(models.Model):
    """An announcement of a renewal that was mailed; each level once a term."""

    membership = models.ForeignKey(
        Membership, verbose_name=_("membership"), on_delete=models.CASCADE, related_name="notices"
    )
    ends_on = models.DateField(_("last day of the term"))
    days = models.PositiveSmallIntegerField(_("days before the end"))
    sent_at = models.DateTimeField(_("sent at"))

    class Meta:
        verbose_name = _("renewal notice")
        verbose_name_plural = _("renewal notices")
        ordering = ("membership", "ends_on", "-days")
        constraints = (
            models.UniqueConstraint(fields=("membership", "ends_on", "days"), name="membership_notice_once"),
        )

    def __str__(self) -> str:
        return f"{self.ends_on}: {self.days}"
