"""The back office's search: Wagtail's in the database, on SQLite with whatever somebody types.

There a word with a double quote in it made FTS5 refuse the whole query (a 500 in every list of pages and
documents): the package puts each word between double quotes as it is.
"""

from typing import Any

from modelsearch.backends import database
from modelsearch.query import Phrase, PlainText, SearchQuery


class _Quoting:
    """A compiler of queries for FTS5 that takes any words."""

    def build_search_query_content(self, query: SearchQuery, config: Any = None) -> Any:
        """Double the quotes within the words (https://sqlite.org/fts5.html, section 3.1), and take no NUL."""
        if isinstance(query, PlainText):
            query = PlainText(_quoted(query.query_string), operator=query.operator, boost=query.boost)
        elif isinstance(query, Phrase):
            query = Phrase(_quoted(query.query_string))
        return super().build_search_query_content(query, config=config)  # type: ignore[misc]  # a mix-in: the compiler follows


def SearchBackend(params: dict[str, Any]) -> Any:
    """Return the backend of the database at hand."""
    backend = database.SearchBackend(params)
    if type(backend).__name__ == "SQLiteSearchBackend":  # its module can be imported on SQLite only
        for name in ("query_compiler_class", "autocomplete_query_compiler_class"):
            compiler = getattr(backend, name)
            setattr(backend, name, type(f"Quoting{compiler.__name__}", (_Quoting, compiler), {}))
    return backend


def _quoted(text: str) -> str:
    return text.replace("\0", "").replace('"', '""')
