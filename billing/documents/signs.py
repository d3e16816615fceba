"""What stands on paper for signs that no typeface has. Pure: whoever asks says what can be shown."""

import re
import unicodedata
from collections.abc import Callable

BOX = "\N{WHITE SQUARE}"
"""Stands for one sign that cannot be shown."""

_BREAKS = re.compile(r"[\t-\r\x1c-\x1f\x85\u2028\u2029]+")
_JOINER = "\N{ZERO WIDTH JOINER}"
_KEPT_FORMATS = frozenset(
    (
        _JOINER,
        "\N{ZERO WIDTH NON-JOINER}",
        "\N{SOFT HYPHEN}",
        "\N{LEFT-TO-RIGHT MARK}",
        "\N{RIGHT-TO-LEFT MARK}",
    )
)
"""What spelling needs. Other formats (Cf) go: an override turns amounts round, a tag or a byte order mark is
refused by PDF/UA.
"""
_SKIN_TONES = re.compile("[\U0001f3fb-\U0001f3ff]")
_FLAG_LETTERS = re.compile("[\U0001f1e6-\U0001f1ff]")
_VARIANTS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\N{COMBINING ENCLOSING KEYCAP}]")


def tidy(text: str) -> str:
    """Compose accents and leave out what has no shape; a private sign, whose shape nobody knows, is a box."""
    if text.isascii() and text.isprintable():
        return text
    one_line = _BREAKS.sub(" ", text)
    return unicodedata.normalize("NFC", "".join(map(_tidy_sign, one_line)))


def _tidy_sign(sign: str) -> str:
    match unicodedata.category(sign):
        case "Cc":
            return ""
        case "Cf":
            return sign if sign in _KEPT_FORMATS else ""
        case "Co" | "Cs":
            return BOX
    return sign


def clusters(text: str) -> list[str]:
    """Cut a text into what people see as one sign: a letter with its accents, a family, a flag."""
    found: list[str] = []
    for sign in text:
        if found and _belongs_to(found[-1], sign):
            found[-1] += sign
        else:
            found.append(sign)
    return found


def _belongs_to(cluster: str, sign: str) -> bool:
    return (
        sign == _JOINER
        or cluster.endswith(_JOINER)
        or unicodedata.category(sign).startswith("M")
        or bool(_SKIN_TONES.match(sign))
        or (len(cluster) == 1 and bool(_FLAG_LETTERS.match(cluster) and _FLAG_LETTERS.match(sign)))
    )


def showable(text: str, can_show: Callable[[str], bool]) -> str:
    """Return the text with the nearest thing that can be shown for each sign that cannot.

    That is its compatible form (a wide A is an A), then the sign without its variant (a digit in a key is a
    digit), then a box. Where marks from far apart scripts together find no typeface, signs lose their marks.
    """
    if text.isascii():
        return text
    nearest = "".join(_nearest(cluster, can_show) for cluster in clusters(text))
    if can_show(nearest):
        return nearest
    return "".join(_nearest(cluster[0], can_show) for cluster in clusters(nearest))


def _nearest(cluster: str, can_show: Callable[[str], bool]) -> str:
    if cluster.isascii() or can_show(cluster):
        return cluster
    compatible = unicodedata.normalize("NFKC", cluster)
    if compatible != cluster:
        return showable(compatible, can_show)
    plain = _VARIANTS.sub("", cluster)
    if plain and plain != cluster and can_show(plain):
        return plain
    return BOX
