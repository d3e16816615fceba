"""What the treasurer does with one invoice. Each action says first what will happen, and asks to confirm."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages

from billing.forms import PaymentForm, SendAgainForm, SendForm
from billing.models import Invoice, Payment, StripeEvent
from billing.money import cents, split_payment
from billing.operations.delivery import MailedMeanwhile, mail_seal, send_again
from billing.operations.invoices import ReferenceReused, record_payment
from billing.operations.stripe_events import apply_event
from billing.queries import ZERO, followed, is_on_peppol, open_amount
from billing.viewsets.confirming import AsksAgain
from billing.viewsets.credits import CreditView
from billing.viewsets.desk import DeskView, page_of
from billing.viewsets.dunning import HoldView, ReleaseView, RemindView
from billing.viewsets.refunds import RefundView
from billing.viewsets.undoing import UndoPaymentView
from cms.amounts import say_euro


def too_much(invoice: Invoice, amount: Decimal) -> Decimal:
    """Return how much of an amount, in EUR, exceeds what is open."""
    return split_payment(amount, open_amount(invoice))[1]


class RecordPaymentView(AsksAgain):
    """Record a bank transfer or cash, after a second look where it is more than what is open."""

    permission = "billing.add_payment"
    label = gettext_lazy("Record a payment")
    icon = "success"
    form_class = PaymentForm

    @classmethod
    def may(cls, user: AbstractBaseUser, thing: Invoice) -> bool:
        """Credit notes are not paid, and what a pro forma was followed by is paid itself."""
        is_paid = thing.kind != Invoice.Kind.CREDIT_NOTE and thing.status != Invoice.Status.INVOICED
        return is_paid and super().may(user, thing)

    def get_success_url(self) -> str:
        """Lead to where the payment stands: the invoice that it brought, if any."""
        return page_of(followed(self.object))

    def get_initial(self) -> dict[str, Any]:
        """Propose the open amount, today."""
        left = open_amount(self.object)
        return {
            "amount": left if left > 0 else None,
            "received_on": timezone.localdate(),
            "key": uuid4(),
        }

    def what_happens(self) -> list[str]:
        """Say what is open, and how much of what was typed is too much."""
        left = open_amount(self.object)
        if self.agreed is not None:
            amount = self.agreed["amount"]
            words = {
                "amount": say_euro(amount),
                "left": say_euro(max(left, ZERO)),
                "surplus": say_euro(too_much(self.object, amount)),
            }
            return [
                _("You typed %(amount)s, and %(left)s is to be paid.") % words,
                _("%(surplus)s would be too much, and is kept as a surplus of the payer’s.") % words,
                _("Check it, and confirm once more."),
            ]
        if left <= 0:
            return [_("Nothing is open any more: all of this payment would be too much.")]
        return [
            _("%(amount)s is still to be paid, with communication %(communication)s.")
            % {"amount": say_euro(left), "communication": self.object.communication},
            *([_("The invoice is made at once, of today.")] if self.object.is_pro_forma else []),
            _("When all is paid, what hangs on this invoice starts at once."),
            _("A mistake can be undone later, with a reason."),
        ]

    def seal_of(self, data: dict[str, Any]) -> str:
        """Ask again where something is too much; not of a form that was sent before, which counts once."""
        amount, surplus = data["amount"], too_much(self.object, data["amount"])
        known = Payment.objects.filter(external_reference=f"desk:{data['key']}").exists()
        return "" if known or surplus <= 0 else f"{cents(amount)}:{cents(surplus)}"

    def act(self, form: Any, by: Any) -> str:
        """Record it."""
        data = form.cleaned_data
        try:
            payment = record_payment(
                invoice=self.object,
                amount=data["amount"],
                method=data["method"],
                received_on=data["received_on"],
                external_reference=f"desk:{data['key']}",
                note=data["note"],
                by=by,
                at=timezone.now(),
            )
        except ReferenceReused:
            return _("This form was sent before: the first payment counts.")
        if payment.surplus:
            words = {"amount": say_euro(payment.amount), "surplus": say_euro(payment.surplus)}
            return _("%(amount)s is recorded, of which %(surplus)s is too much.") % words
        return _("%(amount)s is recorded.") % {"amount": say_euro(payment.amount)}


class SendAgainView(DeskView):
    """Mail it once more."""

    permission = "billing.change_invoice"
    label = gettext_lazy("Send again by mail")
    icon = "mail"
    form_class = SendAgainForm

    def get_initial(self) -> dict[str, Any]:
        """Tell which mail was the last one."""
        return {"seal": mail_seal(self.object)}

    @classmethod
    def may(cls, user: AbstractBaseUser, thing: Invoice) -> bool:
        """Not what asks for money that nobody has to pay."""
        is_over = thing.is_pro_forma and thing.status != Invoice.Status.ISSUED
        return not is_over and super().may(user, thing)

    def what_happens(self) -> list[str]:
        """Say where it goes."""
        said = [_("It is mailed with its PDF to %(email)s.") % {"email": self.object.email}]
        if is_on_peppol(self.object):
            said.append(_("Mail and PDF say that they are a copy of what went by Peppol."))
        return said

    def act(self, form: Any, by: Any) -> str:
        """Mail it."""
        try:
            send_again(invoice=self.object, seal=form.cleaned_data["seal"], at=timezone.now(), by=by)
        except MailedMeanwhile:
            return _("It has been mailed since you opened the page, so it is not mailed again.")
        return _("It is on its way to %(email)s.") % {"email": self.object.email}


class ReplayView(DeskView):
    """Apply a message of Stripe that waits."""

    permission = "billing.change_stripeevent"
    label = gettext_lazy("Apply again")
    icon = "rotate"
    form_class = SendForm
    model = StripeEvent
    list_url_name = "billing_events:index"

    def get_success_url(self) -> str:
        """Lead back to the message."""
        return reverse("billing_events:inspect", args=[self.object.pk])

    def what_happens(self) -> list[str]:
        """Say why it waits."""
        return [_("The message is applied as if it came in now. What was applied stays as it is.")]

    def form_valid(self, form: Form) -> HttpResponse:
        """Apply it; say it plainly when it fails again."""
        try:
            outcome = apply_event(event=self.object, at=timezone.now()).outcome
        except Exception as error:
            messages.error(self.request, _("It failed again: %(error)s") % {"error": error})
        else:
            messages.success(self.request, _("Applied: %(outcome)s") % {"outcome": outcome})
        return redirect(self.get_success_url())


ACTIONS: dict[str, type[DeskView]] = {
    "pay": RecordPaymentView,
    "credit": CreditView,
    "refund": RefundView,
    "undo": UndoPaymentView,
    "send": SendAgainView,
    "remind": RemindView,
    "hold": HoldView,
    "release": ReleaseView,
}
"""By the name in the address."""
