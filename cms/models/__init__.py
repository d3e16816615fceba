"""The kernel's models: taxonomy, base page, media, navigation."""

from cms.models.ledger import LedgerPage, PublishedRow
from cms.models.media import SiteDocument, SiteImage, SiteRendition
from cms.models.navigation import Menu, MenuItem
from cms.models.pages import SitePage, TaggedPage
from cms.models.taxonomy import Term

__all__ = [
    "LedgerPage",
    "Menu",
    "MenuItem",
    "PublishedRow",
    "SiteDocument",
    "SiteImage",
    "SitePage",
    "SiteRendition",
    "TaggedPage",
    "Term",
]
