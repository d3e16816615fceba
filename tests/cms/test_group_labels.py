"""Groups in Wagtail's own lists and forms: called by words."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import translation
from wagtail.models import Collection, CollectionViewRestriction, Site
from wagtail.users.models import UserProfile

from accounts.models import User
from cms.operations.roles import load_roles
from membership.operations.reference import load_prices
from tests.desk import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client, site: Site) -> User:
    load_roles()
    load_prices()
    user = person("administrator")
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    ("language", "tier", "role"),
    [("nl", "Leden vanaf Connect", "Bestuursleden"), ("en", "Members from Connect up", "Board members")],
)
def test_a_group_is_called_by_words_and_keeps_the_name_that_code_knows(
    client: Client, administrator: User, language: str, tier: str, role: str
) -> None:
    Group.objects.create(name="Werkgroep mobiliteit")
    collection = Collection.get_first_root_node().add_child(name="Verslagen")
    UserProfile.objects.create(user=administrator, preferred_language=language)
    for address in ("/admin/groups/", f"/admin/collections/{collection.pk}/privacy/", "/admin/users/new/"):
        shown = client.get(address).content.decode()
        assert [name in shown for name in (tier, role, "Werkgroep mobiliteit")] == [True] * 3, address
    with translation.override(language):
        connect = Group.objects.get(name="tier-connect")
        assert [str(connect), connect.name] == [tier, "tier-connect"]
    client.post(
        f"/admin/collections/{collection.pk}/privacy/", {"restriction_type": "groups", "groups": [connect.pk]}
    )
    assert CollectionViewRestriction.objects.get(collection=collection).groups.get() == connect


def test_a_group_of_a_tier_that_is_gone_is_called_by_its_name(administrator: User) -> None:
    assert str(Group(name="tier-gone")) == "tier-gone"
