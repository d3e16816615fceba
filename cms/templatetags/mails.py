"""What only mails need: `{% load mails %}`."""

import re

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import linebreaks, urlize
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def with_buttons(text: str) -> SafeString:
    """Return a mail's text as HTML. A paragraph "Words: address", to our own site, becomes a button."""
    parts = []
    for paragraph in re.split(r"\n{2,}", text.strip()):
        goes_on = re.fullmatch(rf"([^:\n]+): ({re.escape(settings.SITE_URL)}/\S*)", paragraph.strip())
        if goes_on:
            label, url = goes_on.groups()
            button = render_to_string("emails/button.html", {"label": label, "url": url})
            parts.append(f'<div class="on-screen">{button}</div>')
        else:
            parts.append(linebreaks(urlize(paragraph, nofollow=True, autoescape=True)))
    return mark_safe("\n".join(parts))  # noqa: S308  (each part is escaped)
