"""Where Stripe's messages come in: verify, keep, put in the queue, answer. No business."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.gateways.stripe import Forged, connect
from billing.operations.stripe_events import keep_event
from billing.tasks import apply_stripe_event


@csrf_exempt
@require_POST
def stripe(request: HttpRequest) -> HttpResponse:
    """Keep a signed message, whatever its type, and answer 200; refuse any other with 400.

    Without keys the answer is 503, and Stripe tells it again later.
    """
    account = connect()
    if account is None:
        return HttpResponse(status=503)
    try:
        event = account.read_event(body=request.body, signature=request.headers.get("Stripe-Signature", ""))
    except Forged:
        return HttpResponseBadRequest()
    with transaction.atomic():
        kept = keep_event(event=event, at=timezone.now())
        if kept:
            apply_stripe_event.enqueue(kept.pk)
    return HttpResponse()
