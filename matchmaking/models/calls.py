"""Calls for projects of funders, with their deadlines."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.search import index

from cms.models import LedgerPage, PublishedRow, SitePage


class CallFacts(models.Model):
    """What editors write on a page about the call; it takes effect on publish."""

    class Kind(models.TextChoices):
        """Where the money comes from."""

        REGIONAL = "regional", _("regional")
        FLEMISH = "flemish", _("Flemish")
        EUROPEAN = "european", _("European")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    funder_nl = models.CharField(_("funder, in Dutch"), max_length=120)
    funder_en = models.CharField(_("funder, in English"), max_length=120)
    budget_eur = models.PositiveBigIntegerField(_("budget in EUR"), null=True, blank=True)
    official_url = models.URLField(_("official page"), blank=True)
    opens_at = models.DateTimeField(_("opens"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def funder(self) -> str:
        """The funder's name in the active language."""
        return self.funder_en if get_language() == "en" else self.funder_nl


class Call(PublishedRow, CallFacts):
    """The ledger row: who funds, how much, until when."""

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering = (models.F("closes_at").asc(nulls_last=True), "pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(opens_at__isnull=True)
                | models.Q(closes_at__isnull=True)
                | models.Q(closes_at__gt=models.F("opens_at")),
                name="matchmaking_call_closes_after_opening",
            ),
        )


class CallIndexPage(SitePage):
    """All calls, with filters and their state by the clock."""

    template = "matchmaking/call_index_page.html"
    parent_page_types = ["home.HomePage"]
    subpage_types = ["matchmaking.CallPage"]

    class Meta:
        verbose_name = _("call index")
        verbose_name_plural = _("call indexes")


class CallPage(LedgerPage, CallFacts):
    """One call: what it is for, who may apply, by when."""

    facts_model = CallFacts
    ledger_model = Call

    rules = models.TextField(_("rules"), blank=True, help_text=_("Who may apply and the main conditions."))

    content_panels = [
        *LedgerPage.head_panels,
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("kind"), FieldPanel("budget_eur")]),
                FieldRowPanel([FieldPanel("funder_nl"), FieldPanel("funder_en")]),
                FieldRowPanel([FieldPanel("opens_at"), FieldPanel("closes_at")]),
                FieldPanel("official_url"),
            ],
            heading=_("The call (takes effect on publish, for all languages)"),
        ),
        FieldPanel("rules"),
        FieldPanel("body"),
    ]
    override_translatable_fields = LedgerPage.synchronized_facts(CallFacts)
    search_fields = [*LedgerPage.search_fields, index.SearchField("rules")]
    template = "matchmaking/call_page.html"
    parent_page_types = ["matchmaking.CallIndexPage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")

    def clean(self) -> None:
        """Refuse a call that closes before it opens."""
        super().clean()
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            raise ValidationError({"closes_at": _("The call must close after it opens.")})
