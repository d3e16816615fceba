"""What counts as the same word. Pure: no Django, no database.

Text and query go through the same functions, so that both speak in *tokens*: `x` + the plain word, `n` + its
Dutch stem, `e` + its English stem. Tokens are ASCII letters and digits, the same on every database.
"""

import re
import threading
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import snowballstemmer

GLOSSARY_FILE = Path(__file__).resolve().parent.parent / "data" / "glossary.toml"
STEM_MARKS = {"nl": "n", "en": "e"}
"""The languages that have stems, and the letter that marks them."""
EXACT_MARK = "x"
MAX_WORD = 40
"""Letters of a word that count: longer ones are noise, and cost time."""
MAX_QUERY = 200
MAX_QUERY_WORDS = 10

_ALGORITHMS = {"nl": "dutch", "en": "english"}
_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f]|['’](?=[^\W_]))*")
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})
_GENITIVE = re.compile(r"['’]s$")
_HYPHENS = {"-", "\u2010", "\u2011"}
_DOUBLE_VOWEL = re.compile(r"([aeou])\1")
_DOUBLE_END = re.compile(r"([bcdfghjklmnpqrstvwxz])\1$")
_stemmers = threading.local()  # a stemmer keeps the word it works on, so threads can't share one


@dataclass(frozen=True)
class Glossary:
    """What a stemmer doesn't know of one language."""

    words: dict[str, str]
    endings: tuple[tuple[str, str], ...]
    parts: tuple[str, ...]
    stopwords: frozenset[str]


@dataclass(frozen=True)
class Word:
    """A word of a text: folded, with its place in the text."""

    folded: str
    start: int
    end: int


@cache
def glossary(language: str) -> Glossary:
    """Return the glossary of a language; an empty one for a language without."""
    data = tomllib.loads(GLOSSARY_FILE.read_text()).get(language, {})
    nouns, words = data.get("nouns", []), data.get("words", [])
    return Glossary(
        words={form: group[0] for group in (*nouns, *words) for form in group},
        endings=tuple((form, group[0]) for group in nouns for form in group[1:] if len(form) >= 5),
        parts=tuple(sorted(data.get("parts", []), key=len, reverse=True)),
        stopwords=frozenset(data.get("stopwords", "").split()),
    )


def clean(text: str) -> str:
    """Return the text as it is kept and shown: composed accents, no control characters, single spaces."""
    kept = "".join(" " if unicodedata.category(sign) in {"Cc", "Cs"} else sign for sign in text)
    return " ".join(unicodedata.normalize("NFC", kept).split())


def fold(word: str) -> str:
    """Return a word in lower case without accents and apostrophes, as ASCII (foreign letters as numbers)."""
    if word.isascii() and word.isalnum():
        return word[:MAX_WORD].lower()
    lower = _GENITIVE.sub("s", word.casefold()).translate(_LETTERS)
    plain = "".join(
        sign
        for sign in unicodedata.normalize("NFKD", lower)
        if sign.isalnum() and not unicodedata.combining(sign)
    )
    return "".join(sign if sign.isascii() else f"u{ord(sign):x}" for sign in plain[:MAX_WORD].casefold())


def tokenise(text: str) -> Iterator[Word]:
    """Yield the words of a text in their order."""
    for match in _WORD.finditer(text):
        if folded := fold(match.group()):
            yield Word(folded, match.start(), match.end())


def tokenise_with_compounds(text: str) -> Iterator[Word]:
    """Yield the words of a text and, after them, what a hyphen joins: co, creatie, cocreatie."""
    before: Word | None = None
    for word in tokenise(text):
        yield word
        if before and text[before.end : word.start] in _HYPHENS:
            yield Word((before.folded + word.folded)[:MAX_WORD], before.start, word.end)
        before = word


@lru_cache(maxsize=20_000)
def stem(folded: str, language: str) -> str:
    """Return the stem of a folded word; the same for all its forms that stemmer or glossary know."""
    known = glossary(language)
    word = known.words.get(folded, "")
    if not word:
        word = next(
            (
                folded.removesuffix(form) + base
                for form, base in known.endings
                if folded.endswith(form) and len(folded) >= len(form) + 3
            ),
            folded,
        )
    if language == "nl" and word.endswith(("eeen", "ieen")):
        word = word.removesuffix("en")  # ideeën, technologieën
    for _ in range(3):  # once is not enough: haven gives haav, havens gives haven
        word = _stem_once(word, language)
    if language == "nl" and len(word) > 3:
        # An open syllable is spelled with one vowel: dag, dagen; duurzaam, duurzame.
        word = _DOUBLE_END.sub(r"\1", word.removesuffix("e") if len(word) > 4 else word)
    return _DOUBLE_VOWEL.sub(r"\1", word) if language == "nl" else word


def _stem_once(word: str, language: str) -> str:
    if not hasattr(_stemmers, language):
        setattr(_stemmers, language, snowballstemmer.stemmer(_ALGORITHMS[language]))
    result: str = getattr(_stemmers, language).stemWord(word)
    return result or word


def exact_token(folded: str) -> str:
    """Return the token of the word as it stands."""
    return EXACT_MARK + folded


def stem_token(folded: str, language: str) -> str:
    """Return the token of the word's stem in a language, or nothing for stop words and unknown languages."""
    if language not in STEM_MARKS or folded in glossary(language).stopwords:
        return ""
    return STEM_MARKS[language] + stem(folded, language)


def part_tokens(folded: str, language: str) -> frozenset[str]:
    """Return the stem tokens of field words that a compound begins or ends with."""
    if len(folded) < 8:
        return frozenset()
    return frozenset(
        stem_token(part, language)
        for part in glossary(language).parts
        if len(folded) >= len(part) + 3 and (folded.startswith(part) or folded.endswith(part))
    )


@lru_cache(maxsize=20_000)
def tokens(folded: str, language: str) -> frozenset[str]:
    """Return all tokens by which a word of a text in this language is found."""
    own = {exact_token(folded), stem_token(folded, language)} - {""}
    return part_tokens(folded, language) | own


def is_stopword(folded: str) -> bool:
    """Tell whether a word is too common to look for, in any language."""
    return any(folded in glossary(language).stopwords for language in STEM_MARKS)


def analyse(query: str) -> list[Word]:
    """Return the words to look for: at most ten, each once, common ones only when nothing else is typed."""
    text = clean(query)[:MAX_QUERY]
    once: dict[str, Word] = {}
    for word in tokenise(text):
        once.setdefault(word.folded, word)
    telling = [word for word in once.values() if not is_stopword(word.folded)]
    return (telling or list(once.values()))[:MAX_QUERY_WORDS]
