"""How a document went out: a row for each way, by Peppol or by mail, and each look-up of its receiver."""

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.invoices import Invoice, Issued


class Dispatch(Issued):
    """One way that a document goes out. What it is never changes; `state` and what was told of it do."""

    class Channel(models.TextChoices):
        """By which way."""

        PEPPOL = "peppol", _("Peppol")
        MAIL = "mail", _("e-mail")

    class State(models.TextChoices):
        """How far it came."""

        QUEUED = "queued", _("on its way")
        UNREACHABLE = "unreachable", _("not on Peppol")
        OUTBOX = "outbox", _("in the outbox")
        SENT = "sent", _("sent")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")

    MUTABLE: ClassVar[tuple[str, ...]] = (
        "state", "access_point", "external_id", "is_copy", "error", "queued_at", "sent_at", "settled_at",
        "next_at", "by", "by_id",
    )  # fmt: skip
    GONE = (State.SENT, State.DELIVERED)

    invoice = models.ForeignKey(
        Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="dispatches"
    )
    channel = models.CharField(_("by"), max_length=10, choices=Channel.choices)
    address = models.CharField(_("to"), max_length=254)
    key = models.UUIDField(
        _("key"),
        default=uuid4,
        unique=True,
        editable=False,
        help_text=_("What the access point knows it by: the same key is sent once."),
    )
    state = models.CharField(_("state"), max_length=15, choices=State.choices, default=State.QUEUED)
    access_point = models.CharField(_("access point"), max_length=20, blank=True)
    external_id = models.CharField(_("number at the access point"), max_length=100, blank=True)
    is_copy = models.BooleanField(_("marked as a copy"), default=False)
    error = models.CharField(_("what went wrong"), max_length=2000, blank=True)
    created_at = models.DateTimeField(_("created at"))
    queued_at = models.DateTimeField(_("queued at"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    settled_at = models.DateTimeField(_("delivered or failed at"), null=True, blank=True)
    next_at = models.DateTimeField(_("looked after again at"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("sent by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        verbose_name = _("dispatch")
        verbose_name_plural = _("dispatches")
        ordering = ("-created_at", "-pk")
        default_permissions = ("view",)
        indexes = (
            models.Index(fields=("state", "next_at"), name="billing_dispatch_due"),
            models.Index(fields=("external_id",), name="billing_dispatch_external"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("invoice",),
                condition=Q(channel="peppol") & ~Q(state="failed"),
                name="billing_dispatch_peppol_once",
            ),
            models.UniqueConstraint(
                fields=("invoice",),
                condition=Q(channel="mail", state="queued"),
                name="billing_dispatch_one_mail_waits",
            ),
            models.CheckConstraint(condition=~Q(address=""), name="billing_dispatch_has_address"),
            models.CheckConstraint(
                condition=Q(channel="peppol")
                | Q(channel="mail", state__in=("queued", "sent"), external_id="", access_point=""),
                name="billing_dispatch_fits_channel",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("queued", "unreachable", "outbox", "sent", "delivered", "failed")),
                name="billing_dispatch_known_state",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("sent", "delivered")) | Q(sent_at__isnull=False),
                name="billing_dispatch_sent_has_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("delivered", "failed")) | Q(settled_at__isnull=False),
                name="billing_dispatch_settled_has_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(error=""), name="billing_dispatch_failed_says_why"
            ),
            models.CheckConstraint(
                condition=Q(is_copy=False) | Q(channel="mail", state="sent"),
                name="billing_dispatch_copy_is_mail",
            ),
        )

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.channel} {self.address}"


class PeppolLookup(Issued):
    """What was found out about a receiver on Peppol, and when: the proof, which never changes."""

    class Outcome(models.TextChoices):
        """Whether the receiver takes the document by Peppol."""

        CAN = "can", _("can receive")
        CANNOT = "cannot", _("cannot receive")
        UNKNOWN = "unknown", _("not known")

    dispatch = models.ForeignKey(
        Dispatch, verbose_name=_("dispatch"), on_delete=models.PROTECT, related_name="lookups"
    )
    participant = models.CharField(_("Peppol address"), max_length=60)
    access_point = models.CharField(_("access point"), max_length=20)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    answer = models.CharField(_("answer"), max_length=2000, blank=True)
    looked_up_at = models.DateTimeField(_("looked up at"))

    class Meta:
        verbose_name = _("look-up on Peppol")
        verbose_name_plural = _("look-ups on Peppol")
        ordering = ("looked_up_at", "pk")
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=Q(outcome__in=("can", "cannot", "unknown")), name="billing_lookup_known_outcome"
            ),
        )

    def __str__(self) -> str:
        return f"{self.participant}: {self.outcome}"
