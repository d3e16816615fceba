"""What Wagtail's own forms of collections, groups and documents take as a name."""

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.test import Client
from wagtail.models import Collection, Site

from cms.models import SiteDocument
from tests.desk import person

pytestmark = pytest.mark.django_db
HIDDEN = "Verslagen\x01"


def test_wagtails_own_names_take_no_hidden_signs(client: Client, site: Site) -> None:
    client.force_login(person("administrator"))
    document = SiteDocument.objects.create(title="Nota", file=ContentFile(b"nota", name="nota.txt"))
    collection = Collection.get_first_root_node().add_child(name="Oud")
    group = Group.objects.create(name="Oud")
    formsets = {
        f"{prefix}_permissions-{name}": "0"
        for prefix in ("page", "document", "image", "collection")
        for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")
    }
    deeds = {
        f"/admin/collections/{collection.pk}/": ("name", {"parent": collection.get_parent().pk}),
        f"/admin/groups/edit/{group.pk}/": ("name", formsets),
        f"/admin/documents/edit/{document.pk}/": ("title", {"collection": document.collection_id}),
    }
    for address, (field, more) in deeds.items():
        answer = client.post(address, {field: HIDDEN, **more})
        assert answer.status_code == 200, address
        assert "verborgen tekens" in answer.content.decode(), address
    for address, (field, more) in deeds.items():
        assert client.post(address, {field: "Verslagen", **more}).status_code == 302, address
    for thing in (document, collection, group):
        thing.refresh_from_db()
    assert [document.title, collection.name, group.name] == ["Verslagen"] * 3
