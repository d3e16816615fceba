"""What only mails need: `{% load mails %}`."""

import re

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join, linebreaks, urlize
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# A line such as "IBAN: BE68 5390 0754 7034": a name, and what is no address of a page.
FACT = r"[^:\n]{1,50}: (?!https?://)[^\n]+"
FACTS = re.compile(rf"(?:^|\n)({FACT}(?:\n{FACT})+)$")


@register.filter
def with_buttons(text: str) -> SafeString:
    """Return a mail's text as HTML.

    A paragraph "Words: address", to our own site, becomes a button, and from the second one on a link: a mail
    asks for one thing. Two lines or more "Name: value" that end a paragraph become a table of facts.
    """
    parts = []
    has_button = False
    for paragraph in re.split(r"\n{2,}", text.strip()):
        goes_on = re.fullmatch(rf"([^:\n]+): ({re.escape(settings.SITE_URL)}/\S*)", paragraph.strip())
        if goes_on:
            label, url = goes_on.groups()
            if has_button:
                link = format_html('<p><a href="{}">{}</a></p>', url, label)
            else:
                link = render_to_string("emails/button.html", {"label": label, "url": url})
            parts.append(f'<div class="on-screen">{link}</div>')
            has_button = True
        else:
            parts += _said(paragraph.strip())
    return mark_safe("\n".join(parts))  # noqa: S308  (each part is escaped)


def _said(paragraph: str) -> list[str]:
    """Return what a paragraph says, and the facts that end it."""
    facts = FACTS.search(paragraph)
    words = paragraph[: facts.start()] if facts else paragraph
    parts = [linebreaks(urlize(words, nofollow=True, autoescape=True))] if words else []
    if facts:
        pairs = (line.split(": ", 1) for line in facts[1].split("\n"))
        pairs = ((name, mark_safe(urlize(value, nofollow=True, autoescape=True))) for name, value in pairs)  # noqa: S308  (urlize escapes)
        rows = format_html_join("", '<tr><th scope="row">{}</th><td>{}</td></tr>', pairs)
        parts.append(format_html('<table class="facts">{}</table>', rows))
    return parts
