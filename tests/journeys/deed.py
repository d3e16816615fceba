"""What a deed in the back office is: a form that is sent, and what it changes."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from cms.roles import ADMINISTRATOR, FINANCE
from tests.journeys.things import Things

DESK = {FINANCE, ADMINISTRATOR}


@dataclass(frozen=True)
class Deed:
    """A form that is sent as it stands, with other words in it, and the table that this changes."""

    address: str
    thing: str
    """What the address is about, by its name among the things; "" for none."""
    model: Any
    roles: set[str]
    words: dict[str, Any] = field(default_factory=dict)
    """A text in braces stands for the number of that thing; what depends on more is a function of them."""
    query: dict[str, str] = field(default_factory=dict)
    args: tuple[str, ...] = ()
    """What the address is made of beside the thing."""

    def url(self, things: Things) -> str:
        """Where the form is sent to."""
        named = [*self.thing.split("/")[:-1], things[self.thing.split("/")[-1]].pk] if self.thing else []
        args = [*self.args, *named]
        query = {name: text.format_map(numbers(things)) for name, text in self.query.items()}
        return reverse(self.address, args=args) + (f"?{urlencode(query)}" if query else "")

    def sent(self, things: Things) -> dict[str, Any]:
        """The words to send beside what stands in the form."""
        known = numbers(things)
        return {
            name.format_map(known): text(things)
            if callable(text)
            else text.format_map(known)
            if isinstance(text, str)
            else text
            for name, text in self.words.items()
        }


def numbers(things: Things) -> dict[str, Any]:
    """The things by their numbers."""
    return {name: thing.pk for name, thing in things.items()}
