"""An application behind the private link of a mail: what it waits for, paying it, and withdrawing it."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from billing.models import Invoice
from cms.navigation import way_to
from membership.emails import APPLICATION
from membership.models import Application, Charge, Membership
from membership.operations.ending import BeingPaid, NotAwaitingPayment, withdraw_application
from membership.queries import application_behind, is_held, linked_application
from membership.views.links import MailedInvoiceView, MailedLinkView
from membership.views.own.form import SureForm


class ByApplicationLink(MailedLinkView):
    """The door for who applied."""

    purpose = APPLICATION
    page = "application"
    title = gettext_lazy("Your application")
    back_label = gettext_lazy("Back to your application")
    application: Application

    def may_open(self) -> bool:
        """Only as long as the contact is known."""
        application = application_behind(self.link.object_id)
        if application is None:
            return False
        self.application = application
        return True

    @property
    def is_open(self) -> bool:
        """Whether the application waits for something, and is not paid."""
        waiting = (Membership.Status.APPLIED, Membership.Status.AWAITING_PAYMENT)
        membership = self.application.membership
        return membership.status in waiting and not is_held(membership)


class ApplicationView(ByApplicationLink):
    """What the link leads to."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show where the application stands."""
        found = linked_application(self.application, at=timezone.now())
        context = {
            "found": found,
            "application": self.application,
            "membership": self.application.membership,
            "organisation": self.application.membership.organisation,
            "invoice_url": self.url_of("application_invoice", found.invoice.pk) if found.invoice else "",
            "withdraw_url": self.url_of("application_withdraw") if self.is_open else "",
            **way_to(request, None, (self.title, "")),
        }
        return render(request, "membership/application.html", context)


class WithdrawView(ByApplicationLink, FormView):
    """Taking the application back."""

    template_name = "membership/own/change.html"
    form_class = SureForm
    heading = gettext_lazy("Withdraw the application")
    button = gettext_lazy("Withdraw the application")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask; a mail program that opens the link withdraws nothing."""
        return super().get(request, *args, **kwargs) if self.is_open else redirect(self.back_url)

    def form_valid(self, form: Any) -> HttpResponse:
        """Withdraw it; a second time changes nothing."""
        try:
            withdraw_application(membership=self.application.membership, at=timezone.now())
        except NotAwaitingPayment:
            return redirect(self.back_url)
        except BeingPaid:
            form.add_error(None, _("A payment for it is on its way. Please contact us."))
            return self.form_invalid(form)
        messages.success(
            self.request, _("Your application is withdrawn. You will receive a confirmation by e-mail.")
        )
        return redirect(self.back_url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the words, and the way back."""
        said = [
            _("If you withdraw the application, we close it. You are welcome to apply again at any time.")
        ]
        document = linked_application(self.application, at=timezone.now()).invoice
        if document and document.is_pro_forma:
            said.append(_("You will then no longer have to pay the pro forma invoice."))
        elif document:
            said.append(
                _("You will then no longer have to pay the invoice, and will receive a credit note for it.")
            )
        return super().get_context_data(
            heading=self.heading,
            button=self.button,
            sentences=said,
            organisation=self.application.membership.organisation,
            back_url=self.back_url,
            **way_to(self.request, None, (self.title, self.back_url), (self.heading, "")),
            **kwargs,
        )


class ApplicationInvoiceView(ByApplicationLink, MailedInvoiceView):
    """The first invoice."""

    def find_invoice(self, pk: int) -> Invoice | None:
        """Return the invoice of the application, also once it is paid; a pro forma leads to its invoice."""
        charge = self.application.membership.charges.filter(
            Q(invoice=pk) | Q(invoice__pro_forma=pk), purpose=Charge.Purpose.START, voided_at__isnull=True
        )
        found = charge.select_related("invoice__customer").first()
        return found.invoice if found else None
