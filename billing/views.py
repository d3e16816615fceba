"""The invoice as its customer sees it: on screen, as PDF, and on the way to paying it online."""

from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.generic import View

from accounts.models import User
from billing.documents import collecting, file_name, make_sheet, render_pdf
from billing.forms.means import SaveMeansForm
from billing.gateways.stripe import StripeRefused, StripeUnavailable, connect
from billing.models import AutomaticPayment, ChargeRules, CheckoutAttempt, Invoice
from billing.operations.checkout import (
    NothingToPay,
    OnlinePaymentOff,
    PaymentUnderWay,
    may_pay_online,
    start_checkout,
)
from billing.operations.delivery import LINK
from billing.queries import (
    active_means,
    followed,
    is_under_way,
    may_see_invoice,
    movements_of,
    renews,
    standing_of,
)
from billing.registries import customer_access
from cms.protection import public_form
from cms.views.links import PrivateLinkView


class InvoiceParts(View):
    """Page, PDF and payment of one invoice; `part` says which. Subclasses say who may."""

    part = "page"
    shows_at_pay = False
    """Whether who opens the address of paying sees the invoice there, instead of being led to its page."""

    def get_invoice(self) -> Invoice:
        """Return the invoice. Raises Http404 to whom may not see it."""
        raise NotImplementedError

    def address_of(self, part: str) -> str:
        """Return the address of a part of this invoice."""
        raise NotImplementedError

    def get_back(self, invoice: Invoice) -> dict[str, str]:
        """Return `url` and `label` of where the visitor came from; nothing for whom only has a link."""
        return {}

    def get_made(self, invoice: Invoice) -> str:
        """Return the address of the invoice that followed a pro forma; nothing for any other document."""
        return ""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the invoice, or send its PDF; a payment starts by POST only."""
        invoice = self.get_invoice()
        if self.part == "pdf":
            return HttpResponse(
                render_pdf(invoice),
                content_type="application/pdf",
                headers={"Content-Disposition": f'inline; filename="{file_name(invoice)}"'},
            )
        if self.part == "pay" and not self.shows_at_pay:
            return redirect(self.address_of("page"))
        if made := self.get_made(invoice):
            return redirect(made)
        attempt = invoice.checkout_attempts.order_by("-number").first()
        standing = standing_of(invoice)
        sheet, plan = make_sheet(invoice, standing=standing), standing.plan
        is_pending = attempt is not None and attempt.status == CheckoutAttempt.Status.PENDING
        news = news_of_visit(request, attempt)
        came_back = news == "paid"
        if invoice.pro_forma_id:  # a debit by it goes on when the invoice is made
            is_pending = is_pending or Invoice.objects.filter(is_under_way("pk"), pk=invoice.pk).exists()
        is_pending = is_pending or (plan is not None and plan.status == AutomaticPayment.Status.UNDER_WAY)
        is_waiting = is_pending or came_back
        charge = collecting(invoice, plan)
        may_pay = not is_waiting and may_pay_online(invoice, left=standing.left)
        visit, is_failed = news if may_pay else "", "failed" in request.GET
        context = {
            "invoice": invoice,
            "sheet": sheet,
            "moves": movements_of(standing),
            "owed_back": standing.owed_back,
            "facts": sheet.facts[1:],  # the number stands in the heading
            "pdf_url": self.address_of("pdf"),
            "pay_url": self.address_of("pay") if may_pay else "",
            "page_url": self.address_of("page"),
            "is_waiting": is_waiting,
            "pay_failed": is_failed,
            "visit": visit,
            "is_new": "new" in request.GET and not is_waiting,
            "pay_open": invoice.is_open,
            "form": SaveMeansForm() if may_pay and offers_saving(invoice) else "",
            "plan": plan if charge.text and not is_waiting else None,
            "charge": charge.text,
            # What is said of a visit to Stripe's page that came to nothing names a transfer as the other way.
            "asks_transfer": (sheet.asks_transfer and not is_waiting) or is_failed or bool(visit),
            "back": self.get_back(invoice),
        }
        return TemplateResponse(request, "billing/invoice.html", context)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Lead to Stripe's page; when there is nothing to pay or Stripe is down, back to the invoice."""
        if self.part != "pay":
            return self.http_method_not_allowed(request)
        invoice = self.get_invoice()
        page = self.address_of("page")
        form = SaveMeansForm(request.POST)
        is_agreed = form.is_valid() and form.cleaned_data["saves_means"]
        try:
            attempt = start_checkout(
                invoice=invoice,
                return_url=request.build_absolute_uri(page),
                at=timezone.now(),
                saves_means=is_agreed and offers_saving(invoice),
                by=request.user if isinstance(request.user, User) else None,
            )
        except (NothingToPay, OnlinePaymentOff):
            return redirect(page)
        except PaymentUnderWay:
            return redirect(f"{page}?{urlencode({'paid': 1})}")
        except (StripeUnavailable, StripeRefused):
            return redirect(f"{page}?{urlencode({'failed': 1})}")
        return redirect(attempt.url)


def news_of_visit(request: HttpRequest, attempt: CheckoutAttempt | None) -> str:
    """Say what to tell who comes back from Stripe's page: "paid", "refused", "stopped" or "expired".

    The address says from where; how the last visit stands, as far as Stripe told, says what it means.
    """
    if attempt is None:
        return ""
    status, is_failed = attempt.status, attempt.status == CheckoutAttempt.Status.FAILED
    if "paid" in request.GET:
        is_untold = status in (CheckoutAttempt.Status.STARTED, CheckoutAttempt.Status.OPEN)
        return "refused" if is_failed else "paid" if is_untold else ""
    if "stopped" in request.GET:
        return "expired" if is_failed else "stopped"
    return ""


def offers_saving(invoice: Invoice) -> bool:
    """Say whether who pays may save that: only for renewals to come, and where nothing is saved."""
    if connect() is None or not ChargeRules.load().is_on or not renews(invoice.customer):
        return False
    return active_means(invoice.customer) is None


@method_decorator(cast(Any, public_form), name="dispatch")
class InvoiceByLink(PrivateLinkView, InvoiceParts):
    """For whoever holds the private link."""

    purpose = LINK

    def get_invoice(self) -> Invoice:
        """Return the link's document; a pro forma leads to its invoice as soon as that is there."""
        return followed(cast(Invoice, self.link.target))

    def address_of(self, part: str) -> str:
        """Return the address of a part, with the same token."""
        match = self.request.resolver_match
        token = match.kwargs["token"] if match else ""
        return reverse("billing:invoice" if part == "page" else f"billing:invoice_{part}", args=[token])


class InvoiceByPerson(LoginRequiredMixin, InvoiceParts):
    """For people who are logged in and act for the customer, and for staff.

    Who is not is asked to log in, whatever the number, and comes back: to the address of paying too, where
    what was ticked before the log-in ended is given back (`accounts.kept_posts`).
    """

    shows_at_pay = True

    def get_back(self, invoice: Invoice) -> dict[str, str]:
        """Return the page of the app that vouches for the person, else where people come who log in."""
        for entry in customer_access:
            if entry.page and entry.may_see(cast(AbstractBaseUser, self.request.user), invoice.customer):
                return {"url": reverse(entry.page), "label": str(entry.back)}
        return {"url": resolve_url(settings.LOGIN_REDIRECT_URL), "label": _("Back to the member zone")}

    def get_made(self, invoice: Invoice) -> str:
        """Return its address, which is not that of the pro forma."""
        made = followed(invoice)
        return "" if made == invoice else reverse("billing:own_invoice", args=[made.pk])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer as any view, and keep the answer out of caches."""
        response = super().dispatch(request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    def get_invoice(self) -> Invoice:
        """Return the invoice, or a page as if it never was."""
        invoice = Invoice.documents.select_related("customer").filter(pk=self.kwargs["pk"]).first()
        if invoice is None or not may_see_invoice(self.request.user, invoice):
            raise Http404
        return invoice

    def address_of(self, part: str) -> str:
        """Return the address of a part."""
        name = "billing:own_invoice" if part == "page" else f"billing:own_invoice_{part}"
        return reverse(name, args=[self.kwargs["pk"]])
