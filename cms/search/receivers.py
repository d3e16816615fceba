"""Brings the index up to date in the transaction in which pages, documents and privacy change."""

from typing import Any

from django.apps import apps
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from wagtail.models import CollectionViewRestriction, Page, PageViewRestriction, Site
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

from cms.models import SearchEntry, SitePage, Term
from cms.registries import search_sources
from cms.search import indexing
from cms.search.sources import PAGES, items_of_pages


@receiver(post_save, dispatch_uid="cms_search_saved")
def saved(sender: type, instance: Any, raw: bool, update_fields: Any, **kwargs: Any) -> None:
    """Index what was saved. A page saved in part is a draft being kept: its words are not public yet."""
    if raw:
        return
    if isinstance(instance, SitePage):
        if update_fields is None:
            indexing.store(source=PAGES, items=items_of_pages([instance]), object_ids=[instance.pk])
        return
    for source in search_sources:
        if apps.get_model(source.model) is sender:  # migrations save models that only look the same
            indexing.refresh(source, [instance.pk])


@receiver(post_delete, dispatch_uid="cms_search_deleted")
def deleted(sender: type, instance: Any, **kwargs: Any) -> None:
    """Forget what was deleted."""
    for source in search_sources:
        if apps.get_model(source.model) is sender:  # migrations save models that only look the same
            indexing.drop(source=source.name, object_id=instance.pk)


@receiver(page_published, dispatch_uid="cms_search_published")
def published(sender: type, instance: Any, **kwargs: Any) -> None:
    """Index a page with what was written beside it on publication."""
    indexing.refresh(search_sources[PAGES], [instance.pk])


@receiver(page_unpublished, dispatch_uid="cms_search_unpublished")
def unpublished(sender: type, instance: Any, **kwargs: Any) -> None:
    """Forget a page that is no longer public."""
    indexing.drop(source=PAGES, object_id=instance.pk)


@receiver([page_slug_changed, post_page_move], dispatch_uid="cms_search_moved")
def moved(sender: type, instance: Page, **kwargs: Any) -> None:
    """Index a page and all below it again: their addresses changed, and perhaps who may see them."""
    below = Page.objects.descendant_of(instance, inclusive=True)
    indexing.refresh(search_sources[PAGES], list(below.values_list("pk", flat=True)))


@receiver(post_save, sender=Term, dispatch_uid="cms_search_term")
def term_saved(sender: type, instance: Term, created: bool, raw: bool, **kwargs: Any) -> None:
    """Index again what a term stands on: it is found by the term's names too."""
    if created or raw:
        return
    for source in search_sources:
        entries = SearchEntry.objects.filter(source=source.name, terms=instance)
        indexing.refresh(source, set(entries.values_list("object_id", flat=True)))


@receiver([post_save, post_delete], sender=PageViewRestriction, dispatch_uid="cms_search_page_privacy")
@receiver([post_save, post_delete], sender=CollectionViewRestriction, dispatch_uid="cms_search_privacy")
def privacy_changed(sender: type, **kwargs: Any) -> None:
    """Write anew who may find what."""
    indexing.refresh_access()


@receiver(post_save, sender=Site, dispatch_uid="cms_search_site")
def site_saved(sender: type, **kwargs: Any) -> None:
    """Index all pages: only below a site's root do they have an address."""
    Site.clear_site_root_paths_cache()
    indexing.refresh(search_sources[PAGES])
