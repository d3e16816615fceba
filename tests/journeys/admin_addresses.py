"""What the back office answers to, and what its menu shows."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from wagtail.admin.menu import Menu, admin_menu


def admin_addresses(resolver: URLResolver | None = None, before: str = "", space: str = "") -> Iterator[str]:
    """The names of all addresses under /admin/."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = f"{before}{entry.pattern}"
        if not isinstance(entry, URLPattern):
            yield from admin_addresses(
                entry, path, f"{space}{entry.namespace}:" if entry.namespace else space
            )
        elif path.startswith("admin/") and entry.name:
            yield f"{space}{entry.name}"


def menu_addresses(client: Client) -> Iterator[str]:
    """The names of the addresses in the menu of who is logged in, submenus included."""
    for url in _entries(admin_menu, client.get("/admin/").wsgi_request):
        if url.startswith("/") and (found := resolve(url.partition("?")[0])).url_name:
            yield found.view_name


def _entries(menu: Menu, request: HttpRequest) -> Iterator[str]:
    for item in menu.menu_items_for_request(request):
        entry: Any = item
        if hasattr(entry, "menu"):
            yield from _entries(entry.menu, request)
        else:
            yield entry.url
