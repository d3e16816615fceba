"""Streams a guarded XML document: no DTD, no entity, nothing from elsewhere; each element knows its line."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.sax import ContentHandler, SAXParseException
from xml.sax.handler import feature_namespaces

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from billing.bank.statements import FileRefused, Reason

CHUNK = 64 * 1024
DEEPEST = 40
"""A statement goes some 15 elements deep."""
MOST_IN_BRANCH = 300_000
"""Elements in one entry: a batch of 10,000 transfers has fewer, and memory is not endless."""


@dataclass(slots=True)
class Element:
    """An element of the document's own namespace, with what stands in it."""

    name: str
    line: int
    currency: str = ""
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def all(self, *path: str) -> Iterator["Element"]:
        """Go through the elements on a path of names below this one."""
        if not path:
            yield self
            return
        for child in self.children:
            if child.name == path[0]:
                yield from child.all(*path[1:])

    def first(self, *path: str) -> "Element | None":
        """Return the first element on a path, if there is one."""
        return next(self.all(*path), None)

    def say(self, *path: str) -> str:
        """Return the text of the first element on a path, without blanks around it; nothing without one."""
        found = self.first(*path)
        return " ".join(found.text.split()) if found else ""


class _Builder(ContentHandler):
    """Builds one branch of the document after the other and hands it over, so that none is kept."""

    def __init__(
        self, *, begin: Callable[[str, str, int], None], branch: "Branch", depth: int, parser: Any
    ) -> None:
        super().__init__()
        self.begin, self.branch, self.depth, self.parser = begin, branch, depth, parser
        self.namespace = ""
        self.path: list[str] = []
        self.open: list[Element] = []
        self.texts: list[str] = []
        self.size = 0

    def startElementNS(self, name: tuple[str | None, str], qname: Any, attrs: Any) -> None:
        """Open an element; the first one says which document this is."""
        namespace, local = name
        line: int = self.parser.getLineNumber()
        if not self.path:
            self.namespace = namespace or ""
            self.begin(self.namespace, local, line)
        if (namespace or "") != self.namespace:
            local = f"{{{namespace}}}{local}"
        if len(self.path) >= DEEPEST or self.size > MOST_IN_BRANCH:
            raise FileRefused(Reason.TOO_DEEP, line)
        self.path.append(local)
        self.size = self.size + 1 if self.open else 0
        element = Element(local, line, attrs.get((None, "Ccy"), "") if attrs else "")
        if len(self.path) > self.depth:
            if self.open:
                self.open[-1].children.append(element)
            self.open.append(element)
        elif len(self.path) == self.depth:
            self.branch(tuple(self.path), element)
        self.texts = []

    def characters(self, content: str) -> None:
        """Gather a text, which comes in pieces."""
        self.texts.append(content)

    def endElementNS(self, name: tuple[str | None, str], qname: Any) -> None:
        """Close an element; a branch that is complete is handed over."""
        if self.open:
            element = self.open.pop()
            if not element.children:
                element.text = "".join(self.texts)
            if not self.open:
                self.branch(tuple(self.path), element)
        elif len(self.path) == self.depth:
            self.branch(tuple(self.path), None)
        self.texts = []
        self.path.pop()


Branch = Callable[[tuple[str, ...], Element | None], None]


def stream(content: bytes, *, begin: Callable[[str, str, int], None], branch: Branch, depth: int) -> None:
    """Read a document. `begin` gets the namespace, name and line of its first element.

    `branch` gets, with their path, each element at `depth` when it opens (empty) and closes (None), and in
    between each element right below it, complete. Raises FileRefused.
    """
    parser = DefusedExpatParser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(_Builder(begin=begin, branch=branch, depth=depth, parser=parser))
    try:
        for start in range(0, len(content), CHUNK):
            parser.feed(content[start : start + CHUNK])
        parser.close()
    except FileRefused:
        raise
    except SAXParseException as error:
        raise FileRefused(Reason.NOT_XML, error.getLineNumber() or None) from error
    except DefusedXmlException as error:
        raise FileRefused(Reason.HAS_DTD, parser.getLineNumber() or None) from error
    except (LookupError, ValueError) as error:
        # An encoding that nobody knows, or that this parser cannot read.
        raise FileRefused(Reason.NOT_XML, parser.getLineNumber() or None) from error
