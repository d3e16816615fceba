"""The demo's stand-in for Stripe: the API that the platform calls, and the page on which a newcomer pays."""

from time import time
from typing import Any
from urllib.parse import urljoin
from urllib.request import ProxyHandler, Request, build_opener

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt

from billing.models import Issuer
from billing.money import from_minor_units
from cms.amounts import say_euro
from demo.stand_in.saved_means import REFUSED_LATER
from demo.stand_in.store import FileStore
from demo.stand_in.stripe_account import StripeStandIn, WireError

SECONDS_TO_ANSWER = 20
CHOICES = {
    "card": ("card", ""),
    "bancontact": ("bancontact", ""),
    "card-refused-later": ("card", REFUSED_LATER),
    "debit": ("sepa_debit", ""),
    "debit-refused-later": ("sepa_debit", REFUSED_LATER),
}
"""What one pays with or saves, and why it is refused when it is charged later."""


def account() -> StripeStandIn:
    """Return the demo's account; its keys are those of the development settings."""
    return StripeStandIn(
        kept=FileStore(settings.DATA_DIR / "private" / "demo-stripe"),
        page_url=lambda session_id: f"{settings.SITE_URL}{reverse('demo_stripe_pay', args=[session_id])}",
        now=time,
        secret_key=settings.STRIPE_SECRET_KEY,
        webhook_secret=settings.STRIPE_WEBHOOK_SECRET,
        is_hasty=True,
    )


@csrf_exempt
def api(request: HttpRequest, path: str) -> HttpResponse:
    """Answer the platform as Stripe does."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    stripe, asked = account(), request.META.get("QUERY_STRING", "")
    status, answer = stripe.handle(
        method=request.method or "",
        path=f"/{path}?{asked}" if asked else f"/{path}",
        headers=headers,
        body=request.body,
    )
    deliver(stripe, stripe.told)
    return JsonResponse(answer, status=status)


@csrf_exempt
def pay(request: HttpRequest, key: str) -> HttpResponse:
    """Show the page to pay on, and do what a visitor, or the bank, does there."""
    stripe = account()
    try:
        session = stripe.session(key)
    except WireError as error:
        raise Http404 from error
    deliver(stripe, stripe.told)
    if request.method == "POST":
        return act(stripe, session, request.POST.get("choice", ""))
    is_setup = session["mode"] == "setup"
    with translation.override(session["locale"]):
        words = {
            "session": session,
            "line": session["_line"],
            "back_url": invoice_of(session),
            "payee": Issuer.load().full_name,
            "amount": "" if is_setup else say_euro(from_minor_units(session["amount_total"])),
            "is_setup": is_setup,
            "saves": bool(session["_saves"]),
            "takes_debit": "sepa_debit" not in session.get("_excluded", []),
            "is_refused": session["status"] == "open" and "refused" in request.GET,
            "waits_for_bank": session["status"] == "complete" and session["payment_status"] == "unpaid",
        }
        response = render(request, "demo/stripe/pay.html", words)
    add_never_cache_headers(response)
    return response


def act(stripe: StripeStandIn, session: dict[str, Any], choice: str) -> HttpResponse:
    """Pay, refuse, take back or go back; whatever cannot be done any more shows the page as it is."""
    here = redirect("demo_stripe_pay", session["id"])
    if choice == "cancel":
        return HttpResponseRedirect(session["cancel_url"])
    if choice == "card-refused" and session["status"] == "open":
        deliver(stripe, stripe.refuse(session["id"], "generic_decline"))
        return redirect(f"{here['Location']}?refused=1")
    if choice in CHOICES and session["status"] == "open":
        kind, refusal = CHOICES[choice]
        if kind in session.get("_excluded", []):
            return here
        deliver(stripe, stripe.complete(session["id"], kind=kind, refusal=refusal))
        waits = kind == "sepa_debit" and session["mode"] == "payment"
        return here if waits else HttpResponseRedirect(session["success_url"])
    if choice == "dispute" and session["payment_status"] == "paid":
        deliver(stripe, stripe.dispute(session["id"]))
        return HttpResponseRedirect(invoice_of(session))
    is_waiting = session["status"] == "complete" and session["payment_status"] == "unpaid"
    if choice in ("confirm", "refuse") and is_waiting:
        deliver(stripe, stripe.settle_debit(session["id"], is_paid=choice == "confirm"))
        return HttpResponseRedirect(session["success_url"])
    return here


def invoice_of(session: dict[str, Any]) -> str:
    """Return where the payer came from, without the remark that nothing was paid."""
    return str(session["cancel_url"]).partition("?")[0]


def deliver(stripe: StripeStandIn, events: list[dict[str, Any]]) -> None:
    """Post the signed messages to the platform, as Stripe would. The address is our own, on this machine."""
    opener = build_opener(ProxyHandler({}))
    for event in events:
        body, signature = stripe.sign(event)
        headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
        request = Request(urljoin(settings.STRIPE_API_BASE, "/webhooks/stripe/"), body, headers)  # noqa: S310  (ours)
        opener.open(request, timeout=SECONDS_TO_ANSWER).close()
