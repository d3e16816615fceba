"""What a customer saved to be charged later, a card or a direct debit, as far as one may see it."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models.customers import Customer

WORDS = "2026-11"
"""The version of the words that people agree to (`billing.forms.means`): another text, another version."""
BRANDS = {
    "amex": "American Express",
    "american_express": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "diners_club": "Diners Club",
    "discover": "Discover",
    "jcb": "JCB",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "union_pay": "UnionPay",
    "visa": "Visa",
}


class Agreed(models.Model):
    """Who agreed to what is saved, when, and to which words; nobody is named for a private link."""

    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=gettext_lazy("agreed by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=gettext_lazy("Nobody: whoever held the private link of an invoice."),
    )
    agreed_at = models.DateTimeField(gettext_lazy("agreed at"))
    words = models.CharField(gettext_lazy("version of the wording"), max_length=20, default=WORDS)

    class Meta:
        abstract = True


class PaymentMeans(Agreed):
    """A card or direct debit that Stripe keeps for a customer. Nothing here pays anywhere else."""

    class Kind(models.TextChoices):
        """What it is."""

        CARD = "card", gettext_lazy("card")
        SEPA_DEBIT = "sepa_debit", gettext_lazy("direct debit")

    class Status(models.TextChoices):
        """Whether it may be charged."""

        ACTIVE = "active", gettext_lazy("in use")
        ENDED = "ended", gettext_lazy("ended")

    class Because(models.TextChoices):
        """Why it may be charged no more."""

        PAYER = "payer", gettext_lazy("stopped by the payer")
        STAFF = "staff", gettext_lazy("stopped by us")
        DETACHED = "detached", gettext_lazy("removed at Stripe")
        MANDATE = "mandate", gettext_lazy("mandate withdrawn at the bank")
        REPLACED = "replaced", gettext_lazy("replaced by another")
        OVER = "over", gettext_lazy("the membership has ended")
        ERASED = "erased", gettext_lazy("the data of the payer were erased")

    customer = models.ForeignKey(
        Customer, verbose_name=gettext_lazy("customer"), on_delete=models.CASCADE, related_name="means"
    )
    stripe_id = models.CharField(gettext_lazy("number at Stripe"), max_length=255, unique=True)
    kind = models.CharField(gettext_lazy("kind"), max_length=20, choices=Kind.choices)
    brand = models.CharField(gettext_lazy("brand"), max_length=40, blank=True)
    last4 = models.CharField(gettext_lazy("last four characters"), max_length=4, blank=True)
    expires_year = models.PositiveSmallIntegerField(gettext_lazy("year of expiry"), null=True, blank=True)
    expires_month = models.PositiveSmallIntegerField(gettext_lazy("month of expiry"), null=True, blank=True)
    country = models.CharField(gettext_lazy("country of the bank"), max_length=2, blank=True)
    mandate_id = models.CharField(
        gettext_lazy("mandate at Stripe"), max_length=255, blank=True, db_index=True
    )
    mandate_reference = models.CharField(gettext_lazy("reference of the mandate"), max_length=100, blank=True)
    mandate_url = models.URLField(gettext_lazy("mandate"), max_length=1000, blank=True)
    saved_at = models.DateTimeField(gettext_lazy("saved at"))
    told_at = models.DateTimeField(
        gettext_lazy("last heard of"),
        null=True,
        blank=True,
        help_text=gettext_lazy("By the clock of Stripe."),
    )
    status = models.CharField(
        gettext_lazy("status"), max_length=10, choices=Status.choices, default=Status.ACTIVE
    )
    ended_at = models.DateTimeField(gettext_lazy("ended at"), null=True, blank=True)
    ended_because = models.CharField(
        gettext_lazy("ended because"), max_length=10, choices=Because.choices, blank=True
    )
    ended_note = models.CharField(gettext_lazy("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = gettext_lazy("means of payment")
        verbose_name_plural = gettext_lazy("saved means of payment")
        ordering = ("-saved_at", "-pk")
        default_permissions = ("change", "view")
        constraints = (
            models.UniqueConstraint(
                fields=("customer",), condition=Q(status="active"), name="billing_means_one_in_use"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("card", "sepa_debit")), name="billing_means_known_kind"
            ),
            models.CheckConstraint(
                condition=Q(status="active", ended_at__isnull=True, ended_because="")
                | (Q(status="ended", ended_at__isnull=False) & ~Q(ended_because="")),
                name="billing_means_ended_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(kind="sepa_debit") | ~Q(mandate_id=""), name="billing_means_debit_has_mandate"
            ),
            models.CheckConstraint(
                condition=Q(expires_month__isnull=True) | Q(expires_month__range=(1, 12)),
                name="billing_means_month_exists",
            ),
        )

    def __str__(self) -> str:
        return capfirst(self.said)

    @property
    def is_active(self) -> bool:
        """Whether it may be charged."""
        return self.status == self.Status.ACTIVE

    @property
    def is_debit(self) -> bool:
        """Whether a bank takes days to confirm it."""
        return self.kind == self.Kind.SEPA_DEBIT

    @property
    def said(self) -> str:
        """Name it as its payer knows it, in the midst of a sentence."""
        words = {"last": self.last4, "brand": BRANDS.get(self.brand, ""), "country": self.country}
        if self.is_debit:
            return _("direct debit from the account ending in %(last)s") % words
        return (
            _("%(brand)s card ending in %(last)s") if words["brand"] else _("card ending in %(last)s")
        ) % words

    @property
    def used(self) -> str:
        """Name it in a sentence that says with what something is paid."""
        words = {"last": self.last4, "brand": BRANDS.get(self.brand, "")}
        if self.is_debit:
            return _("direct debit from your account ending in %(last)s") % words
        return (
            _("your %(brand)s card ending in %(last)s")
            if words["brand"]
            else _("your card ending in %(last)s")
        ) % words

    @property
    def expiry(self) -> str:
        """The month until which a card is good, such as 04/2029."""
        return (
            f"{self.expires_month:02}/{self.expires_year}" if self.expires_month and self.expires_year else ""
        )

    def expires_before(self, day: date) -> bool:
        """Whether a card is no longer good on a day, as far as we know."""
        if not (self.expires_year and self.expires_month):
            return False
        return (self.expires_year, self.expires_month) < (day.year, day.month)


class MeansSetup(Agreed):
    """A visit to Stripe's page to save something without paying. Its number makes the idempotency key."""

    customer = models.ForeignKey(
        Customer, verbose_name=gettext_lazy("customer"), on_delete=models.CASCADE, related_name="means_setups"
    )
    session_id = models.CharField(gettext_lazy("session"), max_length=255, null=True, blank=True, unique=True)
    intent_id = models.CharField(gettext_lazy("number at Stripe"), max_length=255, blank=True)
    is_done = models.BooleanField(gettext_lazy("completed"), default=False)

    class Meta:
        verbose_name = gettext_lazy("visit to save a means of payment")
        verbose_name_plural = gettext_lazy("visits to save a means of payment")
        ordering = ("-agreed_at", "-pk")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.agreed_at:%Y-%m-%d}"

    @property
    def idempotency_key(self) -> str:
        """The key under which Stripe makes at most one session; not that of a database before this one."""
        return f"means-setup-{self.pk}-{int(self.agreed_at.timestamp())}"
