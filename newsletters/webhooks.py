"""What Mailchimp tells us: who left in a newsletter. Verify, enqueue, answer 200: no business here."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from newsletters.tasks import apply_unsubscribe


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def mailchimp(request: HttpRequest, secret: str) -> HttpResponse:
    """Take a webhook of our audience. Mailchimp signs nothing: the secret in the address is the proof.

    GET is how Mailchimp checks that the address exists. Events other than leaving are not ours to act
    on; they get 200, so that Mailchimp does not try again.
    """
    expected = settings.MAILCHIMP_WEBHOOK_SECRET
    if not expected or not constant_time_compare(secret, expected):
        return HttpResponseForbidden()
    leaves = request.POST.get("type") in ("unsubscribe", "cleaned")
    is_ours = request.POST.get("data[list_id]") == settings.MAILCHIMP_AUDIENCE_ID
    email = request.POST.get("data[email]", "")
    if request.method == "POST" and leaves and is_ours and email:
        apply_unsubscribe.enqueue(email)
    return HttpResponse(status=200)
