"""Where the pages of one's own account stand: `{% load own_account %}`. Most of their views are allauth's."""

from typing import Any

from django import template
from django.template import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from cms.navigation import home_crumb

register = template.Library()


@register.simple_tag(takes_context=True)
def way_below_account(context: Context, *above: Any) -> list[tuple[Any, str]]:
    """The `crumbs` of a page below one's own account, itself last, by its block `heading`.

    `above` is the label and the address of a page between the two, if there is one.
    """
    heading = context.render_context[BLOCK_CONTEXT_KEY].get_block("heading").render(context)
    here = mark_safe(heading.strip())  # noqa: S308  # a part of this template
    between = [(above[0], above[1])] if above else []
    return [home_crumb(), (_("My account"), reverse("account")), *between, (here, "")]
