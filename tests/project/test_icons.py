"""Each icon that the back office asks for is one that it has."""

import ast
from collections.abc import Iterator

from wagtail.admin.icons import get_icons

from tools.bootstrap import ROOT

APPS = ("accounts", "billing", "cms", "demo", "events", "extranet", "home", "matchmaking", "membership")
NAMES = ("icon", "icon_name", "menu_icon", "header_icon")


def icons_asked() -> Iterator[tuple[str, str]]:
    """The file and the name of each icon that is given as a word."""
    for app in (*APPS, "newsletters", "reporting"):
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                targets = node.targets if isinstance(node, ast.Assign) else []
                names = [each.id for each in targets if isinstance(each, ast.Name)]
                names += [node.arg or ""] if isinstance(node, ast.keyword) else []
                value = getattr(node, "value", None)
                if {*names} & {*NAMES} and isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield str(path.relative_to(ROOT)), value.value


def test_each_icon_exists() -> None:
    asked = list(icons_asked())
    assert len(asked) > 50
    there = get_icons()
    assert [each for each in asked if f'id="icon-{each[1]}"' not in there] == []
