"""The cache of whole pages for visitors without a session, and what a view may tell it.

A view or page says which query parameters it knows and when its next clock event is; everything else
follows from the stamp (cms.stamp), which any committed change of shown data raises.
"""

from datetime import datetime

from django.http import HttpRequest


def expires_at(request: HttpRequest, moment: datetime | None) -> None:
    """Let the answer to this request be kept no longer than until the moment (aware); the earliest wins."""
    if moment is None:
        return
    earlier: datetime | None = getattr(request, "page_expires_at", None)
    request.page_expires_at = moment if earlier is None else min(earlier, moment)  # type: ignore[attr-defined]  # noted for the cache


def knows_query(request: HttpRequest, *names: str) -> None:
    """Declare query parameters whose values the answer depends on. A query with others is never kept."""
    known: frozenset[str] = getattr(request, "page_known_query", frozenset())
    request.page_known_query = known.union(names)  # type: ignore[attr-defined]  # noted for the cache


def keep_out(request: HttpRequest) -> None:
    """Keep the answer to this request out of the cache."""
    request.page_keep_out = True  # type: ignore[attr-defined]  # noted for the cache


__all__ = ["expires_at", "keep_out", "knows_query"]
