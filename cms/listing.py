"""What every filtered list shares: known GET parameters, chips, a count and pages that keep the query.

A view or a page type makes one `ListFilters` from `request.GET`, narrows its own queryset with it and
asks it for the page to show; `components/filters.html`, `chips.html` and `pagination.html` print it:

    period = FilterField("period", _("Period"), PERIODS, is_single=True)
    filters = ListFilters(request.GET, kinds=[Term.Kind.DOMAIN], extra=[period], text="q")
    events = filters.filter_terms(events, "activity__terms")
    if "past" in filters.selected("period"): ...
    listing = filters.paginate(events)

Unknown parameters and values are ignored, a page number out of range becomes the nearest one, so that
no address whatever gives an error. All terms cost one query; without `kinds` there is none.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.paginator import Page as PaginatorPage
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet, Window
from django.http import QueryDict
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cms.models import Term
from cms.stamp import per_stamp

TEXT_LENGTH = 200
"""A longer text to search for is cut, not refused."""

QuerySetT = TypeVar("QuerySetT", bound=QuerySet[Any])
Label = str | Promise


@dataclass(frozen=True)
class FilterField:
    """A filter beside the taxonomies. `choices` are (value, label); with `is_single` one can be chosen."""

    name: str
    label: Label
    choices: Sequence[tuple[str, Label]]
    is_single: bool = False


@dataclass(frozen=True)
class Option:
    """One box to tick. `term` is set when it stands for a term."""

    value: str
    label: Label
    is_selected: bool
    term: Term | None = None


@dataclass(frozen=True)
class FilterGroup:
    """A filter with its options, as the form prints it."""

    name: str
    label: Label
    options: tuple[Option, ...]
    is_single: bool

    @property
    def selected_count(self) -> int:
        """How many options are on."""
        return sum(option.is_selected for option in self.options)

    @property
    def is_unused_taxonomy(self) -> bool:
        """Whether it offers terms and none is on."""
        return not self.selected_count and any(option.term for option in self.options)


@dataclass(frozen=True)
class Chip:
    """An active filter; its address is the list without it."""

    group: Label
    label: Label
    url: str


@dataclass(frozen=True)
class PageLink:
    """A page of the list, or a gap (number 0)."""

    number: int
    url: str
    is_current: bool


class Listing:
    """One page of a list, with the addresses of the others. Iterate it for the rows."""

    def __init__(
        self, page: "PaginatorPage[Any]", filters: "ListFilters", whole: "QuerySet[Any] | None" = None
    ) -> None:
        self._page = page
        self._filters = filters
        self._whole = whole

    def __iter__(self) -> Iterator[Any]:
        return iter(self._page.object_list)

    def __len__(self) -> int:
        return len(self._page.object_list)

    def show(self, change: Callable[[Sequence[Any]], Sequence[Any]]) -> "Listing":
        """Put what is shown in the place of this page's rows, such as each row beside its page."""
        self._page.object_list = change(list(self._page.object_list))
        return self

    @property
    def count(self) -> int:
        """How many rows all pages hold together."""
        return self._page.paginator.count

    @cached_property
    def is_bare(self) -> bool:
        """Whether there is nothing whatever is chosen: then filters have no use. A query when they were."""
        if self.count:
            return False
        return not self._filters.is_active or (self._whole is not None and not self._whole.exists())

    @property
    def count_sentence(self) -> str:
        """How many there are, in words."""
        if not self.count:
            return _("Nothing found")
        return ngettext("%(count)s result", "%(count)s results", self.count) % {"count": self.count}

    @property
    def number(self) -> int:
        """The number of this page, from 1."""
        return self._page.number

    @property
    def page_count(self) -> int:
        """How many pages there are, at least 1."""
        return self._page.paginator.num_pages

    @property
    def pages(self) -> list[PageLink]:
        """The pages to offer, with gaps where there are many; empty when one page holds all."""
        if self.page_count == 1:
            return []
        return [
            PageLink(number, self._filters.url(page=number), number == self.number)
            if isinstance(number, int)
            else PageLink(0, "", False)
            for number in self._page.paginator.get_elided_page_range(self.number, on_each_side=1, on_ends=1)
        ]

    @property
    def previous_url(self) -> str:
        """The address of the page before this one, or nothing."""
        return self._filters.url(page=self.number - 1) if self._page.has_previous() else ""

    @property
    def next_url(self) -> str:
        """The address of the page after this one, or nothing."""
        return self._filters.url(page=self.number + 1) if self._page.has_next() else ""


@per_stamp
def all_terms() -> tuple[Term, ...]:
    """Return every term, in the order in which filters show them."""
    return tuple(Term.objects.all())


class ListFilters:
    """The known part of a list's query. `text` names a parameter with words to search for."""

    def __init__(
        self,
        data: QueryDict,
        *,
        kinds: Iterable[str] = (),
        extra: Sequence[FilterField] = (),
        text: str = "",
    ) -> None:
        self._data = data
        self._kinds = tuple(str(kind) for kind in kinds)
        self._extra = tuple(extra)
        self.text_name = text

    @cached_property
    def _terms(self) -> list[Term]:
        return [term for term in all_terms() if term.kind in self._kinds] if self._kinds else []

    @cached_property
    def groups(self) -> list[FilterGroup]:
        """Every filter with its options: the list's own first, then the taxonomies as they were named."""
        groups = []
        for field in self._extra:
            known = {value for value, _label in field.choices}
            chosen = [value for value in self._data.getlist(field.name) if value in known]
            chosen = chosen[-1:] if field.is_single else chosen
            options = tuple(Option(value, label, value in chosen) for value, label in field.choices)
            groups.append(FilterGroup(field.name, field.label, options, field.is_single))
        for kind in self._kinds:
            slugs = set(self._data.getlist(kind))
            options = tuple(
                Option(term.slug, term.name, term.slug in slugs, term)
                for term in self._terms
                if term.kind == kind
            )
            groups.append(FilterGroup(kind, Term.Kind(kind).label, options, False))
        return groups

    @property
    def own_groups(self) -> list[FilterGroup]:
        """The list's own filters."""
        return self.groups[: len(self._extra)]

    @cached_property
    def text(self) -> str:
        """The words to search for, without control characters and cut at `TEXT_LENGTH`."""
        words = self._data.get(self.text_name, "") if self.text_name else ""
        printable = "".join(sign if sign.isprintable() else " " for sign in words[: TEXT_LENGTH * 2])
        return " ".join(printable.split())[:TEXT_LENGTH]

    def selected(self, name: str) -> list[str]:
        """The values that are on in one filter, in the order of its options."""
        return [
            option.value
            for group in self.groups
            if group.name == name
            for option in group.options
            if option.is_selected
        ]

    def terms(self, kind: str = "") -> list[Term]:
        """The terms that are on, of one kind or of all."""
        return [
            option.term
            for group in self.groups
            for option in group.options
            if option.term is not None and option.is_selected and kind in ("", group.name)
        ]

    def filter_terms(self, queryset: QuerySetT, path: str = "terms") -> QuerySetT:
        """Narrow to rows that carry one of the chosen terms of each kind; no row comes twice."""
        for kind in self._kinds:
            terms = self.terms(kind)
            if terms:
                carriers = queryset.model._base_manager.filter(**{f"{path}__in": terms})
                queryset = queryset.filter(pk__in=carriers.values("pk"))
        return queryset

    @property
    def page_number(self) -> int:
        """The page asked for; 1 when it is no positive number. Above the last one `paginate` clamps."""
        asked = self._data.get("page", "1")
        return max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 1

    def paginate(
        self,
        rows: "QuerySet[Any] | Sequence[Any]",
        page_size: int = 20,
        *,
        whole: "QuerySet[Any] | None" = None,
    ) -> Listing:
        """Return the asked page of the rows: one query for a queryset, with its count; three past the end.

        `whole` are the rows before any filter: when none is left, the list asks whether there are any.
        """
        if isinstance(rows, QuerySet) and not rows.query.group_by:
            start = (self.page_number - 1) * page_size
            counted = rows.annotate(listing_total=Window(Count("*")))
            found = list(counted[start : start + page_size])
            if found or start == 0:
                paginator = Paginator(rows, page_size)
                paginator.count = found[0].listing_total if found else 0
                return Listing(PaginatorPage(found, self.page_number, paginator), self, whole)
        return Listing(Paginator(rows, page_size).get_page(self.page_number), self, whole)

    def url(
        self,
        *,
        page: int = 1,
        without: tuple[str, str] | None = None,
        also: tuple[str, str] | None = None,
    ) -> str:
        """The list's own address, relative: of a page of it, without one of its filters or with one more."""
        query = QueryDict(mutable=True)
        if self.text and without != (self.text_name, self.text):
            query[self.text_name] = self.text
        for group in self.groups:
            values = [value for value in self.selected(group.name) if (group.name, value) != without]
            if also and also[0] == group.name:
                values.append(also[1])
            if values:
                query.setlist(group.name, values)
        if page > 1:
            query["page"] = str(page)
        return f"?{query.urlencode()}" if query else "."

    @property
    def is_active(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.text) or any(group.selected_count for group in self.groups)

    @property
    def option_count(self) -> int:
        """How many options are on in all filters."""
        return sum(group.selected_count for group in self.groups)

    @property
    def selected_count(self) -> int:
        """How much narrows the list, the words to search for too: as many as there are chips."""
        return self.option_count + bool(self.text)

    @property
    def chips(self) -> list[Chip]:
        """What is on, each with the address of the list without it."""
        chips = []
        if self.text:
            chips.append(
                Chip(_("search term"), f"“{self.text}”", self.url(without=(self.text_name, self.text)))
            )
        for group in self.groups:
            chips += [
                Chip(group.label, option.label, self.url(without=(group.name, option.value)))
                for option in group.options
                if option.is_selected
            ]
        return chips
