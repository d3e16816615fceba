"""What accounts add to the kernel's templates."""

from django.template import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _


def link_to_account(context: Context) -> SafeString:
    """Link to one's own account from every page."""
    address, request = reverse("account"), context.get("request")
    current = mark_safe(' aria-current="page"') if request and request.path == address else ""
    return format_html('<a href="{}"{}>{}</a>', address, current, _("My account"))
