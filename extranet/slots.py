"""What the member zone adds to the kernel's templates."""

from django.template import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _


def link_to_member_zone(context: Context) -> SafeString:
    """Link to the member zone from every page, for whoever is logged in."""
    return format_html('<a href="{}">{}</a>', reverse("member_zone"), _("Member zone"))
