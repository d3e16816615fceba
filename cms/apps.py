"""The kernel: what every other app stands on."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CmsConfig(AppConfig):
    """Registers what the kernel itself has."""

    name = "cms"
    verbose_name = _("Kernel")

    def ready(self) -> None:
        """Fill the registries with the kernel's own entries."""
        from cms import receivers  # noqa: F401  (connects)
        from cms.operations.site import load_site
        from cms.operations.taxonomy import load_terms
        from cms.registries import (
            DueWork,
            ReferenceData,
            SearchKind,
            SearchSource,
            due_work,
            reference_data,
            search_kinds,
            search_sources,
        )
        from cms.search import receivers as search_receivers  # noqa: F401  (connects)
        from cms.search.indexing import refresh_access
        from cms.search.sources import DOCUMENTS, PAGES, document_items, page_items

        reference_data.register(ReferenceData("languages and site", load_site))
        reference_data.register(ReferenceData("taxonomy", load_terms))
        search_sources.register(SearchSource(PAGES, "wagtailcore.Page", page_items))
        search_sources.register(SearchSource(DOCUMENTS, "cms.SiteDocument", document_items))
        search_kinds.register(SearchKind("page", _("Pages")))
        search_kinds.register(SearchKind("document", _("Documents")))
        # A collection that is moved under a closed one tells nobody.
        due_work.register(DueWork("search access", lambda at: refresh_access()))
        from cms.page_cache.changes import register_unshown, watch_all_connections

        register_unshown()
        watch_all_connections()
