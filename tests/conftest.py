"""What every test may use: a database with the reference data, and a clock that stands still."""

import gc
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import translation
from django.utils.translation.reloader import translation_file_changed
from wagtail.models import Locale, Site

from cms.stamp import get_stamp
from home.models import HomePage
from tests.database import django_db_keepdb, django_db_modify_db_settings, django_db_setup
from tools import messages

MUCH_TO_FORGET = 500_000
"""So many things that may be garbage."""
__all__ = ["django_db_keepdb", "django_db_modify_db_settings", "django_db_setup"]


def pytest_sessionstart() -> None:
    """Compile the Dutch texts that changed: many tests read them, and some addresses are made of them.

    What Django read before is forgotten: in a fresh clone it found nothing.
    """
    messages.compile_all()
    translation_file_changed(None, Path("django.mo"))


def pytest_collection_finish() -> None:
    """Look for what nobody needs any more between some modules only: it takes a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.disable()


@pytest.fixture(scope="module", autouse=True)
def _collect_garbage() -> Iterator[None]:
    yield
    if gc.get_count()[0] > MUCH_TO_FORGET:
        gc.collect()


@pytest.fixture(autouse=True)
def _forget_what_was_kept(request: pytest.FixtureRequest) -> Iterator[None]:
    """Start each database test without counted attempts, and with nothing kept of what the last one wrote."""
    fixture = next((name for name in ("transactional_db", "db") if name in request.fixturenames), None)
    if fixture:
        request.getfixturevalue(fixture)  # so that the database is still there afterwards
    yield
    if fixture:
        cache.clear()
        get_stamp().bump()


@pytest.fixture
def site(db: None) -> Site:
    """The site as set up, with an empty home page in Dutch and in English."""
    return Site.objects.get()


@pytest.fixture
def committed_site(transactional_db: None) -> Site:
    """The same site in real transactions, for what happens after a commit."""
    return Site.objects.get()


@pytest.fixture
def home(site: Site) -> HomePage:
    """The Dutch home page."""
    page: HomePage = site.root_page.specific
    return page


@pytest.fixture
def home_en(home: HomePage) -> HomePage:
    """The English home page."""
    page: HomePage = home.get_translation(Locale.objects.get(language_code="en"))
    return page


@pytest.fixture
def kept_pages(settings: Any) -> Iterator[None]:
    """Whole pages are kept, as in production; none is from another test."""
    settings.PAGE_CACHE_BYTES = 1_000_000
    get_stamp().bump()
    yield
    get_stamp().bump()


@pytest.fixture
def memory(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What nearly every page needs is kept, as outside a test's transaction; no page is."""
    settings.PAGE_CACHE_BYTES = 1
    monkeypatch.setattr("cms.stamp.connection", SimpleNamespace(in_atomic_block=False))
    get_stamp().bump()
    yield
    get_stamp().bump()


@pytest.fixture(autouse=True)
def _own_language() -> None:
    """Start each test in the site's own language, whatever page the one before asked for."""
    translation.deactivate()
