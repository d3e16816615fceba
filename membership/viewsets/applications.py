"""What the treasurer does with an application; and what all actions on a membership share."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages

from billing.forms import SendForm
from billing.models.issuer import IssuerIncomplete
from billing.operations.invoices import VatUnconfirmed
from billing.queries import kept_amount
from billing.rules import SeriesIsFull
from billing.viewsets.desk import DeskView
from cms.amounts import say_euro
from membership.forms import DeclineForm
from membership.models import Membership
from membership.operations.changes import Engaged, NotLower, QuoteChanged
from membership.operations.ending import (
    AlreadyExtended,
    AlreadySoLong,
    NotAwaitingPayment,
    close_application,
)
from membership.operations.holding import NumberTaken, OtherKind
from membership.operations.joining import NotApplied, approve_application
from membership.operations.renewing import RenewalPaid
from membership.queries import (
    AlreadyResigned,
    CustomerMissing,
    NotHigher,
    NotRunning,
    PriceMissing,
    held_invoice,
    is_asked_first,
    is_held,
    start_charge,
)

Status = Membership.Status
CANNOT_BE_DONE = (
    *(AlreadyResigned, Engaged, NotApplied, NotAwaitingPayment, NotHigher, NotLower, NotRunning),
    *(CustomerMissing, PriceMissing, IssuerIncomplete, SeriesIsFull),
)


class MembershipAction(DeskView):
    """A form about one membership."""

    permission = "membership.change_membership"
    list_url_name = "membership_memberships:index"
    model = Membership
    object: Membership

    def get_success_url(self) -> str:
        """Lead back to the membership."""
        return reverse("membership_memberships:inspect", args=[self.object.pk])

    def form_valid(self, form: Any) -> HttpResponse:
        """Do it and go back; say it when it cannot be done any more."""
        try:
            return super().form_valid(form)
        except RenewalPaid:
            text = _("Nothing was done: the next term is paid already. Credit its invoice first.")
        except VatUnconfirmed as unconfirmed:
            text = _("Nothing was done: the VAT number %(number)s is not confirmed yet. See the customer.")
            text %= {"number": unconfirmed}
        except QuoteChanged:
            text = _("Nothing was done: the price has changed meanwhile.")
        except AlreadyExtended:
            text = _("Nothing was done: the day on which it lapses has changed meanwhile.")
        except AlreadySoLong:
            text = _("Nothing was done: that day has passed already.")
        except NumberTaken as taken:
            text = _("Nothing was done: the enterprise number is of %(holder)s, which is a member already.")
            text %= {"holder": taken.holder.name}
        except OtherKind as other:
            text = _("Nothing was done: %(name)s is known as another kind of organisation: %(kind)s.")
            text %= {"name": other.organisation.name, "kind": other.organisation.get_kind_display()}
        except CANNOT_BE_DONE:
            text = _("Nothing was done: it has changed meanwhile, or it cannot be invoiced.")
        messages.error(self.request, text)
        return redirect(self.get_success_url())


class ApproveView(MembershipAction):
    """Approve an application."""

    label = gettext_lazy("Approve the application")
    icon = "check"
    form_class = SendForm

    @classmethod
    def may(cls, user: AbstractBaseUser, thing: Membership) -> bool:
        """Only what waits for approval."""
        return thing.status == Status.APPLIED and super().may(user, thing)

    def what_happens(self) -> list[str]:
        """Say what is invoiced."""
        if held := held_invoice(self.object):
            if held.left <= 0:
                return [_("What was to be paid is paid: the membership starts now.")]
            return [
                _("The payment was taken back: %(amount)s is to be paid again. The invoice is mailed again.")
                % {"amount": say_euro(held.left)},
                _("The membership starts on the day that it is paid."),
            ]
        fee = start_charge(self.object).yearly_fee
        if not fee:
            return [_("Nothing is to be paid: the membership starts at once.")]
        amount = {"amount": say_euro(fee)}
        if is_asked_first(self.object.application):
            return [
                _("A pro forma invoice of %(amount)s, VAT excluded, is made and mailed.") % amount,
                _("The membership starts on the day that it is paid; the invoice is made then."),
            ]
        return [
            _("An invoice of %(amount)s, VAT excluded, is made and mailed.") % amount,
            _("The membership starts on the day that it is paid."),
        ]

    def act(self, form: Any, by: Any) -> str:
        """Approve it."""
        approved = approve_application(membership=self.object, at=timezone.now(), by=by)
        if approved.is_running:
            return _("The application is approved; the membership has started.")
        return _("The application is approved; what is to be paid is on its way.")


class CloseView(MembershipAction):
    """Close an application."""

    label = gettext_lazy("Close the application")
    icon = "cross"
    form_class = DeclineForm
    is_final = True

    @classmethod
    def may(cls, user: AbstractBaseUser, thing: Membership) -> bool:
        """Only what does not run yet."""
        waits = thing.status in (Status.APPLIED, Status.AWAITING_PAYMENT)
        return waits and super().may(user, thing)

    def what_happens(self) -> list[str]:
        """Say what is credited and mailed."""
        mailed = _("The applicant gets an e-mail. This cannot be undone.")
        document = start_charge(self.object).invoice
        if document is None:
            return [mailed]
        if is_held(self.object) or (kept_amount(document) > 0 and not document.is_pro_forma):
            return [_("Its invoice is credited in full; what was paid is then to be paid back."), mailed]
        if document.is_pro_forma:
            return [_("Its pro forma invoice is withdrawn."), mailed]
        return [_("Its invoice is credited in full."), mailed]

    def act(self, form: Any, by: Any) -> str:
        """Close it."""
        reason = form.cleaned_data["reason"]
        close_application(membership=self.object, at=timezone.now(), by=by, why=reason)
        return _("The application is closed.")
