"""Joining: the price of a choice, the form, and where it leads."""

import logging
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from billing.gateways.stripe import connect
from billing.models import Customer
from billing.models.issuer import IssuerIncomplete
from billing.operations.delivery import private_url
from billing.queries import preview_choices
from billing.rules import DraftLine, SeriesIsFull, is_payable_online
from cms.amounts import say_euro
from cms.limits import within_limits
from cms.navigation import way_to
from cms.protection import public_form
from membership.forms import JOIN_FORMS, ChoiceForm, JoinForm
from membership.models import MembershipPage, Organisation
from membership.operations.applicants import Applicant
from membership.operations.joining import MemberAlready, PriceChanged, apply_for_membership
from membership.operations.passing_on import pass_request_on
from membership.queries import start_charge, waits_for_vat, yearly_fee

logger = logging.getLogger(__name__)
PRICE_CHANGED = "price_changed"


@public_form
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Show the price of the choice in the address with the join form, and take the form.

    Without a choice, or with one that cannot be, the choice is asked first.
    """
    at = timezone.now()
    is_chosen = "tier" in request.GET and "employees" in request.GET
    choice = ChoiceForm(request.GET if is_chosen else None, initial=request.GET.dict())
    if not choice.is_valid():
        page = MembershipPage.find()
        context = {"form": choice, "comparison_url": page.get_url(request) if page else ""}
        context |= way_to(request, page, (_("Choose your membership"), ""))
        return render(request, "membership/choose.html", context)
    chosen = choice.cleaned_data
    # Who was asked how to pay is taken at their word: that spares the way from form to invoice the question.
    is_online_on = connect() is not None and ("payment" in request.POST or _may_pay_online(chosen, at))
    form = JOIN_FORMS[chosen["kind"]](request.POST or None, is_online_on=is_online_on)
    status = 200
    if request.method == "POST" and form.is_valid():
        if not within_limits(form, request, scope="join", address=form.cleaned_data["email"], at=at):
            status = 429
        elif response := _apply(request, form, chosen, at):
            return response
        elif not form.has_error(NON_FIELD_ERRORS, PRICE_CHANGED):
            status = 503
    fee = _fee_of(chosen, at)
    page = MembershipPage.find()
    form.link_policies(page.policies if page else [])
    context = {
        "choice": choice,
        "chosen": chosen,
        "kind_label": Organisation.Kind(chosen["kind"]).label,
        "fee": fee,
        "form": form,
        "may_pay_online": "payment" in form.fields,
        **way_to(request, page, (_("Your organisation"), "")),
    }
    return render(request, "membership/join.html", context, status=status)


def _fee_of(chosen: dict[str, Any], at: datetime) -> Decimal:
    """Return the yearly fee of a choice, in EUR without VAT."""
    return yearly_fee(
        tier=chosen["tier"], employees=chosen["employees"], kind=chosen["kind"], on=timezone.localdate(at)
    )


def _shown_fee(request: HttpRequest) -> Decimal | None:
    """Return the yearly fee that the page showed, which the form sends along; None where it was not sent."""
    try:
        fee = Decimal(request.POST.get("quoted", "NaN"))
    except InvalidOperation:
        return None
    return fee if fee.is_finite() else None


def _may_pay_online(chosen: dict[str, Any], at: datetime) -> bool:
    """Say whether the fee of a choice can be paid online, with the VAT of who joins from Belgium."""
    line = DraftLine(text="-", unit_price=_fee_of(chosen, at))
    return is_payable_online(preview_choices(Customer(country="BE"), [line], at=at)[0].gross)


def _apply(request: HttpRequest, form: JoinForm, chosen: dict[str, Any], at: datetime) -> HttpResponse | None:
    """Register the application and lead to its invoice, or say that somebody looks at it first.

    Returns None, with a message on the form, where the price is another one by now, and as long as the
    association can't make invoices.
    """
    asked_beside = ("code_of_conduct", "payment")
    words = {name: value for name, value in form.cleaned_data.items() if name not in asked_beside}
    words["pays_online"] = form.pays_online
    applicant = Applicant(**chosen, **words, language=get_language() or "nl")
    try:
        person = request.user if isinstance(request.user, User) else None
        membership = apply_for_membership(applicant=applicant, at=at, by=person, quoted=_shown_fee(request))
    except MemberAlready as already:
        pass_request_on(organisation=already.organisation, applicant=applicant, at=at)
        return redirect("membership:passed_on")
    except PriceChanged as changed:
        text = _("The price is now %(amount)s a year, excluding VAT. Check it, and send the form again.")
        form.add_error(None, ValidationError(text % {"amount": say_euro(changed.fee)}, PRICE_CHANGED))
        return None
    except (IssuerIncomplete, SeriesIsFull):
        logger.exception("no invoice can be issued")
        form.add_error(
            None, _("We cannot make invoices for the moment. Please try again later or contact us.")
        )
        return None
    invoice = start_charge(membership).invoice
    if invoice is None:
        if person and waits_for_vat(membership, person, at=at):
            text = _("The European register VIES has not confirmed your VAT number yet: we look into it.")
            messages.info(request, text)
        return redirect("membership:passed_on")
    return redirect(f"{private_url(invoice=invoice, at=at)}?new=1")


def passed_on(request: HttpRequest) -> HttpResponse:
    """Say that somebody of the organisation will be in touch, and nothing about who is a member."""
    way = way_to(request, MembershipPage.find(), (_("We have received your application"), ""))
    return render(request, "membership/passed_on.html", way)
