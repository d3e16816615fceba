"""The demo's site: its tree of pages in both languages, and its menus."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from wagtail.models import Locale, Page, Site

from cms.models import Menu, MenuItem, SitePage
from cms.operations.site import load_site
from demo.data_files import read
from demo.operations import tree
from demo.operations.pages import add_page, publish, translate
from home.models import HomePage


@dataclass
class SiteBuilder:
    """Builds in three rounds: all drafts, so that pages can link to each other; Dutch; English."""

    at: datetime
    pages: dict[str, int] = field(default_factory=dict)
    work: list[tuple[SitePage, dict[str, Any]]] = field(default_factory=list)

    def add(self, parent: Page, page_type: type[SitePage], data: dict[str, Any], **fields: Any) -> SitePage:
        """Add a draft and remember it for the next rounds."""
        page = add_page(parent, page_type, data, **fields)
        self.pages[data["key"]] = page.pk
        self.work.append((page, data))
        return page


def build_site(*, at: datetime) -> str:
    """Build the tree and its menus. Returns what was made, in words."""
    builder = SiteBuilder(at=at)
    home = _add_home(builder)
    sections = tree.add_fixed_pages(builder, home)
    tree.link_policies(sections)
    tree.add_member_zone(builder, home)
    tree.add_articles(builder, sections["news"])
    tree.add_calls(builder, sections["calls"])
    tree.add_cases(builder, sections["cases"])
    tree.add_activities(builder, sections["events"])
    for page, data in builder.work:
        publish(page, data, pages=builder.pages)
    for page, data in builder.work:
        if "en" in data:
            translate(page, data, pages=builder.pages)
    _add_menus(builder.pages)
    return f"{Page.objects.count()} pages"


def _add_home(builder: SiteBuilder) -> SitePage:
    Site.objects.all().delete()
    for welcome in Page.get_first_root_node().get_children():
        welcome.specific.delete()
    root = Page.get_first_root_node()
    root.locale = Locale.objects.get(language_code="nl")
    data = {"key": "home", **read("pages/home.toml")}
    data["en"]["slug"] = "home-en"
    home = builder.add(root, HomePage, data)
    Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)
    load_site()
    return home


def _add_menus(pages: dict[str, int]) -> None:
    data = read("menus.toml")
    for locale in Locale.objects.all():
        language = locale.language_code
        localized = {
            key: page
            for key, pk in pages.items()
            if (page := Page.objects.get(pk=pk).get_translation_or_none(locale))
        }
        header = Menu.objects.create(place=Menu.Place.HEADER, locale=locale)
        for position, row in enumerate(data["header"]):
            label, page = row[f"label_{language}"], localized[row["page"]]
            MenuItem.objects.create(menu=header, label=label, page=page, sort_order=position)
        footer = Menu.objects.create(place=Menu.Place.FOOTER, locale=locale)
        items = [(row[f"label_{language}"], key) for row in data["footer"] for key in row["items"]]
        for position, (heading, key) in enumerate(items):
            page = localized[key]
            MenuItem.objects.create(
                menu=footer, heading=heading, label=page.title, page=page, sort_order=position
            )
