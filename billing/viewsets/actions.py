"""What the treasurer does with one invoice. Each action says first what will happen, and asks to confirm."""

from typing import Any
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from billing.forms import CreditForm, PaymentForm, SendForm
from billing.models import Invoice, StripeEvent
from billing.operations.delivery import send_invoice
from billing.operations.invoices import NothingToCredit, ReferenceReused, credit_invoice, record_payment
from billing.operations.stripe_events import apply_event
from billing.queries import credited_amount, open_amount
from cms.amounts import say_euro


class DeskView(WagtailAdminTemplateMixin, FormView):
    """A form about one thing, with what will happen above it."""

    template_name = "billing/admin/action.html"
    permission: str
    label: Promise
    icon: str
    is_final = False
    list_url_name = "billing_invoices:index"
    model: type[Any] = Invoice

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find the thing; refuse who may not, and what cannot be done with it."""
        self.object = get_object_or_404(self.model, pk=kwargs["pk"])
        if not self.may(request.user, self.object):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @classmethod
    def may(cls, user: Any, thing: Any) -> bool:
        """Say whether a person may do this with this thing now."""
        return bool(user.has_perm(cls.permission))

    @property
    def page_title(self) -> str:
        """Say what this does."""
        return str(self.label)

    @property
    def header_icon(self) -> str:
        """Show the action's sign."""
        return self.icon

    def get_page_subtitle(self) -> str:
        """Name the thing."""
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the thing and to its list."""
        return [
            *self.breadcrumbs_items,
            {"url": reverse(self.list_url_name), "label": capfirst(self.model._meta.verbose_name_plural)},
            {"url": self.get_success_url(), "label": str(self.object)},
            {"url": "", "label": self.page_title, "sublabel": self.get_page_subtitle()},
        ]

    def get_success_url(self) -> str:
        """Lead back to the invoice."""
        return reverse("billing_invoices:inspect", args=[self.object.pk])

    def what_happens(self) -> list[str]:
        """Return the sentences that a person reads before confirming."""
        raise NotImplementedError

    def act(self, form: Any, by: Any) -> str:
        """Do it, and return what to say."""
        raise NotImplementedError

    def form_valid(self, form: Form) -> HttpResponse:
        """Do it and go back."""
        messages.success(self.request, self.act(form, self.request.user))
        return redirect(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the sentences and the way back."""
        return super().get_context_data(
            what_happens=self.what_happens(),
            back_url=self.get_success_url(),
            action_label=self.label,
            is_final=self.is_final,
            **kwargs,
        )


class RecordPaymentView(DeskView):
    """Record a bank transfer or cash."""

    permission = "billing.add_payment"
    label = gettext_lazy("Record a payment")
    icon = "success"
    form_class = PaymentForm

    @classmethod
    def may(cls, user: AbstractBaseUser, thing: Invoice) -> bool:
        """Credit notes are not paid."""
        return thing.kind != Invoice.Kind.CREDIT_NOTE and super().may(user, thing)

    def get_initial(self) -> dict[str, Any]:
        """Propose the open amount, today."""
        left = open_amount(self.object)
        return {
            "amount": left if left > 0 else None,
            "received_on": timezone.localdate(),
            "key": uuid4(),
        }

    def what_happens(self) -> list[str]:
        """Say what is open."""
        left = open_amount(self.object)
        if left <= 0:
            return [_("Nothing is open any more: all of this payment would be too much.")]
        return [
            _("%(amount)s is still to be paid, with communication %(communication)s.")
            % {"amount": say_euro(left), "communication": self.object.communication},
            _("When all is paid, what hangs on this invoice starts at once."),
            _("A payment cannot be removed afterwards."),
        ]

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


class CreditView(DeskView):
    """Credit in full."""

    permission = "billing.change_invoice"
    label = gettext_lazy("Credit in full")
    icon = "undo"
    form_class = CreditForm
    is_final = True

    @classmethod
    def may(cls, user: AbstractBaseUser, thing: Invoice) -> bool:
        """An invoice is credited once."""
        is_open = thing.kind != Invoice.Kind.CREDIT_NOTE and thing.status != Invoice.Status.CREDITED
        return is_open and super().may(user, thing) and not credited_amount(thing)

    def what_happens(self) -> list[str]:
        """Say what is made and mailed."""
        words = {"amount": say_euro(self.object.gross), "email": self.object.email}
        return [
            _("A credit note of %(amount)s with the same lines is made and mailed to %(email)s.") % words,
            _("The invoice is closed. This cannot be undone."),
        ]

    def act(self, form: Any, by: Any) -> str:
        """Credit it."""
        try:
            note = credit_invoice(
                invoice=self.object, reason=form.cleaned_data["reason"], at=timezone.now(), by=by
            )
        except NothingToCredit:
            return _("This invoice was credited already.")
        return _("Credit note %(number)s is made and mailed.") % {"number": note.number}


class SendAgainView(DeskView):
    """Mail it once more."""

    permission = "billing.change_invoice"
    label = gettext_lazy("Send again")
    icon = "mail"
    form_class = SendForm

    def what_happens(self) -> list[str]:
        """Say where it goes."""
        return [_("It is mailed with its PDF to %(email)s.") % {"email": self.object.email}]

    def act(self, form: Any, by: Any) -> str:
        """Mail it."""
        send_invoice(invoice=self.object, at=timezone.now(), by=by)
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


ACTIONS: dict[str, type[DeskView]] = {"pay": RecordPaymentView, "credit": CreditView, "send": SendAgainView}
"""By the name in the address."""
