"""How a visitor finds the way: menus, breadcrumbs and languages. Each costs at most one query a page."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.models import Page

from cms.addresses import root_paths_for
from cms.gate import gate_for
from cms.models import Menu, MenuItem
from cms.registries import landmarks
from cms.stamp import per_stamp

HOME_DEPTH = 2
"""Wagtail's root has depth 1; the home pages of the languages stand below it."""


@dataclass(frozen=True)
class Link:
    """A link of a menu or of the breadcrumbs. `current` is "page", "true" (a parent of it) or nothing."""

    label: str
    url: str
    current: str = ""


@dataclass
class LinkGroup:
    """Links of the footer under one heading."""

    heading: str
    links: list[Link] = field(default_factory=list)


@dataclass(frozen=True)
class Menus:
    """Both menus of the active language."""

    header: list[Link]
    footer: list[LinkGroup]


@dataclass(frozen=True)
class LanguageLink:
    """The page in one language. `nearest` names the page it leads to when there is no translation."""

    code: str
    name: str
    url: str
    is_current: bool
    nearest: str = ""
    is_translation: bool = True


def get_menus(request: HttpRequest | None, page: Page | None, *, is_below: bool = False) -> Menus:
    """Header's links and footer groups in the active language, of pages that the visitor may open.

    `is_below` says that what is shown is not the page itself but a view that belongs under it.
    """
    gate = gate_for(request if request is not None else AnonymousUser())
    header: list[Link] = []
    groups: dict[str, LinkGroup] = {}
    places = root_paths_for(request)
    for item, url in _menu_items(get_language() or settings.LANGUAGE_CODE, places):
        if not url or (item.page is not None and not gate.may_open_page(item.page)):
            continue
        link = Link(item.label, url, _currency(item, page, is_below=is_below))
        if item.menu.place == Menu.Place.HEADER:
            header.append(link)
        else:
            groups.setdefault(item.heading, LinkGroup(item.heading)).links.append(link)
    return Menus(header, list(groups.values()))


@per_stamp
def _menu_items(language: str, places: tuple[Any, ...]) -> list[tuple[MenuItem, str]]:
    """Every link of the menus with its address, which is empty for a page that has none."""
    items = (
        MenuItem.objects.filter(menu__locale__language_code=language)
        .select_related("page", "menu")
        .order_by("sort_order", "pk")
    )
    for item in items:
        if item.page is not None:  # else each page would look them up: no request keeps them here
            item.page._wagtail_cached_site_root_paths = places
    return [(item, (item.page.get_url() or "") if item.page else item.url) for item in items]


def _currency(item: MenuItem, page: Page | None, *, is_below: bool) -> str:
    if page is None or item.page is None or not page.path:
        return ""
    if page.pk == item.page.pk:
        return "true" if is_below else "page"
    is_above = item.page.depth > HOME_DEPTH and page.path.startswith(item.page.path)
    return "true" if is_above else ""


def get_ancestors(page: Page) -> list[Page]:
    """The live pages above a page, from the home page down."""
    return [
        each for each in _surroundings(page) if each.depth < page.depth and page.path.startswith(each.path)
    ]


def _surroundings(page: Page) -> list[Page]:
    """The live pages above a page, and the translations of all of these: one query, asked once a page."""
    known: list[Page] | None = getattr(page, "_navigation_surroundings", None)
    if known is None:
        paths = [page.path[:end] for end in range(HOME_DEPTH * page.steplen, len(page.path), page.steplen)]
        above = Page.objects.filter(path__in=paths)
        keys = Q(translation_key=page.translation_key) | Q(
            translation_key__in=above.values("translation_key")
        )
        known = list(Page.objects.filter(keys, live=True).select_related("locale").order_by("depth"))
        know_surroundings(page, known)
    return known


def know_surroundings(page: Page, found: list[Page]) -> None:
    """Leave with a page the live pages above it and all translations, with locales, from the top down."""
    page._navigation_surroundings = found


def get_breadcrumbs(request: HttpRequest | None, page: Page) -> list[Link]:
    """The way from the home page to a page, itself included; nothing for a home page."""
    if page.depth is None or page.depth <= HOME_DEPTH:
        return []
    above = [
        Link(_("Home") if each.depth == HOME_DEPTH else each.title, each.get_url(request) or "/")
        for each in get_ancestors(page)
    ]
    return [*above, Link(page.title, "", "page")]


def get_languages(request: HttpRequest | None, page: Page | None, path: str = "") -> Sequence[LanguageLink]:
    """One link a language: the same page, or the nearest ancestor that is translated, or the home page.

    Without a page, `path` is translated by its prefix. What it asks of a list (filters, not the page of it)
    is asked of the same page in the other language too.
    """
    current = get_language()
    asked = urlencode([each for each in parse_qsl(urlsplit(path).query) if each[0] != "page"])
    others = _translations(page, request) if page is not None and page.path else {}
    links = []
    for code, name in settings.LANGUAGES:
        if code == current:
            url = (page.get_url(request) if page is not None and page.path else path) or f"/{code}/"
            links.append(LanguageLink(code, name, url, True))
        elif page is None:
            links.append(LanguageLink(code, name, translate_url(path, code) if path else f"/{code}/", False))
        elif code in others:
            other = others[code]
            is_same = other.translation_key == page.translation_key
            home = _("home page")
            nearest = "" if is_same else home if other.depth == HOME_DEPTH else other.title
            url = other.get_url(request) or f"/{code}/"
            if is_same and asked:
                url = f"{url}?{asked}"
            links.append(LanguageLink(code, name, url, False, nearest, is_same))
        else:
            links.append(LanguageLink(code, name, f"/{code}/", False, is_translation=False))
    return links


def _translations(page: Page, request: HttpRequest | None) -> dict[str, Page]:
    """The page itself, else its nearest ancestor that the visitor may open, by language."""
    gate = gate_for(request or AnonymousUser())
    keys = [page.translation_key, *(above.translation_key for above in reversed(get_ancestors(page)))]
    others = [each for each in _surroundings(page) if each.translation_key in keys]
    found: dict[str, Page] = {}
    for other in sorted(others, key=lambda each: keys.index(each.translation_key)):
        if gate.may_open_page(other):
            found.setdefault(other.locale.language_code, other)
    return found


def get_privacy_url(request: HttpRequest | None) -> str:
    """The address of the privacy page, by custom the one with the slug "privacy", in the active language."""
    page = Page.objects.filter(slug="privacy", live=True, locale__language_code=get_language()).first()
    return (page.get_url(request) or "") if page is not None else ""


def subjects_of(page: Any, request: HttpRequest) -> dict[str, Any]:
    """A page's terms for its template, and the address of its list, which filters by them."""
    above = get_ancestors(page)
    return {"terms": page.get_terms(), "index_url": above[-1].get_url(request) if above else ""}


def way_to(request: HttpRequest, section: Page | None, *last: tuple[Any, str]) -> dict[str, Any]:
    """Where a view stands: its `crumbs`, below a page that the menu marks as its `section`."""
    above = [(section.title, section.get_url(request) or "")] if section else []
    return {"crumbs": [home_crumb(), *above, *last], "section": section}


def find_landmark(name: str, request: HttpRequest) -> Page | None:
    """Return a page of a higher app by its name (`cms.registries.Landmark`), if there is one to open."""
    return landmarks[name].find(request) if name in landmarks else None


def home_crumb() -> tuple[str, str]:
    """The first of a view's `crumbs`: the home page of the active language."""
    return _("Home"), f"/{get_language()}/"


def link_to(address: str, label: str, request: HttpRequest | None, *, is_above: bool = False) -> SafeString:
    """Return a link that says whether the page asked for is what it leads to, or stands below it.

    `is_above` says that it does, where its own address does not.
    """
    path = request.path if request is not None else ""
    current = "page" if path == address else "true" if is_above or path.startswith(address) else ""
    said = format_html(' aria-current="{}"', current) if current else ""
    return format_html('<a href="{}"{}>{}</a>', address, said, label)
