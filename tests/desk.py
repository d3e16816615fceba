"""The treasurer's pages as a person reads them: words, totals, and what a page asks to confirm."""

import re
from datetime import date
from typing import Any

from django.contrib.auth.models import Group
from django.test import Client
from django.utils.formats import date_format
from html5lib import HTMLParser

from accounts.models import User
from cms.operations.roles import load_roles


def person(role: str) -> User:
    """Make somebody with a role in the back office."""
    load_roles()
    user = User.objects.create_user(f"{role}@demo.example", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


def words_of(answer: Any) -> str:
    """What a page of the back office says, without its markup."""
    main = HTMLParser(namespaceHTMLElements=False).parse(answer.content.decode()).find(".//main")
    for each in (*main.iter("script"), *main.iter("template")):
        each.text = ""
    return plain("".join(main.itertext()))


def plain(text: str) -> str:
    """A text with single blanks."""
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def day(on: date | None) -> str:
    """A day as the pages say it."""
    return plain(date_format(on)) if on else ""


def sums_of(answer: Any) -> dict[str, str]:
    """The totals above a list, by what they are called."""
    found = re.findall(
        r'<dt class="w-label-3">([^<]+)</dt><dd class="w-h3">([^<]+)</dd>', answer.content.decode()
    )
    return {name: plain(amount) for name, amount in found}


def titles_of(answer: Any) -> list[str]:
    """The titles of the rows of a list, in order."""
    page = HTMLParser(namespaceHTMLElements=False).parse(answer.content.decode())
    cells = [cell for cell in page.iter("td") if "title" in str(cell.get("class")).split()]
    return [plain("".join(cell.find(".//div").itertext())) for cell in cells]


def rows_of(answer: Any) -> list[list[str]]:
    """What the cells of each row of a list say, the row's title without its menu."""
    page = HTMLParser(namespaceHTMLElements=False).parse(answer.content.decode())
    titles = iter(titles_of(answer))
    return [
        [
            next(titles) if "title" in str(cell.get("class")).split() else plain("".join(cell.itertext()))
            for cell in cells
        ]
        for row in page.iter("tr")
        if (cells := row.findall("td"))
    ]


def chosen_on(answer: Any) -> str:
    """What the form of an action keeps of the rows that its page told of."""
    found = re.search(r'name="chosen" value="([^"]*)"', answer.content.decode())
    return found[1] if found else ""


def hidden_on(answer: Any) -> dict[str, str]:
    """What the hidden fields of a form keep, Django's own aside."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.content.decode())
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def confirm(client: Client, url: str, **typed: str) -> str:
    """Read the page of an action on many, confirm it, and return what the list says then."""
    chosen = chosen_on(client.get(url))
    return words_of(client.post(url, {"chosen": chosen, **typed}, follow=True))


def many(action: str, *rows: Any, model: str, **query: str) -> str:
    """The address of an action on some rows, or on "all" that the query of the list leaves."""
    ids = "&".join(f"id={getattr(row, 'pk', row)}" for row in rows)
    more = "".join(f"&{name}={value}" for name, value in query.items())
    return f"/admin/bulk/{model}/{action}/?{ids}{more}"
