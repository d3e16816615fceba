"""Finds entries for what a visitor typed, and orders them here: the same on every database."""

from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from datetime import date

from django.db.models import QuerySet

from cms.models import SearchEntry, SearchWord
from cms.search.analyser import STEM_MARKS, Word, analyse, exact_token, stem_token
from cms.search.vocabulary import Vocabulary, current_vocabulary

# Added to the weight of a word in an entry (see cms.search.indexing).
AS_TYPED, SAME_STEM, OTHER_LANGUAGE, BEGINS_SO = 9, 0, -2, -5
MIN_BEGINNING = 3

Forms = dict[str, int]
"""The tokens that will do for one word, with what each adds to the weight."""


@dataclass(frozen=True)
class Found:
    """An entry that answers; `position` is where its text first does."""

    entry_id: int
    kind: str
    position: int | None


@dataclass(frozen=True)
class Answer:
    """What was found, best first, and how the question was read."""

    found: list[Found] = field(default_factory=list)
    tokens: frozenset[str] = frozenset()
    corrected: str = ""
    """The words that were looked for when some of those typed stand nowhere."""
    is_partial: bool = False
    """Nothing holds all words: these hold most of them."""


@dataclass
class _Hit:
    language: str
    kind: str
    thing: str
    shown_on: date | None
    scores: dict[int, int] = field(default_factory=dict)
    position: int | None = None


def find(
    query: str, *, language: str, keys: Set[str] = frozenset(), entries: QuerySet[SearchEntry] | None = None
) -> Answer:
    """Find what answers a query, in the visitor's language first, among what the gate's keys open.

    `entries` narrows where to look. Any text will do; without words in it nothing is found.
    """
    words = analyse(query)
    if not words:
        return Answer()
    vocabulary = current_vocabulary()
    access = vocabulary.open_to(keys)
    wanted, corrected = _read(words, vocabulary, access, language)
    tokens = frozenset(token for forms in wanted for token in forms)
    rows = SearchWord.objects.filter(token__in=tokens, entry__access__in=access)
    if entries is not None:
        rows = rows.filter(entry__in=entries)
    hits: dict[int, _Hit] = {}
    for entry_id, token, weight, position, own, kind, thing, shown_on in rows.values_list(
        "entry_id",
        "token",
        "weight",
        "position",
        "entry__language",
        "entry__kind",
        "entry__thing",
        "entry__shown_on",
    ):
        hit = hits.get(entry_id) or hits.setdefault(entry_id, _Hit(own, kind, thing, shown_on))
        for number, forms in enumerate(wanted):
            if token in forms:
                hit.scores[number] = max(hit.scores.get(number, 0), weight + forms[token])
        if position is not None and (hit.position is None or position < hit.position):
            hit.position = position
    most = max((len(hit.scores) for hit in hits.values()), default=0)
    best = {entry_id: hit for entry_id, hit in hits.items() if len(hit.scores) == most}
    found = _in_order(best, language)
    if any(best[one.entry_id].language != language for one in found):
        versions = _own_versions(tokens, access, language, entries)
        found = [_in_own_language(one, best[one.entry_id], versions, language) for one in found]
    return Answer(
        found=found,
        tokens=tokens,
        corrected=corrected,
        is_partial=0 < most < len(wanted),
    )


def _read(
    words: list[Word], vocabulary: Vocabulary, access: Set[str], language: str
) -> tuple[list[Forms], str]:
    """Return the forms to look for, and the words that were taken instead of unknown ones."""
    wanted: list[Forms] = []
    read: list[str] = []
    is_corrected = False
    last = max(words, key=lambda word: word.start)
    for word in words:
        forms = _forms(word.folded, language)
        if word is last and len(word.folded) >= MIN_BEGINNING:
            for longer in vocabulary.starting(word.folded, access):
                forms.setdefault(exact_token(longer), BEGINS_SO)
        instead = [word.folded]
        if not any(vocabulary.knows(token, access) for token in forms):
            meant = vocabulary.split(word.folded, access, language)
            nearest = "" if meant else vocabulary.nearest(word.folded, access, language)
            instead = meant or [nearest or word.folded]
        is_corrected = is_corrected or instead != [word.folded]
        wanted += [forms] if instead == [word.folded] else [_forms(part, language) for part in instead]
        read += instead
    return wanted, " ".join(read) if is_corrected else ""


def _forms(folded: str, language: str) -> Forms:
    forms = {exact_token(folded): AS_TYPED}
    for own in (language, *(other for other in STEM_MARKS if other != language)):
        if token := stem_token(folded, own):
            forms.setdefault(token, SAME_STEM if own == language else OTHER_LANGUAGE)
    return forms


def _in_order(hits: dict[int, _Hit], language: str) -> list[Found]:
    """Own language first, then the heaviest, then the newest; of a thing in two languages only the first."""

    def rank(item: tuple[int, _Hit]) -> tuple[bool, int, int, int]:
        entry_id, hit = item
        newest = hit.shown_on.toordinal() if hit.shown_on else 0
        return hit.language != language, -sum(hit.scores.values()), -newest, entry_id

    things: dict[str, Found] = {}
    for entry_id, hit in sorted(hits.items(), key=rank):
        things.setdefault(hit.thing, Found(entry_id, hit.kind, hit.position))
    return list(things.values())


def _own_versions(
    tokens: Set[str], access: Set[str], language: str, entries: QuerySet[SearchEntry] | None
) -> dict[str, int]:
    """Return, of each thing that answers in another language, its entry in the visitor's: one query."""
    others = SearchEntry.objects.filter(words__token__in=tokens, access__in=access)
    others = others.exclude(language=language)
    own = SearchEntry.objects.filter(language=language, access__in=access, thing__in=others.values("thing"))
    if entries is not None:
        own = own.filter(pk__in=entries.values("pk"))
    return dict(own.values_list("thing", "pk"))


def _in_own_language(one: Found, hit: _Hit, own: dict[str, int], language: str) -> Found:
    """Put the version in the visitor's language in the place of another, where there is one."""
    if hit.language == language or hit.thing not in own:
        return one
    return Found(own[hit.thing], one.kind, None)


def count_kinds(found: Iterable[Found]) -> dict[str, int]:
    """Return how many of each kind were found."""
    counts: dict[str, int] = {}
    for one in found:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    return counts
