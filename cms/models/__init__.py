"""The kernel's models: taxonomy, base page, media, navigation, private links, work to do, attempts."""

from cms.models.attempts import Attempt
from cms.models.ledger import LedgerPage, PublishedRow
from cms.models.links import PrivateLink
from cms.models.media import SiteDocument, SiteImage, SiteRendition
from cms.models.navigation import Menu, MenuItem
from cms.models.pages import SitePage, TaggedPage
from cms.models.search import SearchEntry, SearchWord
from cms.models.taxonomy import Term
from cms.models.work import OutgoingMail, PeriodicRun, TaskRetries

__all__ = [
    "Attempt",
    "LedgerPage",
    "Menu",
    "MenuItem",
    "OutgoingMail",
    "PeriodicRun",
    "PrivateLink",
    "PublishedRow",
    "SearchEntry",
    "SearchWord",
    "SiteDocument",
    "SiteImage",
    "SitePage",
    "SiteRendition",
    "TaggedPage",
    "TaskRetries",
    "Term",
]
