"""What the member zone adds to the kernel's templates."""

from django.template import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from extranet.models import MemberHomePage


def link_to_member_zone(context: Context) -> SafeString:
    """Link from every page to the member zone, or to the own account of whom it is closed to."""
    request = context.get("request")
    home = MemberHomePage.open_to(request) if request else None
    address = (home.get_url(request) if home else None) or reverse("account")
    current = mark_safe(' aria-current="page"') if request and request.path == address else ""
    return format_html(
        '<a href="{}"{}>{}</a>', address, current, _("Member zone") if home else _("My account")
    )
