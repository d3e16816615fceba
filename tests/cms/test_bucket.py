"""Files in a bucket: nothing of it is public, and all leave by the doors of files in folders."""

import re
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django import Settings
from wagtail.models import Collection, CollectionViewRestriction
from wagtail.users.models import UserProfile

from cms.models import SiteDocument, SiteImage, SiteRendition
from cms.settings.files import BUCKET
from tests.factories.accounts import make_user
from tests.fakes.bucket import KEY, NAME, REGION, SECRET, Bucket, running_bucket
from tests.queue import drain

pytestmark = pytest.mark.django_db
TEXT = b"alleen voor connect"


@pytest.fixture(scope="module")
def service() -> Iterator[Bucket]:
    with running_bucket() as bucket:
        yield bucket


@pytest.fixture
def bucket(
    service: Bucket, db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bucket]:
    """An empty bucket where the platform keeps its files."""
    settings.AWS_STORAGE_BUCKET_NAME, settings.AWS_S3_ENDPOINT_URL = NAME, service.url
    settings.AWS_S3_REGION_NAME = REGION
    settings.AWS_ACCESS_KEY_ID, settings.AWS_SECRET_ACCESS_KEY = KEY, SECRET
    settings.STORAGES = {**settings.STORAGES, **BUCKET}
    # The field took its storage when its class was made.
    monkeypatch.setattr(SiteRendition._meta.get_field("file"), "storage", storages["renditions"])
    yield service
    service.empty()
    used: Any = storages["default"]
    used.connection.meta.client.close()


@pytest.fixture
def staff(client: Client) -> Client:
    """Somebody who may upload."""
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def collection() -> Collection:
    """A collection for the tier connect."""
    closed = Collection.get_first_root_node().add_child(name="Connect")
    restriction = CollectionViewRestriction.objects.create(collection=closed, restriction_type="groups")
    restriction.groups.add(Group.objects.get_or_create(name="tier-connect")[0])
    return closed


def upload(staff: Client, collection: Collection, content: bytes = TEXT) -> SiteDocument:
    """Upload a document as an editor does."""
    fields: dict[str, Any] = {
        "title": "Reisverslag",
        "file": SimpleUploadedFile("reisverslag.txt", content, "text/plain"),
        "collection": collection.pk,
        "language": "",
        "tags": "",
        "summary_nl": "",
        "summary_en": "",
    }
    answer = staff.post(reverse("wagtaildocs:add"), fields)
    assert answer.status_code == 302, answer.context["form"].errors
    return SiteDocument.objects.latest("pk")


def picture_of(colour: str) -> ContentFile[bytes]:
    """A PNG of one colour, larger than its rendition."""
    out = BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "PNG")
    return ContentFile(out.getvalue(), "plein.png")


def make_rendition(colour: str = "red") -> SiteRendition:
    """Upload a picture and make a smaller one of it."""
    image = SiteImage.objects.create(title="Plein", file=picture_of(colour))
    rendition: SiteRendition = SiteImage.objects.get(pk=image.pk).get_rendition("width-32")
    return rendition


def neutral(answer: Any, address: str) -> tuple[int, str]:
    """What an answer shows, the address itself aside."""
    text = answer.content.decode().replace(address, "ADDRESS")
    text = text.replace(address.replace("/", "%2F"), "ADDRESS")
    return answer.status_code, re.sub(r'(csrfmiddlewaretoken" value=")\w+', r"\1", text)


def test_a_document_in_the_bucket_leaves_through_the_gate_only(
    bucket: Bucket, staff: Client, collection: Collection
) -> None:
    document = upload(staff, collection)
    [key] = bucket.names()
    assert re.fullmatch(r"private/documents/\w{8}/reisverslag\.txt", key)
    assert bucket.read(key) == TEXT
    assert (document.file_size, document.filename) == (len(TEXT), "reisverslag.txt")
    assert document.file_hash

    member = Client()
    person = make_user()
    person.groups.add(Group.objects.get(name="tier-connect"))
    member.force_login(person)
    answer = member.get(document.url)
    assert answer.status_code == 200
    assert b"".join(answer) == TEXT  # and no redirect to the bucket
    assert answer["Content-Length"] == str(len(TEXT))
    assert "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]

    never = f"/documents/99999/{document.filename}"
    for stranger in (Client(), Client()):
        refused = neutral(stranger.get(document.url), document.url)
        assert refused == neutral(stranger.get(never), never)
        assert refused[0] == 404
        for address in (document.file.url, f"/media/{document.file.name}", f"/media/../{key}"):
            assert stranger.get(address).status_code == 404, address


def test_nothing_in_the_bucket_is_public(bucket: Bucket, staff: Client, collection: Collection) -> None:
    upload(staff, collection)
    make_rendition()
    assert len(bucket.names()) == 3
    for key in bucket.names():
        assert bucket.status_for_a_stranger(key) == 403, key
        grants = bucket.client.get_object_acl(Bucket=NAME, Key=key)["Grants"]
        assert [grant["Grantee"]["Type"] for grant in grants] == ["CanonicalUser"]


def test_no_address_of_the_bucket_is_given_out(bucket: Bucket, staff: Client, collection: Collection) -> None:
    document, rendition = upload(staff, collection), make_rendition()
    assert document.file.url == f"/private/{document.file.name}"
    assert rendition.url == f"/media/{rendition.file.name}"
    for address in (
        reverse("wagtaildocs:edit", args=[document.pk]),
        reverse("wagtailimages:edit", args=[rendition.image_id]),
        reverse("wagtailimages:index"),
    ):
        page = staff.get(address)
        assert page.status_code == 200
        assert not re.search(rf"{NAME}|{re.escape(bucket.url)}|Signature|{KEY}", page.content.decode())


def test_a_rendition_is_sent_by_the_platform_and_may_be_kept_for_ever(bucket: Bucket) -> None:
    rendition, visitor = make_rendition(), Client()
    answer = visitor.get(rendition.url)
    assert answer.status_code == 200
    content = b"".join(answer)
    assert content == bucket.read(f"media/{rendition.file.name}")
    assert Image.open(BytesIO(content)).size == (32, 24)
    assert answer["Content-Type"] == "image/webp"
    assert answer["Content-Length"] == str(len(content))
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"

    again = visitor.get(rendition.url, headers={"if-none-match": answer["ETag"]})
    assert (again.status_code, again["Cache-Control"]) == (304, answer["Cache-Control"])
    assert visitor.get(rendition.url, headers={"if-none-match": '"another"'}).status_code == 200


def test_what_is_not_in_the_bucket_gives_the_404_page(
    bucket: Bucket, staff: Client, collection: Collection
) -> None:
    document, rendition = upload(staff, collection), make_rendition()
    profile = UserProfile.get_for_user(make_user(is_staff=True))
    profile.avatar.save("ik.png", picture_of("blue"))
    assert b"".join(staff.get(profile.avatar.url)).startswith(b"\x89PNG")
    for address in ("images/nooit.webp", "images/", "..", "a\0b", "x" * 2000, rendition.file.name + "/"):
        assert Client().get(f"/media/{address}", follow=True).status_code == 404, address
    bucket.empty()
    for address in (document.url, rendition.url, profile.avatar.url):
        answer = staff.get(address)
        assert answer.status_code == 404, address
        assert "no-cache" in answer["Cache-Control"]
    assert staff.get(reverse("wagtailimages:edit", args=[rendition.image_id])).status_code == 200


def test_files_of_one_name_keep_out_of_each_other_s_way(
    bucket: Bucket, staff: Client, collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = upload(staff, collection), upload(staff, collection, b"van een ander")
    # Two machines at the same moment: neither sees the other's file when it looks.
    monkeypatch.setattr(type(storages["default"]), "exists", lambda *arguments: False)
    third = upload(staff, collection, b"op hetzelfde ogenblik")
    contents = [b"".join(staff.get(document.url)) for document in (first, second, third)]
    assert contents == [TEXT, b"van een ander", b"op hetzelfde ogenblik"]


def test_the_address_of_a_picture_never_shows_another_one(
    bucket: Bucket, django_capture_on_commit_callbacks: Any
) -> None:
    first = make_rendition("red")
    with django_capture_on_commit_callbacks(execute=True):
        first.image.delete()
    drain()
    assert bucket.names() == []
    assert make_rendition("blue").url != first.url


def test_what_is_deleted_leaves_the_bucket(
    bucket: Bucket, staff: Client, collection: Collection, django_capture_on_commit_callbacks: Any
) -> None:
    document, rendition = upload(staff, collection), make_rendition()
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(reverse("wagtaildocs:delete", args=[document.pk]))
        staff.post(reverse("wagtailimages:delete", args=[rendition.image_id]))
    drain()  # the worker deletes files
    assert bucket.names() == []


def test_a_large_file_comes_back_whole(bucket: Bucket) -> None:
    content = bytes(range(256)) * 40_000  # more than one part of an upload, and more than stays in memory
    name = default_storage.save("documents/groot.zip", ContentFile(content))
    with default_storage.open(name) as file:
        assert file.read() == content


def test_what_a_bucket_needs_is_not_loaded_without_one() -> None:
    """A process that keeps its files in folders must not carry boto3."""
    program = "import django, sys; django.setup(); print({'boto3', 'storages'} & set(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={"DJANGO_SETTINGS_MODULE": "cms.settings.dev", "AWS_STORAGE_BUCKET_NAME": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "set()"
