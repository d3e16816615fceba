"""What the member zone adds to the kernel's templates."""

from django.template import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _


def link_to_member_zone(context: Context) -> SafeString:
    """Link to the member zone from every page, for whoever is logged in."""
    address, request = reverse("member_zone"), context.get("request")
    current = mark_safe(' aria-current="page"') if request and request.path == address else ""
    return format_html('<a href="{}"{}>{}</a>', address, current, _("Member zone"))
