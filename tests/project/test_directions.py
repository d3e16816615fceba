"""Nothing points upwards in the layers by a name in text, which import-linter cannot see.

Foreign keys, templates, names of addresses and of models obey the order of the import contract in
pyproject.toml: what an app names belongs to itself, to a lower app or to a package.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = ROOT / "templates"
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS: list[str] = next(contract["layers"] for contract in CONTRACTS if contract["id"] == "apps")
DEPTHS = {app: depth for depth, layer in enumerate(LAYERS) for app in layer.split(" | ")}
KERNEL = LAYERS[-1]

WIRING = ("cms/settings/", "cms/urls.py", "cms/wsgi.py")
"""They put the apps together, and name them as text for that."""
OF_ALLAUTH = {"account": "accounts", "mfa": "accounts"}
"""Folders of templates that have a package's name, and the app that owns our version of them."""
HOME = "home.HomePage"
BELOW_HOME = {"events", "extranet", "matchmaking", "membership", "newsletters"}
"""Their first pages stand below the front page. Wagtail lets a page type say below which others it may
stand; said by home instead (`subpage_types`), home would have to know the page types of every app."""
TAKES_A_NAME = {"reverse", "reverse_lazy", "redirect", "resolve_url"}
TAG = re.compile(r"{%-?\s*(extends|include|load|url)\s+(.*?)\s*-?%}", re.S)


def may_name(owner: str, named: str) -> bool:
    """Say whether an app may name what belongs to another; apps of one layer are strangers."""
    return named not in DEPTHS or named == owner or DEPTHS[named] > DEPTHS[owner]


def owner_of_template(name: str) -> str:
    """The app of a template of ours, by its folder; what all share is the kernel's. Others: nobody's."""
    if not (TEMPLATES / name).exists():
        return ""
    parts = name.removeprefix("emails/").split("/")
    return parts[0] if parts[0] in DEPTHS else OF_ALLAUTH.get(parts[0], KERNEL)


def owners_of_names(patterns: list[Any], namespace: str = "") -> Iterator[tuple[str, str]]:
    """Each name of an address with the app whose view answers there; the back office's by its namespace."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from owners_of_names(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            view = getattr(pattern.callback, "view_class", pattern.callback)
            by_namespace = re.match("[a-z]+", namespace)
            owner = by_namespace[0] if by_namespace else view.__module__.partition(".")[0]
            yield f"{namespace}{pattern.name}", owner


NAMES = dict(owners_of_names(get_resolver().url_patterns))
NAMESPACES = {name.rpartition(":")[0]: owner for name, owner in NAMES.items() if ":" in name}
LIBRARIES = {path.stem: path.parent.parent.name for path in ROOT.glob("*/templatetags/*.py")}
MODELS = {
    model._meta.label_lower: model._meta.app_label for model in apps.get_models(include_auto_created=True)
}


def named_in_template(text: str) -> Iterator[tuple[str, str]]:
    """What a template extends, includes, loads and links to, each with its owner."""
    for tag, rest in TAG.findall(text):
        words = rest.split()
        if tag == "load":
            for library in words[-1:] if "from" in words else words:
                yield library, LIBRARIES.get(library, "")
        elif words[0][0] in "\"'":
            name = words[0].strip("\"'")
            yield name, NAMES.get(name, "") if tag == "url" else owner_of_template(name)


def named_in_python(source: str) -> Iterator[tuple[str, str]]:
    """What Python names in text, each with its owner: models, templates, addresses."""
    tree = ast.parse(source)
    beginnings = {
        node.values[0] for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) and node.values
    }
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called), args=[first, *_]):
                match first:
                    case ast.Constant(value=str(text)) if called in TAKES_A_NAME and ":" not in text:
                        yield text, NAMES.get(text, "")
                    case ast.Constant(value=str(text)) if called == "get_model" and "." not in text:
                        yield text, text
            case ast.keyword(arg="pattern_name", value=ast.Constant(value=str(text))) if ":" not in text:
                yield text, NAMES.get(text, "")
            case ast.Constant(value=str(text)) if node in beginnings:
                namespace = text.rpartition(":")[0]
                yield text, NAMESPACES.get(namespace, "")
            case ast.Constant(value=str(text)) if re.fullmatch(r"[\w.:/-]+", text):
                owner = MODELS.get(text.lower()) or (":" in text and NAMES.get(text))
                yield text, owner or ("/" in text and owner_of_template(text)) or ""


def upwards(owner: str, named: Iterator[tuple[str, str]]) -> list[str]:
    return [name for name, app in named if not may_name(owner, app)]


def test_the_contract_has_a_layer_for_every_app() -> None:
    assert set(DEPTHS) == {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert KERNEL == "cms"
    assert may_name("events", "events")
    assert may_name("events", "membership")
    assert may_name("cms", "wagtailcore")
    assert not may_name("membership", "events")
    assert not may_name("home", "extranet"), "apps of one layer are strangers"


def test_foreign_keys_point_downwards_but_for_the_user() -> None:
    found = [
        (model._meta.app_label, field.related_model._meta)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in DEPTHS
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many)
        if field.related_model
    ]
    assert len(found) > 50
    pairs = {(owner, other.label) for owner, other in found if not may_name(owner, other.app_label)}
    assert pairs <= {("cms", settings.AUTH_USER_MODEL)}


def test_templates_name_what_is_their_own_or_lower() -> None:
    assert not list(ROOT.glob("*/templates")), "all templates lie in one folder, where these rules look"
    paths = sorted(path for path in TEMPLATES.rglob("*") if path.suffix in (".html", ".txt", ".xml"))
    named = {path: list(named_in_template(path.read_text())) for path in paths}
    assert sum(map(len, named.values())) > 400
    found = {}
    for path, names in named.items():
        name = str(path.relative_to(TEMPLATES))
        if wrong := upwards(owner_of_template(name), iter(names)):
            found[name] = wrong
    assert found == {}


def test_python_names_what_is_its_own_or_lower() -> None:
    found, below_home, seen = {}, set(), 0
    for app in DEPTHS:
        for path in sorted((ROOT / app).rglob("*.py")):
            file = str(path.relative_to(ROOT))
            if file.startswith(WIRING):
                continue
            source = path.read_text()
            without = source.replace(f'parent_page_types = ["{HOME}"]', "")
            if without != source:
                below_home.add(app)
            named = list(named_in_python(without))
            seen += sum(bool(owner) for _name, owner in named)
            if wrong := upwards(app, iter(named)):
                found[file] = wrong
    assert found == {}
    assert below_home == BELOW_HOME | {"home"}
    assert seen > 200


@pytest.mark.parametrize(
    "text",
    [
        '{% extends "events/sign_up.html" %}',
        "{%- include 'events/activity_row.html' with level=3 only %}",
        "{% load i18n events site %}",
        "{% load shown_state from events %}",
        '<a href="{% url "events:sign_up" activity.pk %}">',
        '{% include "emails/events/place_confirmed/body.html" %}',
    ],
)
def test_a_template_that_points_upwards_is_seen(text: str) -> None:
    assert len(upwards("membership", named_in_template(text))) == 1
    assert upwards("extranet", named_in_template(text)) == []


@pytest.mark.parametrize(
    "source",
    [
        'reverse("events:sign_up", args=[1])',
        'pattern = RedirectView.as_view(pattern_name="events_signup:index")',
        'redirect(f"events:{name}", token)',
        'apps.get_model("events", "Activity")',
        'apps.get_model("events.activity")',
        'models.ForeignKey("events.Activity", on_delete=models.CASCADE)',
        'parent_page_types = ["events.EventIndexPage"]',
        'render(request, "events/sign_up.html")',
    ],
)
def test_python_that_points_upwards_is_seen(source: str) -> None:
    assert len(upwards("membership", named_in_python(source))) == 1
    assert upwards("extranet", named_in_python(source)) == []


def test_a_name_without_a_namespace_belongs_to_the_app_whose_view_answers() -> None:
    assert upwards("cms", named_in_python('reverse("account_own_data")')) == ["account_own_data"]
    assert upwards("cms", named_in_template('{% url "account_own_data" %}')) == ["account_own_data"]
    assert upwards("cms", named_in_python('View(pattern_name="account_own_data")')) == ["account_own_data"]
    assert upwards("cms", named_in_python('reverse("account_login")')) == [], "that one is a package's"
