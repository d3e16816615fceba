"""Reads HTML as strictly as a validator, for every test that shows a page."""

import re
from html import unescape
from typing import Any

from django.utils.html import strip_tags
from html5lib import HTMLParser


def crumbs_of(html: str) -> list[str]:
    """What the breadcrumbs of a page say, from the home page down; nothing on a page without."""
    trail = re.search(r'<ol class="trail">(.*?)</ol>', html)
    return [unescape(strip_tags(link)) for link in trail[1].split("</li>")[:-1]] if trail else []


def problems_of(html: str) -> list[str]:
    """What is wrong with a page: parse errors, an id that comes twice, a jump between heading levels."""
    return tree_and_problems_of(html)[1]


def tree_and_problems_of(html: str) -> tuple[Any, list[str]]:
    """The parsed page beside what is wrong with it, for who would otherwise parse it a second time."""
    parser = HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(html)
    found = [f"line {line[0]}: {code} {values}" for line, code, values in parser.errors]
    seen: set[str] = set()
    level = 0
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        name = element.get("id")
        if name in seen:
            found.append(f"id {name} comes twice")
        if name:
            seen.add(name)
        if element.tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
            if int(element.tag[1]) > level + 1:
                found.append(f"<{element.tag}> after level {level}: {''.join(element.itertext())}")
            level = int(element.tag[1])
        if element.get("style") is not None or element.tag == "style":
            found.append(f"inline style in <{element.tag}>")
    if sum(1 for each in tree.iter("h1")) != 1:
        found.append("there is not exactly one <h1>")
    return tree, found
