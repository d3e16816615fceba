"""The history of a membership as staff read it: when, what, in which terms and why, and who did it."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.models import ModelLogEntry

from cms.amounts import say_euro
from membership.models import Application, Membership, Organisation, Tier

DAYS = {
    "starts_on": gettext_lazy("from %(day)s"),
    "ends_on": gettext_lazy("until %(day)s"),
    "until": gettext_lazy("until %(day)s"),
    "lapses_on": gettext_lazy("lapses on %(day)s unless all is paid"),
}
"""How a day of a line is said, by its name in the log."""


class Line(NamedTuple):
    """One line of the history; `who` is empty for what the platform did by itself."""

    at: datetime
    what: str
    details: str
    who: str


def timeline_of(membership: Membership) -> list[Line]:
    """Return all that happened to a membership, the newest first, in the active language.

    Who filled in the form to join was not known then as somebody who logs in: the application names them.
    """
    application = Application.objects.filter(membership=membership).first()
    applicant = f"{application.first_name} {application.last_name}".strip() if application else ""
    entries = ModelLogEntry.objects.for_instance(membership).select_related("user")
    names = {tier.slug: tier.name for tier in Tier.objects.all()}
    names |= {kind.value: str(kind.label) for kind in Organisation.Kind}
    return [
        Line(
            entry.timestamp,
            str(entry.message),
            say_details(entry, names),
            entry.user_display_name if entry.user_id else applicant * (entry.action == "membership.apply"),
        )
        for entry in entries.order_by("-timestamp", "-pk")
    ]


def say_details(entry: ModelLogEntry, names: Mapping[str, str]) -> str:
    """Return what a line of the history adds in words: tier, amount, days, reason."""
    data = entry.data if isinstance(entry.data, dict) else {}
    return ", ".join(_details(data, entry.action, names))


def _details(data: Mapping[str, Any], action: str, names: Mapping[str, str]) -> Iterator[str]:
    if (before := data.get("from")) or data.get("to"):
        before = _("unknown") if before is None else names.get(before, before)
        yield f"{before} → {names.get(data['to'], data['to'])}"
    if tier := data.get("tier"):
        yield names.get(tier, tier)
    if amount := data.get("amount") or data.get("fee"):
        yield say_euro(Decimal(amount))
    if days := data.get("days"):
        yield (
            ngettext("%(count)d day more", "%(count)d days more", days) % {"count": days}
            if action == "membership.extend"
            else ngettext("%(count)d day before the end", "%(count)d days before the end", days)
            % {"count": days}
        )
    for name, words in DAYS.items():
        if day := data.get(name):
            said = _("after %(day)s") if action == "membership.announce_tier" else words
            yield said % {"day": date_format(date.fromisoformat(day), "DATE_FORMAT")}
    if numbers := data.get("invoices"):
        said = ngettext("invoice %(numbers)s", "invoices %(numbers)s", len(numbers))
        yield said % {"numbers": ", ".join(numbers)}
    if because := data.get("because"):
        yield str(Membership.Reason(because).label)
    if data.get("link"):
        yield _("by the link in an e-mail")
    if why := data.get("why"):
        yield why
