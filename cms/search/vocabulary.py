"""The words of the index as this process knows them: for beginnings, typing errors and compounds.

What a visitor may not find is not suggested either: every question says which entries (`access`) count.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Set
from datetime import datetime
from functools import cached_property

from django.db.models import Count, Max

from cms.models import SearchEntry, SearchWord
from cms.search.analyser import EXACT_MARK, exact_token, glossary, stem_token
from cms.stamp import per_stamp

MAX_TOKENS = 60_000
"""The most frequent ones are kept: some 20 MB at most."""
MAX_COMPLETIONS = 30
LINKS = ("en", "s", "e", "n", "")
"""Letters between the two halves of a Dutch compound, to be left out if they can."""

Stamp = tuple[datetime | None, int]


class Vocabulary:
    """All tokens of the index, each with the access and language of the entries that hold it."""

    def __init__(self, stamp: Stamp, rows: list[tuple[str, str, str]]) -> None:
        self.stamp = stamp
        self._shelves: dict[str, set[tuple[str, str]]] = {}
        shared: dict[tuple[str, str], tuple[str, str]] = {}
        for token, access, language in rows:
            shelf = shared.setdefault((access, language), (access, language))
            self._shelves.setdefault(token, set()).add(shelf)
        self.accesses = frozenset(access for access, _language in shared)

    @cached_property
    def _words(self) -> list[str]:
        return sorted(token[1:] for token in self._shelves if token.startswith(EXACT_MARK))

    @cached_property
    def _by_trigram(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, word in enumerate(self._words):
            for trigram in trigrams(word):
                found.setdefault(trigram, []).append(number)
        return found

    def open_to(self, keys: Set[str]) -> frozenset[str]:
        """Return the accesses that somebody with these keys of the gate may find."""
        return frozenset(access for access in self.accesses if not access or keys >= set(access.split("+")))

    def knows(self, token: str, access: Set[str]) -> bool:
        """Tell whether an entry with one of these accesses holds the token."""
        return any(shelf[0] in access for shelf in self._shelves.get(token, ()))

    def starting(self, beginning: str, access: Set[str]) -> list[str]:
        """Return words that begin so, in order of the alphabet."""
        words = self._words
        found: list[str] = []
        for number in range(bisect_left(words, beginning), len(words)):
            word = words[number]
            if not word.startswith(beginning) or len(found) == MAX_COMPLETIONS:
                break
            if self.knows(exact_token(word), access):
                found.append(word)
        return found

    def nearest(self, word: str, access: Set[str], language: str) -> str:
        """Return the known word that was probably meant, or nothing; the language's own words come first."""
        allowed = 0 if len(word) < 4 or word.isdigit() else 1 if len(word) < 7 else 2 if len(word) < 12 else 3
        shared = Counter(number for trigram in trigrams(word) for number in self._by_trigram.get(trigram, ()))
        best: tuple[int, bool, int, str] | None = None
        for number, count in shared.most_common(200):
            known = self._words[number]
            if abs(len(known) - len(word)) > allowed or not self.knows(exact_token(known), access):
                continue
            steps = distance(word, known)
            if 0 < steps <= allowed:
                is_foreign = not any(own == language for _access, own in self._shelves[exact_token(known)])
                candidate = (steps, is_foreign, -count, known)
                best = min(best, candidate) if best else candidate
        return best[3] if best else ""

    def split(self, word: str, access: Set[str], language: str) -> list[str]:
        """Return the two known words that a compound is made of, one of them a field word; or nothing."""
        field = {stem_token(part, language) for part in glossary(language).parts}

        def is_known(part: str) -> bool:
            stem = stem_token(part, language)
            return self.knows(exact_token(part), access) or (bool(stem) and self.knows(stem, access))

        for place in range(len(word) - 4, 3, -1):
            right = word[place:]
            if is_known(right):
                for link in LINKS:
                    left = word[:place].removesuffix(link)
                    halves = {stem_token(half, language) for half in (left, right)}
                    if len(left) >= 4 and word[:place].endswith(link) and is_known(left) and field & halves:
                        return [left, right]
        return []


def trigrams(word: str) -> set[str]:
    """Return the groups of three letters of a word, its beginning and end marked."""
    padded = f"  {word} "
    return {padded[start : start + 3] for start in range(len(padded) - 2)}


def distance(one: str, other: str) -> int:
    """Return how many typing errors lie between two words: a letter more, less, other, or two swapped."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            steps = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                steps = min(steps, older[j - 2] + 1)
            row.append(steps)
    return row[-1]


_current: Vocabulary | None = None


@per_stamp
def current_vocabulary() -> Vocabulary:
    """Return the vocabulary, read anew when the index changed since: two queries, one if not, or none."""
    global _current
    state = SearchEntry.objects.aggregate(last=Max("indexed_at"), count=Count("pk"))
    stamp: Stamp = (state["last"], state["count"])
    known = _current
    if known is None or known.stamp != stamp:
        rows = (
            SearchWord.objects.values_list("token", "entry__access", "entry__language")
            .annotate(times=Count("pk"))
            .order_by("-times", "token")[:MAX_TOKENS]
        )
        known = _current = Vocabulary(
            stamp, [(token, access, language) for token, access, language, _ in rows]
        )
    return known
