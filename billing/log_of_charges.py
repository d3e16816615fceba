"""What the log says about means of payment and automatic payments, in the reader's language."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogActionRegistry, LogFormatter

from billing.models import AutomaticPayment, PaymentMeans
from cms.amounts import say_euro


class AboutMeans(LogFormatter):
    """Which card or direct debit, and why, or until when."""

    label = gettext_lazy("Means of payment")
    said: Any = ""

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the timeline."""
        return str(self.said) % log_entry.data

    def format_comment(self, log_entry: Any) -> str:
        """Return why."""
        data = log_entry.data
        because = PaymentMeans.Because(data["because"]).label if data.get("because") else ""
        return ", ".join(filter(None, (str(because), data.get("reason", ""))))


class MeansSaved(AboutMeans):
    """It may be charged from now on."""

    said = gettext_lazy("Means of payment saved: %(means)s")


class MeansEnded(AboutMeans):
    """It may be charged no more."""

    said = gettext_lazy("Means of payment ended: %(means)s")


class MeansRenewed(AboutMeans):
    """The bank changed it."""

    said = gettext_lazy("Means of payment renewed: %(means)s, until %(until)s")


class PaymentPlanned(LogFormatter):
    """By what it is charged, and when."""

    label = gettext_lazy("Plan an automatic payment")

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the timeline."""
        data = log_entry.data
        words = {"day": _day(data["on"]), "means": data["means"]}
        return _("Automatic payment planned on %(day)s: %(means)s") % words


class PaymentAnnounced(LogFormatter):
    """How much, and when."""

    label = gettext_lazy("Announce an automatic payment")

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the timeline."""
        data = log_entry.data
        words = {"day": _day(data["on"]), "amount": say_euro(Decimal(data["amount"]))}
        return _("Automatic payment of %(amount)s on %(day)s announced") % words


class PaymentStopped(LogFormatter):
    """Why it is not charged."""

    label = gettext_lazy("Stop an automatic payment")

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the timeline."""
        because = AutomaticPayment.Because(log_entry.data["because"]).label
        return _("Automatic payment stopped: %(because)s") % {"because": because}

    def format_comment(self, log_entry: Any) -> str:
        """Return the reason that staff gave."""
        return str(log_entry.data.get("reason", ""))


class Charged(LogFormatter):
    """How a try to charge went."""

    label = gettext_lazy("Charge automatically")

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the timeline."""
        data = log_entry.data
        words = {"amount": say_euro(Decimal(data["amount"])) if data["amount"] else ""}
        said = {
            "tried": _("Automatic payment of %(amount)s tried"),
            "paid": _("Automatic payment of %(amount)s succeeded"),
            "refused": _("Automatic payment of %(amount)s refused"),
            "given_up": _("Automatic payment given up: to be paid by transfer"),
        }
        return said[data["outcome"]] % words

    def format_comment(self, log_entry: Any) -> str:
        """Return the reason of the bank."""
        return str(log_entry.data.get("code", ""))


def _day(text: str) -> str:
    return date_format(date.fromisoformat(text), "SHORT_DATE_FORMAT")


def register(actions: LogActionRegistry) -> None:
    """Tell Wagtail which of these actions billing logs."""
    actions.register_action(
        "billing.agree_means",
        gettext_lazy("Agree to save a means of payment"),
        gettext_lazy("Agreed that a means of payment is saved"),
    )
    actions.register_action("billing.save_means")(MeansSaved)
    actions.register_action("billing.end_means")(MeansEnded)
    actions.register_action("billing.renew_means")(MeansRenewed)
    actions.register_action("billing.plan_payment")(PaymentPlanned)
    actions.register_action("billing.announce_payment")(PaymentAnnounced)
    actions.register_action("billing.stop_payment")(PaymentStopped)
    actions.register_action("billing.charge")(Charged)
