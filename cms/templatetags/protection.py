"""What a form of visitors carries: `{% load protection %}`, then `{% form_protection %}` inside <form>."""

from django import template
from django.middleware.csrf import get_token
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cms.protection import TRAP

register = template.Library()


@register.simple_tag(takes_context=True)
def form_protection(context: Context) -> SafeString:
    """Django's token for a person who is logged in, and the trap for programs."""
    request = context.get("request")
    token = SafeString("")
    user = getattr(request, "user", None)
    if request is not None and user is not None and user.is_authenticated:
        token = format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(request))
    return token + format_html(
        '<div class="visually-hidden" aria-hidden="true"><label>{} '
        '<input type="text" name="{}" value="" tabindex="-1" autocomplete="off"></label></div>',
        _("Leave this empty"),
        TRAP,
    )
