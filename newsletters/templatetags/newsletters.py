"""The newsletter's form, for pages that do not know it."""

from django import template

from newsletters.forms import SubscribeForm

register = template.Library()


@register.simple_tag
def subscribe_form(posted: SubscribeForm | None = None) -> SubscribeForm:
    """Return the form as it was posted, or an empty one."""
    return posted or SubscribeForm()
