"""The gate: who may open what, and that a closed thing looks like one that never was."""

from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Collection, CollectionViewRestriction, Locale, Page, PageViewRestriction

from accounts.models import User
from cms import gate
from cms.models import PrivateLink, SiteDocument
from home.models import ContentPage, HomePage

pytestmark = pytest.mark.django_db


def restrict(page: Page, *groups: str, kind: str = PageViewRestriction.GROUPS) -> PageViewRestriction:
    restriction = PageViewRestriction.objects.create(page=page, restriction_type=kind)
    restriction.groups.set(Group.objects.get_or_create(name=name)[0] for name in groups)
    return restriction


def person(email: str, *groups: str, **fields: Any) -> User:
    user = User.objects.create_user(email, **fields)
    user.groups.set(Group.objects.get_or_create(name=name)[0] for name in groups)
    return user


@pytest.fixture
def zone(home: HomePage) -> ContentPage:
    page: ContentPage = home.add_child(
        instance=ContentPage(title="Ledenzone", slug="leden", locale=home.locale)
    )
    page.add_child(instance=ContentPage(title="Verslag", slug="verslag", locale=home.locale))
    return page


@pytest.fixture
def document() -> SiteDocument:
    collection = Collection.get_first_root_node().add_child(name="Connect")
    restriction = CollectionViewRestriction.objects.create(collection=collection, restriction_type="groups")
    restriction.groups.add(Group.objects.get_or_create(name="tier-connect")[0])
    return SiteDocument.objects.create(
        title="Reisverslag", collection=collection, file=ContentFile(b"secret", "reisverslag.txt")
    )


def test_pages_open_for_their_groups_and_for_nobody_else(zone: ContentPage) -> None:
    restrict(zone, "tier-connect", "tier-cultivate")
    report = zone.get_children().get()
    allowed: list[gate.Subject] = [
        person("connect@demo.example", "tier-connect"),
        person("editor@demo.example", "editor"),
        User.objects.create_superuser("root@demo.example"),
    ]
    refused: list[gate.Subject] = [
        AnonymousUser(),
        person("inform@demo.example", "tier-inform"),
        person("gone@demo.example", "tier-connect", is_active=False),
        person("finance@demo.example", "finance"),
    ]
    everything = Page.objects.all()
    for subject in allowed:
        assert gate.may_open_page(report, subject), subject
        assert report in gate.visible_pages(everything, subject)
        assert f"page:{zone.pk}" in gate.accessible_keys(subject)
    for other in refused:
        assert not gate.may_open_page(report, other), other
        assert report not in gate.visible_pages(everything, other)
        assert f"page:{zone.pk}" not in gate.accessible_keys(other)
        assert zone.get_parent().page_ptr in gate.visible_pages(everything, other)


def test_a_log_in_restriction_opens_for_everybody_with_a_log_in_and_a_password_for_nobody(
    zone: ContentPage,
) -> None:
    somebody = person("somebody@demo.example")
    restriction = restrict(zone, kind=PageViewRestriction.LOGIN)
    assert gate.may_open_page(zone, somebody)
    assert not gate.may_open_page(zone, AnonymousUser())
    restriction.restriction_type = PageViewRestriction.PASSWORD
    restriction.save()
    assert not gate.may_open_page(zone, somebody)


def test_what_closes_a_page_closes_its_translation(zone: ContentPage, home_en: HomePage) -> None:
    english = zone.copy_for_translation(Locale.objects.get(language_code="en"))
    english.save_revision().publish()
    english.refresh_from_db()
    restrict(zone, "tier-connect")
    assert gate.may_open_page(english, person("connect@demo.example", "tier-connect"))
    assert not gate.may_open_page(english, AnonymousUser())
    restrict(english, "tier-cultivate")
    assert not gate.may_open_page(english, person("second@demo.example", "tier-connect"))
    assert gate.may_open_page(english, person("both@demo.example", "tier-connect", "tier-cultivate"))


def test_every_restriction_on_the_way_down_must_let_the_subject_through(zone: ContentPage) -> None:
    restrict(zone, "tier-inform")
    report = zone.get_children().get()
    restrict(report, "tier-connect")
    one, both = (
        person("a@demo.example", "tier-connect"),
        person("b@demo.example", "tier-inform", "tier-connect"),
    )
    assert gate.may_open_page(report, both)
    assert not gate.may_open_page(report, one)
    assert gate.gate_for(one).keys_of_page(report) == {f"page:{zone.pk}", f"page:{report.pk}"}


def test_an_unpublished_page_is_visible_to_nobody(zone: ContentPage) -> None:
    zone.unpublish()
    zone.refresh_from_db()
    root = User.objects.create_superuser("root@demo.example")
    assert not gate.may_open_page(zone, root)
    assert zone.page_ptr not in gate.visible_pages(Page.objects.all(), root)


def test_documents_follow_their_collection(document: SiteDocument) -> None:
    free = SiteDocument.objects.create(title="Statuten", file=ContentFile(b"free", "statuten.txt"))
    member, visitor = person("connect@demo.example", "tier-connect"), AnonymousUser()
    assert gate.may_open_document(document, member)
    assert not gate.may_open_document(document, visitor)
    assert set(gate.visible_documents(SiteDocument.objects.all(), member)) == {document, free}
    assert set(gate.visible_documents(SiteDocument.objects.all(), visitor)) == {free}
    assert gate.gate_for(visitor).keys_of_document(document) == {f"collection:{document.collection_id}"}


def test_a_private_link_opens_its_target_only(document: SiteDocument, zone: ContentPage) -> None:
    restrict(zone, "tier-connect")
    kind = ContentType.objects.get_for_model(document)
    link = PrivateLink(content_type=kind, object_id=document.pk, created_at=timezone.now())
    assert gate.may_open_document(document, link)
    assert not gate.may_open_page(zone, link)


def test_a_request_reads_the_restrictions_once(zone: ContentPage, home: HomePage) -> None:
    for name in ("a", "b", "c"):
        page = zone.add_child(instance=ContentPage(title=name, slug=name, locale=home.locale))
        restrict(page, "tier-connect", "tier-cultivate")
    request = RequestFactory().get("/")
    request.user = person("connect@demo.example", "tier-connect")
    with CaptureQueriesContext(connection) as queries:
        for page in [zone, home]:
            gate.may_open_page(page, request)
        gate.accessible_keys(request)
    assert len(queries) == 3, [query["sql"] for query in queries]


def test_a_public_page_does_not_ask_who_the_visitor_is(home: HomePage) -> None:
    class Nobody:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"asked for {name}")

    request = RequestFactory().get("/")
    request.user = Nobody()  # type: ignore[assignment]
    assert gate.may_open_page(home, request)


def body(answer: Any, path: str) -> bytes:
    """The page without its own address, which stands in the links to log in and to the other language."""
    content: bytes = answer.content
    path = path.removeprefix("/nl")
    for said in (quote(quote(path, safe=""), safe=""), quote(path, safe=""), path):
        content = content.replace(said.encode(), b"<address>")
    return content


def headers(answer: Any) -> dict[str, str]:
    """The headers without the clock's."""
    return {name: value for name, value in answer.headers.items() if name != "Expires"}


@pytest.mark.parametrize("groups", [None, ["tier-inform"]])
def test_a_closed_page_answers_as_one_that_never_was(
    client: Client, monkeypatch: pytest.MonkeyPatch, zone: ContentPage, groups: list[str] | None
) -> None:
    monkeypatch.setattr(ContentPage, "serve", lambda page, request: HttpResponse(page.title))
    restrict(zone, "tier-connect")
    if groups:
        client.force_login(person("lower@demo.example", *groups))
    closed = client.get("/nl/leden/verslag/")
    never = client.get("/nl/leden/verzonn/")
    assert closed.status_code == never.status_code == 404
    assert body(closed, "/nl/leden/verslag/") == body(never, "/nl/leden/verzonn/")
    assert headers(closed) == headers(never)
    with_member = Client()
    with_member.force_login(person("connect@demo.example", "tier-connect"))
    answer = with_member.get("/nl/leden/verslag/")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_a_closed_document_answers_as_one_that_never_was(client: Client, document: SiteDocument) -> None:
    closed = client.get(document.url)
    never = client.get(f"/documents/99999/{document.filename}")
    assert closed.status_code == never.status_code == 404
    assert body(closed, document.url) == body(never, f"/documents/99999/{document.filename}")
    assert client.get(f"/private/{document.file.name}").status_code == 404
    assert client.get(f"/media/{document.file.name}").status_code == 404
    client.force_login(person("connect@demo.example", "tier-connect"))
    answer = client.get(document.url)
    assert b"".join(answer) == b"secret"
    assert "no-store" in answer["Cache-Control"]


def test_a_document_without_its_file_and_odd_numbers_are_not_found(client: Client) -> None:
    lost = SiteDocument.objects.create(title="Weg", file=ContentFile(b"x", "weg.txt"))
    lost.file.storage.delete(lost.file.name)
    assert client.get(lost.url).status_code == 404
    assert client.get(f"/documents/{'9' * 40}/weg.txt").status_code == 404
    assert client.get("/nl/_util/authenticate_with_password/1/1/").status_code == 404
