"""The means of payment of one's organisation: what is saved and used for next, replacing and stopping it."""

from contextlib import suppress
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.forms import Form
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from accounts.models import User
from billing.gateways.stripe import StripeRefused, StripeUnavailable, connect
from billing.models import AutomaticPayment, ChargeRules, Customer, PaymentMeans
from billing.operations.checkout import OnlinePaymentOff
from billing.operations.means import MeansEnded, end_means, start_setup
from billing.operations.plans import NotStoppable, is_too_much, stop_payment
from billing.queries import active_means, open_amount, plans_of
from cms.amounts import say_euro
from cms.navigation import find_landmark, way_to
from membership.models import Organisation
from membership.queries import invoiced_organisation, next_term_of, own_plan, running_membership
from membership.queries.prices import PriceMissing
from membership.views.own.form import OwnFormView


def is_offered() -> bool:
    """Say whether something can be saved: there are keys of Stripe, and renewals are charged."""
    return connect() is not None and ChargeRules.load().is_on


def say_plan(plan: AutomaticPayment) -> str:
    """Say what is charged, of which invoice and when."""
    left = open_amount(plan.invoice)
    amount = min(left, plan.announced_amount) if plan.announced_amount else left
    words = {"amount": say_euro(amount), "number": plan.invoice.number}
    if plan.status == AutomaticPayment.Status.UNDER_WAY:
        return _("%(amount)s for invoice %(number)s: under way, waiting for the bank.") % words
    words["day"] = date_format(plan.next_on or plan.charge_on)
    if not ChargeRules.load().takes(plan.means, amount):
        return (
            _(
                "%(amount)s for invoice %(number)s: more than we can collect at once using your saved "
                "means of payment. Please pay it by bank transfer, or online."
            )
            % words
        )
    if plan.failed:
        return _("%(amount)s for invoice %(number)s on %(day)s: a new try.") % words
    return _("%(amount)s for invoice %(number)s on %(day)s.") % words


@method_decorator(never_cache, name="dispatch")
class MeansView(LoginRequiredMixin, TemplateView):
    """What is saved for an organisation, for its main and billing contacts."""

    template_name = "membership/own/means.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what is saved and what comes. Raises Http404 to whom may not see it."""
        organisation = invoiced_organisation(cast(User, self.request.user), self.kwargs["pk"])
        if organisation is None or organisation.customer is None:
            raise Http404
        customer = organisation.customer
        means, plans = active_means(customer), list(plans_of(customer))
        zone = find_landmark("member zone", self.request)
        own = (_("My organisation"), reverse("membership:own"))
        return super().get_context_data(
            organisation=organisation,
            means=means,
            facts=self.facts(means) if means else [],
            plans=[(plan, say_plan(plan)) for plan in plans],
            later="" if plans or not means else self.later(organisation, means),
            ended=PaymentMeans.objects.filter(customer=customer, status=PaymentMeans.Status.ENDED)[:5],
            is_offered=is_offered(),
            is_saving="saved" in self.request.GET and not self.is_just_saved(means),
            is_saved="saved" in self.request.GET and self.is_just_saved(means),
            **way_to(self.request, zone, own, (_("Means of payment"), "")),
            **kwargs,
        )

    @staticmethod
    def is_just_saved(means: PaymentMeans | None) -> bool:
        """Say whether Stripe's message was as fast as the browser."""
        return means is not None and (timezone.now() - means.saved_at).total_seconds() < 3600

    @staticmethod
    def facts(means: PaymentMeans) -> list[tuple[str, str]]:
        """Say what one needs to recognise it, and who agreed to it."""
        who = (
            means.agreed_by.get_full_name() if means.agreed_by else _("the holder of the link of an invoice")
        )
        facts = [
            (_("Saved on"), date_format(timezone.localtime(means.saved_at))),
            (_("Agreed to by"), who),
        ]
        if means.expiry:
            facts.append((_("Valid until"), means.expiry))
        if means.mandate_reference:
            facts.append((_("Reference of the mandate"), means.mandate_reference))
        return facts

    @staticmethod
    def later(organisation: Organisation, means: PaymentMeans) -> str:
        """Say for which renewal it is used, as long as that is not invoiced; "" without one."""
        membership = running_membership(organisation)
        if membership is None or membership.ends_on is None:
            return ""
        if membership.resigned_at or membership.is_lapse_held:
            return ""
        try:
            fee = next_term_of(membership).total_fee
        except PriceMissing:
            return ""
        words = {"day": date_format(membership.ends_on), "amount": say_euro(fee)}
        if is_too_much(means, fee, at=timezone.now()):
            text = _(
                "The next renewal: %(amount)s, excluding VAT, on %(day)s. That is more than we can collect "
                "at once using your saved means of payment: please pay it by bank transfer, or online."
            )
            return text % words
        return _("The next renewal: %(amount)s, excluding VAT, on %(day)s.") % words


class OfCustomerView(OwnFormView):
    """A form about the means of payment, for main and billing contacts."""

    limit = ("own-means", 10)
    works_in_grace = True
    customer: Customer

    def find(self, pk: int) -> Organisation | None:
        """Keep the customer."""
        organisation = invoiced_organisation(self.person, pk)
        if organisation is None or organisation.customer is None:
            return None
        self.customer = organisation.customer
        return organisation

    @property
    def back_url(self) -> str:
        """The page of the means of payment."""
        return reverse("membership:own_means", args=[self.organisation.pk])

    def way(self) -> dict[str, Any]:
        """It stands under that page."""
        zone, own = find_landmark("member zone", self.request), reverse("membership:own")
        means = (_("Means of payment"), self.back_url)
        return way_to(self.request, zone, (_("My organisation"), own), means, (str(self.heading), ""))


class SaveMeansView(OfCustomerView):
    """Save a card or direct debit, or another one, on Stripe's page."""

    heading = gettext_lazy("Save a card or direct debit")
    button = gettext_lazy("I agree, go on to the payment service Stripe")

    def is_fit(self) -> bool:
        """Only where something can be saved."""
        return is_offered()

    def why_not(self) -> str:
        """Say why."""
        return _("Nothing can be saved now: payment online is off.")

    def sentences(self) -> list[str]:
        """Say what one agrees to."""
        said = [
            _("On the next page, of the payment service Stripe, you enter a card or a bank account."),
            _(
                "With it we charge each yearly renewal automatically. We announce the amount and the day by "
                "e-mail at least seven days before."
            ),
            _("You can stop it here at any time, up to the day before. Bancontact cannot be saved."),
        ]
        if means := active_means(self.customer):
            said.append(_("The new one takes the place of this one: %(means)s.") % {"means": means.said})
        return said

    def act(self, form: Any) -> str:
        """Start the visit."""
        return start_setup(
            customer=self.customer,
            return_url=self.request.build_absolute_uri(self.back_url),
            at=timezone.now(),
            by=self.person,
        )

    def form_valid(self, form: Form) -> HttpResponse:
        """Go to Stripe; say it beside the form where it does not answer."""
        try:
            return super().form_valid(form)
        except (OnlinePaymentOff, StripeUnavailable, StripeRefused):
            form.add_error(None, _("The payment service does not answer now. Please try again later."))
        return self.form_invalid(form)


class StopMeansView(OfCustomerView):
    """Stop what is saved."""

    heading: Promise = gettext_lazy("Stop automatic payment")
    button: Promise = gettext_lazy("Stop automatic payment")

    def is_fit(self) -> bool:
        """Only what is in use."""
        self.means = active_means(self.customer)
        return self.means is not None

    def why_not(self) -> str:
        """It was stopped."""
        return _("No card or direct debit is saved.")

    def sentences(self) -> list[str]:
        """Say what follows."""
        said = [
            _("We then forget this means of payment: %(means)s.")
            % {"means": self.means.said if self.means else ""},
            _("You pay the next renewal by bank transfer or online. The membership itself goes on."),
        ]
        planned = [plan for plan in plans_of(self.customer) if plan.may_be_stopped]
        said += [_("This is not charged any more: %(what)s") % {"what": say_plan(plan)} for plan in planned]
        return said

    def act(self, form: Any) -> str:
        """Stop it."""
        if self.means:
            with suppress(MeansEnded):  # somebody was faster: it is as was asked
                end_means(
                    means=self.means, because=PaymentMeans.Because.PAYER, at=timezone.now(), by=self.person
                )
        messages.success(self.request, _("Stopped: nothing is charged automatically any more."))
        return self.back_url


class StopChargeView(OfCustomerView):
    """Stop the automatic payment of one invoice."""

    heading = gettext_lazy("Do not charge this invoice automatically")
    button = gettext_lazy("Do not charge it")
    plan: AutomaticPayment

    def find(self, pk: int) -> Organisation | None:
        """Keep the plan."""
        found = own_plan(self.person, pk)
        if found is None:
            return None
        self.plan, organisation = found
        return organisation

    def is_fit(self) -> bool:
        """Not what a bank works on."""
        return self.plan.may_be_stopped

    def why_not(self) -> str:
        """Say why."""
        return _("This payment cannot be stopped any more: it is under way, paid or stopped.")

    def sentences(self) -> list[str]:
        """Say what follows."""
        return [
            say_plan(self.plan),
            _("We do not charge this one. You then pay the invoice by bank transfer or online, in time."),
            _("What you saved stays saved for the next renewal."),
        ]

    def act(self, form: Any) -> str:
        """Stop it."""
        try:
            stop_payment(
                plan=self.plan, because=AutomaticPayment.Because.PAYER, at=timezone.now(), by=self.person
            )
        except NotStoppable:
            messages.info(self.request, self.why_not())
        else:
            messages.success(self.request, _("We do not charge this invoice. You will receive an e-mail."))
        return self.back_url
