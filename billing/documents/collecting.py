"""What a document says of its automatic payment, as long as that is planned or under way."""

from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from billing.models import AutomaticPayment, Invoice


class Collecting(NamedTuple):
    """What is said of it, in the active language, and whether the payer is asked for a transfer besides."""

    text: str
    asks_transfer: bool


NOT_COLLECTED = Collecting("", asks_transfer=True)


def collecting(invoice: Invoice, plan: AutomaticPayment | None) -> Collecting:
    """Return what an open invoice says: nothing without a plan, and both once a charge was refused.

    An overdue invoice whose day to charge came to nothing asks for a transfer as any does.
    """
    if plan is None:
        return NOT_COLLECTED
    words = {"means": plan.means.used, "email": invoice.issuer["email"]}
    if plan.status == AutomaticPayment.Status.UNDER_WAY or plan.next_on is None:
        text = _("You do not have to pay this yourself. We are collecting it using %(means)s.")
        return Collecting(text % words, asks_transfer=False)
    words["day"] = date_format(plan.next_on)
    if plan.failed:
        sentences = [
            _("We could not collect this using %(means)s."),
            _(
                "We will try again on %(day)s. "
                "If you pay in another way before then, nothing will be collected."
            ),
        ]
    elif invoice.status == Invoice.Status.OVERDUE:
        return NOT_COLLECTED
    else:
        sentences = [
            _(
                "You do not have to pay this yourself. "
                "We will collect it automatically on %(day)s using %(means)s."
            ),
            _(
                "You can stop this up to the day before, or pay in another way before then: "
                "in that case nothing will be collected."
            ),
            _("To stop it, write to %(email)s."),
        ]
    return Collecting(" ".join(sentences) % words, asks_transfer=bool(plan.failed))
