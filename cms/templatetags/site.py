"""The kernel's template tags: `{% load site %}`. Each asks one query or none."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField
from django.http import HttpRequest
from django.template import Context
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import get_language, get_language_info, ngettext_lazy
from django.utils.translation import gettext as _
from wagtail.models import Page

from cms.amounts import say_euro
from cms.city import draw_city
from cms.city.signs import SIGNS, draw_kind_sign, draw_layer_sign, draw_sign
from cms.dates import DayParts, day_parts, say_day, say_period
from cms.forms import without_hidden_signs
from cms.listing import FilterGroup, ListFilters
from cms.models import Term
from cms.navigation import LanguageLink, Link, Menus, get_breadcrumbs, get_languages, get_menus
from cms.registries import slots

register = template.Library()
HYPHENATED = re.compile(
    r"<(script|style|textarea|select|svg|title|datalist|pre|iframe|button|summary)\b.*?</\1>"
    r'|<(a|span) class="(?:button|chip|state)\b.*?</\2>|<label[^>]*>\s*<input.*?</label>|<[^>]*>'
    r"|(?<![\w@.+-])(?P<word>\w[\w.+-]*-[\w.+-]*\w(?:@[\w.-]*\w)?|[\w.+]+@[\w.-]*\w)(?![\w@])",
    re.DOTALL,
)
"""Elements whose text is not to be touched, tags, and between them words with a hyphen and addresses.

What lays out its own text as a flexible box is left alone: there a word would become a box of its own.
"""
OPEN_FILTERS = 2
SHORT, LONG = 18, 24
"""Letters of a word that has room on every line, a heading's on a phone too, and of one in running text."""
LINE = 32
"""Letters of an address that a phone has no line for: it ends behind the sign, and not anywhere."""

MANY_LETTERS = 64
"""Letters of a title that is set smaller."""
WHOLE, LONGEST_FITTED = 12, 32
"""Letters of a word that fits in every heading, and of the longest that is made to fit: longer ones break."""
SUBJECT_HEADINGS = {
    Term.Kind.DOMAIN: ngettext_lazy("Domain", "Domains"),
    Term.Kind.THEME: ngettext_lazy("Theme", "Themes"),
    Term.Kind.LAYER: ngettext_lazy("Layer", "Layers"),
    Term.Kind.SDG: ngettext_lazy("Sustainable Development Goal", "Sustainable Development Goals"),
    Term.Kind.WORK_PACKAGE: ngettext_lazy("Work package", "Work packages"),
}
"""What stands above the subjects of a page: `% number` says it for one or for more."""
PARTS_OF_WORDS = re.compile(r"[\s/–—-]+")

register.filter("without_hidden_signs", without_hidden_signs, is_safe=True)
register.filter("euro", say_euro)


def _request(context: Context) -> HttpRequest | None:
    request: HttpRequest | None = context.get("request")
    return request


def _page(context: Context) -> Page | None:
    page = context.get("page")
    return page if isinstance(page, Page) else None


@register.simple_tag(takes_context=True)
def menus(context: Context) -> Menus:
    """Both menus of the active language: `{% menus as menus %}`, then menus.header and menus.footer.

    A view without a page passes the `section` page under which it stands, if there is one.
    """
    page, section = _page(context), context.get("section")
    return get_menus(_request(context), page or section, is_below=page is None and section is not None)


@register.simple_tag(takes_context=True)
def breadcrumbs(context: Context) -> list[Link]:
    """The way to the page. A view without a page passes `crumbs`, a list of (label, url), itself last."""
    crumbs: Iterable[tuple[Any, str]] | None = context.get("crumbs")
    if crumbs is not None:
        links = [Link(str(label), url) for label, url in crumbs]
        return [*links[:-1], Link(links[-1].label, "", "page")] if links else []
    page = _page(context)
    return get_breadcrumbs(_request(context), page) if page is not None else []


@register.simple_tag(takes_context=True)
def languages(context: Context) -> Iterable[LanguageLink]:
    """The page in each language: `{% languages as languages %}`."""
    request = _request(context)
    path = "" if request is None or context.get("is_error") else request.get_full_path()
    return get_languages(request, _page(context), path)


@register.simple_tag(takes_context=True)
def slot(context: Context, place: str) -> SafeString:
    """What higher apps put in a place of the kernel's templates (`cms.registries.slots`)."""
    return mark_safe("".join(entry.render(context) for entry in slots if entry.place == place))  # noqa: S308  (templates)


@register.simple_tag
def filter_groups(filters: ListFilters) -> SafeString:
    """The filters of a list's form; the first two are open, and those that narrow the list."""
    drawn = []
    for number, group in enumerate(filters.groups):
        is_open = number < OPEN_FILTERS or bool(group.selected_count)
        draw = _draw_unused_filter if group.is_unused_taxonomy else _draw_filter
        drawn.append(draw(group, is_open, get_language()))
    return mark_safe("".join(drawn))  # noqa: S308  (templates)


def _draw_filter(group: FilterGroup, is_open: bool, language: str | None) -> SafeString:
    return render_to_string("components/filter_group.html", {"group": group, "is_open": is_open})


_draw_unused_filter = lru_cache(maxsize=100)(_draw_filter)
"""Most filters of most lists are alike for everybody: too much to draw again for each page."""


@register.filter
def of_field(error: str, field: BoundField) -> str:
    """An error in the summary: after the name of its field, unless it says that or what to fill in."""
    asks, label = str(field.field.error_messages["required"]), str(field.label)
    names_it = field.widget_type == "checkbox" or label.casefold() in error.casefold()
    asks_for_it = error == asks != _("This field is required.")
    return error if names_it or asks_for_it else f"{capfirst(label)}: {error}"


@register.filter
def for_whom(terms: Iterable[Term] | None) -> list[Term]:
    """The audiences among the terms: they say whom a page is for, and not what it is about."""
    return [term for term in terms or () if term.kind == Term.Kind.AUDIENCE]


@register.filter
def by_kind(terms: Iterable[Term] | None) -> list[tuple[str, list[Term]]]:
    """What a page is about, a kind at a time with its name; whom it is for, `for_whom` says."""
    terms = list(terms or ())
    groups = [(kind, [term for term in terms if term.kind == kind]) for kind in Term.SUBJECTS]
    return [(SUBJECT_HEADINGS[kind] % len(group), group) for kind, group in groups if group]


@register.simple_tag
def term_sign(term: Term) -> SafeString:
    """The small drawing beside a term's name: a number for a goal or work package, else a sign."""
    if term.kind == Term.Kind.DOMAIN:
        return mark_safe(draw_sign(term.slug))  # noqa: S308  (our drawing)
    if term.kind == Term.Kind.LAYER and term.number is not None:
        return mark_safe(draw_layer_sign(term.number))  # noqa: S308  (our drawing)
    if term.number is not None:
        kind = " mark-goal" if term.kind == Term.Kind.SDG else ""
        return format_html('<span class="mark-number{}" aria-hidden="true">{}</span>', kind, term.number)
    return mark_safe(draw_kind_sign(term.kind))  # noqa: S308  (our drawing)


@register.simple_tag
def city_picture(layers: Iterable[int], domains: Iterable[str], seed: object, size: str = "") -> SafeString:
    """The layered city as inline SVG, its layers lit: `{% city_picture layers domains seed %}`.

    A page's seed is its `translation_key`: translations show one city. With "small": for lists.
    """
    return mark_safe(draw_city(set(layers), list(domains), str(seed), is_small=size == "small"))  # noqa: S308  (our drawing)


@register.simple_tag
def terms_picture(terms: Iterable[Term], seed: object, size: str = "") -> SafeString:
    """The layered city of a list of terms: `{% terms_picture page.get_terms page.translation_key "small" %}`.

    A large one with nothing to light says nothing, so it is left out; in a list it keeps the rows in line.
    """
    terms = list(terms)
    if not terms and size != "small":
        return SafeString("")
    layers = {term.number for term in terms if term.kind == Term.Kind.LAYER and term.number is not None}
    domains = [term.slug for term in terms if term.kind == Term.Kind.DOMAIN]
    return city_picture(layers, domains, seed, size)


@register.simple_tag
def whole_city(seed: object) -> SafeString:
    """The layered city with every layer lit and every domain beside it, for the front page."""
    return city_picture(range(5), SIGNS, seed)


@register.filter
def of_kinds(terms: Iterable[Term], kinds: str) -> list[Term]:
    """Keep the terms of some kinds, named with spaces between: `terms|of_kinds:"domain theme"`."""
    return [term for term in terms if term.kind in kinds.split()]


@register.filter
def day(value: date | None) -> str:
    """A date as people say it."""
    return say_day(value) if value else ""


@register.filter("day_parts")
def parts_of_day(value: date) -> DayParts:
    """A date for a date block: its `iso`, `number` and `month`."""
    return day_parts(value)


@register.simple_tag
def period(start: datetime, end: datetime | None = None) -> str:
    """From when to when, as people say it."""
    return say_period(start, end)


@register.filter
def in_language(code: str | None) -> str:
    """ "In het Engels", of what is in another language than the page; else nothing."""
    if not code or code == get_language():
        return ""
    return _("In %(language)s") % {"language": get_language_info(code)["name_translated"]}


@register.filter
def file_size(size: int | None) -> str:
    """The size of a file, as a standard writes it: 16,7 kB."""
    return filesizeformat(size).replace("KB", "kB") if size else ""


@register.filter
def fit(title: str) -> SafeString:
    """The class of a heading that has to fit: `<h1{{ page.title|fit }}>`.

    "long" when it has many letters, and "word-20" and the like after its longest word, which a browser
    without a dictionary of the language breaks anywhere: a style makes it small enough to stay whole.
    """
    longest = max((len(word) for word in PARTS_OF_WORDS.split(str(title))), default=0)
    classes = ["long"] if len(title) > MANY_LETTERS else []
    if longest > WHOLE:
        classes.append(f"word-{min(longest + longest % 2, LONGEST_FITTED)}")
    return format_html(' class="{}"', " ".join(classes)) if classes else SafeString("")


@register.filter
def held(content: str) -> SafeString:
    """HTML in which no line ends at the hyphen of a short word, an address or a number.

    A browser breaks "e-mailadres" and "2026-00087" behind their hyphen, and no style forbids that to a
    whole page. The letters stay what they are, so that who copies or searches them gets what stands there.
    """
    return mark_safe(HYPHENATED.sub(_hold, conditional_escape(content)))  # noqa: S308  (escaped first)


def _hold(found: "re.Match[str]") -> str:
    word = found["word"]
    if word and "@" in word and len(word) > LINE:
        return word.replace("@", "@<wbr>")
    if word is None or len(word) > LONG or "-" not in word:
        return found[0]
    return f'<span class="held{"" if len(word) <= SHORT else " held-long"}">{word}</span>'
