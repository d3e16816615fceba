"""What billing adds to the site's templates."""

from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from billing.models import Issuer
from cms.stamp import per_stamp


def show_issuer(context: Context) -> SafeString:
    """Name, address and enterprise number of the association, in the footer."""
    return _issuer(get_language() or "", "foot.html")


def show_sender(context: Context) -> SafeString:
    """Name and address of the association, at the end of a mail."""
    return _issuer(get_language() or "", "mail_foot.html")


def say_sender(context: Context) -> SafeString:
    """The same as plain text."""
    return _issuer(get_language() or "", "mail_foot.txt")


@per_stamp
def _issuer(language: str, template: str) -> SafeString:
    issuer = Issuer.objects.first() or Issuer()
    return render_to_string(f"billing/{template}", {"issuer": issuer})
