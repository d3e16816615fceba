"""What the public site adds to the templates of lower apps."""

from django.apps import apps
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _


def link_to_contact(context: Context) -> SafeString:
    """Lead who is stuck to the contact form, in the active language where there is one."""
    page = apps.get_model("home", "ContactPage").objects.live().order_by("path").first()
    if page is None:
        return SafeString("")
    address = page.localized.get_url(context.get("request"))
    return format_html('<p><a class="onward" href="{}">{}</a></p>', address, _("Contact us"))
