"""The pages of the demo's mailbox, and its bank file."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cms.listing import ListFilters
from cms.navigation import home_crumb
from demo.models import StoredFile, StoredMail
from demo.operations.bank_file import sample_bank_file

# The mail shows its own style and nothing else: no script, no picture from elsewhere, no form.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'self'"
)


@never_cache
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """List the mails, the newest first; `q` searches recipients and subjects."""
    filters = ListFilters(request.GET, text="q")
    whole = mails = StoredMail.objects.defer("text", "html")
    if filters.text:
        mails = mails.filter(recipients__icontains=filters.text) | mails.filter(
            subject__icontains=filters.text
        )
    listing = filters.paginate(mails, page_size=25, whole=whole)
    words = {"filters": filters, "listing": listing, "text_label": _("Recipient or subject")}
    words["crumbs"] = [home_crumb(), (_("Demo mailbox"), "")]
    return render(request, "demo/mail/list.html", words)


@never_cache
@require_safe
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one mail: its HTML in a frame of its own, its text, its files."""
    stored = get_object_or_404(StoredMail, pk=pk)
    crumbs = [home_crumb(), (_("Demo mailbox"), reverse("demo_mailbox")), (stored.subject, "")]
    words = {"mail": stored, "files": stored.files.defer("content"), "crumbs": crumbs}
    return render(request, "demo/mail/mail.html", words)


@never_cache
@require_safe
def mail_html(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the HTML of a mail as a document without scripts, whose links open in the whole window."""
    stored = get_object_or_404(StoredMail, pk=pk)
    response = HttpResponse(stored.html.replace("<head>", '<head><base target="_top">', 1))
    response["Content-Security-Policy"] = MAIL_POLICY
    return response


@never_cache
@require_safe
def mail_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a file that came with a mail, always as a download."""
    file = get_object_or_404(StoredFile, pk=pk)
    response = HttpResponse(bytes(file.content), content_type=file.media_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=file.name)
    response["Content-Security-Policy"] = "default-src 'none'"
    return response


@never_cache
@require_safe
@permission_required("billing.add_bankfile", raise_exception=True)
def bank_file(request: HttpRequest) -> HttpResponse:
    """Send a bank file that fits the open invoices, always as a download."""
    response = HttpResponse(sample_bank_file(at=timezone.now()), content_type="application/xml")
    name = f"demo-camt053-{timezone.localdate():%Y-%m-%d}.xml"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Security-Policy"] = "default-src 'none'"
    return response
