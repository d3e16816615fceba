"""What the log says about money, in the reader's language."""

from decimal import Decimal
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogActionRegistry, LogFormatter

from billing.models import Dispatch, Payment, Reminder, Reversal, VatCheck
from cms.amounts import say_euro


class Paid(LogFormatter):
    """How much came in, how, and what of it was too much."""

    label = gettext_lazy("Record a payment")

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the timeline."""
        data = log_entry.data
        words = {
            "amount": say_euro(Decimal(data["amount"])),
            "method": Payment.Method(data["method"]).label,
            "surplus": say_euro(Decimal(data["surplus"])),
        }
        if float(data["surplus"]):
            return _("%(amount)s received by %(method)s, of which %(surplus)s too much") % words
        return _("%(amount)s received by %(method)s") % words


class WentBack(LogFormatter):
    """How much went back, how, and how far it is; or that it was undone."""

    label = gettext_lazy("Pay back")

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the timeline."""
        data = log_entry.data
        words = {
            "kind": capfirst(Reversal.Kind(data["kind"]).label),
            "amount": say_euro(Decimal(data["amount"])),
            "method": Payment.Method(data["method"]).label,
            "status": Reversal.Status(data["status"]).label,
        }
        if data["kind"] == Reversal.Kind.MISTAKE:
            return _("%(amount)s by %(method)s undone: it was booked here in error") % words
        if data["kind"] == Reversal.Kind.RECALL:
            return _("%(amount)s by %(method)s undone: the bank took it back") % words
        return _("%(kind)s of %(amount)s by %(method)s: %(status)s") % words

    def format_comment(self, log_entry: Any) -> str:
        """Return why, or what went wrong."""
        return str(log_entry.data.get("reason", ""))


class Reopened(LogFormatter):
    """Why a paid invoice is open again."""

    label = gettext_lazy("Open an invoice again")

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the timeline."""
        if log_entry.data.get("kind") == Reversal.Kind.MISTAKE:
            return _("Open again: what paid it was booked in error")
        return _("Open again: money went back")

    def format_comment(self, log_entry: Any) -> str:
        """Return what happened."""
        return str(log_entry.data.get("reason", ""))


class Credited(LogFormatter):
    """By which note, and why."""

    label = gettext_lazy("Credit an invoice")

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the timeline; before there were parts, each note was whole."""
        data = log_entry.data
        if data.get("is_whole", True):
            return _("Credited in full by %(note)s") % data
        words = {"amount": say_euro(Decimal(data["gross"])), "note": data["note"]}
        return _("%(amount)s credited by %(note)s") % words

    def format_comment(self, log_entry: Any) -> str:
        """Return the reason that staff gave."""
        return str(log_entry.data.get("reason", ""))


class Issued(LogFormatter):
    """For how much."""

    label = gettext_lazy("Issue an invoice")

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the timeline."""
        return _("Issued for %(gross)s") % {"gross": say_euro(Decimal(log_entry.data["gross"]))}


class Mailed(LogFormatter):
    """To whom."""

    label = gettext_lazy("Mail an invoice")

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the timeline."""
        return _("Mailed to %(email)s") % log_entry.data


class ByPeppol(LogFormatter):
    """How far a document came on its way by Peppol."""

    label = gettext_lazy("Send by Peppol")

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the timeline."""
        data = log_entry.data
        words = {"address": data["address"], "state": Dispatch.State(data["state"]).label}
        return _("Peppol, %(address)s: %(state)s") % words

    def format_comment(self, log_entry: Any) -> str:
        """Return what went wrong."""
        return str(log_entry.data.get("error", ""))


class Reminded(LogFormatter):
    """Which reminder, of how much, to whom."""

    label = gettext_lazy("Remind of an invoice")

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the timeline."""
        data = log_entry.data
        words = {
            "level": capfirst(Reminder.Level(data["level"]).label),
            "left": say_euro(Decimal(data["left"])),
            "email": data["email"],
        }
        return _("%(level)s of %(left)s mailed to %(email)s") % words


class VatChecked(LogFormatter):
    """What VIES said, or what staff decided and why, of which VAT number."""

    label = gettext_lazy("Check a VAT number")

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the timeline."""
        data = log_entry.data
        words = {"number": data["number"], "outcome": VatCheck.Outcome(data["outcome"]).label}
        return _("VAT number %(number)s: %(outcome)s") % words

    def format_comment(self, log_entry: Any) -> str:
        """Return the reason that staff gave, or the consultation number."""
        return str(log_entry.data.get("reason") or log_entry.data.get("consultation", ""))


class VatDecided(VatChecked):
    """A decision of staff."""

    label = gettext_lazy("Decide about a VAT number")


class Uploaded(LogFormatter):
    """How many lines a bank file brought."""

    label = gettext_lazy("Upload a bank file")

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the timeline."""
        return _("Uploaded: %(new)s new lines, %(known)s known already") % log_entry.data


class Decided(LogFormatter):
    """What somebody decided about a bank line, and why."""

    def format_comment(self, log_entry: Any) -> str:
        """Return the reason that staff gave."""
        return str(log_entry.data.get("reason", ""))


class Assigned(Decided):
    """How much went to which invoice."""

    label = gettext_lazy("Assign a bank line")
    sentence = gettext_lazy("%(amount)s assigned to invoice %(invoice)s")

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the timeline."""
        data = log_entry.data
        return str(self.sentence) % {
            "amount": say_euro(Decimal(data["amount"])),
            "invoice": data["invoice"],
        }


class GivenBack(Assigned):
    """What it had paid in error waits again."""

    label = gettext_lazy("Give a bank line back what it paid")
    sentence = gettext_lazy("%(amount)s back from invoice %(invoice)s, where it was booked in error")


class Recalled(Assigned):
    """Which payment it took back."""

    label = gettext_lazy("Undo a payment with a bank line")
    sentence = gettext_lazy("Took back %(amount)s that had paid invoice %(invoice)s")


class SetAside(Decided):
    """Taken out of the queue."""

    label = gettext_lazy("Set a bank line aside")

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the timeline."""
        return _("Set aside")


class TakenBack(Decided):
    """Put in the queue again."""

    label = gettext_lazy("Put a bank line back in the queue")

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the timeline."""
        return _("Put back in the queue")


class Held(Decided):
    """Nobody is reminded for now."""

    label = gettext_lazy("Hold reminders")

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the timeline."""
        return _("Reminders held")


class Asked(LogFormatter):
    """How much was asked before there is an invoice."""

    label = gettext_lazy("Make a pro forma invoice")

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the timeline."""
        return _("Pro forma invoice made, %(gross)s") % {"gross": say_euro(Decimal(log_entry.data["gross"]))}


class InvoiceMade(LogFormatter):
    """Which invoice followed a pro forma."""

    label = gettext_lazy("Issue the invoice of a pro forma")

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the timeline."""
        return _("Invoice %(invoice)s made") % {"invoice": log_entry.data["invoice"]}


class InvoiceWaits(LogFormatter):
    """Why there is no invoice yet of what was paid."""

    label = gettext_lazy("Invoice waits")

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the timeline."""
        return _("The invoice could not be made when the money came in")

    def format_comment(self, log_entry: Any) -> str:
        """Return what was in the way."""
        return str(log_entry.data.get("why", ""))


class Withdrawn(Decided):
    """Nobody has to pay a pro forma any more."""

    label = gettext_lazy("Withdraw a pro forma invoice")

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the timeline."""
        return _("Withdrawn")


class AccountChanged(LogFormatter):
    """From which account to which the association went."""

    label = gettext_lazy("Change the bank account")

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of the report."""
        data = log_entry.data
        words = {"before": data["before"] or _("none"), "after": data["after"] or _("none")}
        return _("Bank account changed from %(before)s to %(after)s") % words


def register(actions: LogActionRegistry) -> None:
    """Tell Wagtail which actions billing logs."""
    actions.register_action("billing.issue")(Issued)
    actions.register_action("billing.ask")(Asked)
    actions.register_action("billing.invoice_pro_forma")(InvoiceMade)
    actions.register_action("billing.invoice_waits")(InvoiceWaits)
    actions.register_action("billing.withdraw")(Withdrawn)
    actions.register_action("billing.payment")(Paid)
    actions.register_action("billing.reversal")(WentBack)
    actions.register_action("billing.reopen")(Reopened)
    actions.register_action("billing.credit")(Credited)
    actions.register_action(
        "billing.change_customer",
        gettext_lazy("Change customer"),
        gettext_lazy("Details for invoices changed"),
    )
    actions.register_action("billing.change_account")(AccountChanged)
    actions.register_action("billing.check_vat_number")(VatChecked)
    actions.register_action("billing.decide_vat_number")(VatDecided)
    actions.register_action(
        "billing.ask_vies", gettext_lazy("Ask VIES again"), gettext_lazy("VIES asked once more")
    )
    actions.register_action("billing.bank_file")(Uploaded)
    actions.register_action("billing.bank_assign")(Assigned)
    actions.register_action("billing.bank_give_back")(GivenBack)
    actions.register_action("billing.bank_recall")(Recalled)
    actions.register_action("billing.bank_set_aside")(SetAside)
    actions.register_action("billing.bank_take_back")(TakenBack)
    actions.register_action("billing.mail")(Mailed)
    actions.register_action("billing.remind")(Reminded)
    actions.register_action("billing.hold")(Held)
    actions.register_action(
        "billing.release", gettext_lazy("Resume reminders"), gettext_lazy("Reminders resumed")
    )
    actions.register_action("billing.peppol")(ByPeppol)
    actions.register_action(
        "billing.overdue", gettext_lazy("Invoice overdue"), gettext_lazy("Past its due date")
    )
    actions.register_action(
        "billing.checkout", gettext_lazy("Online payment"), gettext_lazy("Online payment started")
    )
    actions.register_action(
        "billing.checkout_lost",
        gettext_lazy("Online payment lost"),
        gettext_lazy("Online payment not confirmed: Stripe does not know it any more"),
    )
