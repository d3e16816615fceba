"""The roles: exactly what the registry says, whatever was there before."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Workflow,
)

from accounts.models import User
from cms.operations.roles import load_roles, mend_roles
from cms.registries import Registry, RolePermissions, role_permissions
from cms.roles import ROLES
from home.models import HomePage

pytestmark = pytest.mark.django_db


def member(role: str) -> User:
    user = User.objects.create_user(f"{role}@demo.example")
    user.groups.add(Group.objects.get(name=role))
    return user


def test_every_role_enters_the_back_office_and_does_its_own_part_only(home: HomePage) -> None:
    load_roles()
    people = {role: member(role) for role in ROLES}
    assert all(person.has_perm("wagtailadmin.access_admin") for person in people.values())
    allowed = {
        "cms.change_menu": {"editor", "moderator", "administrator"},
        "cms.delete_term": {"moderator", "administrator"},
        "wagtailcore.change_workflow": {"administrator"},
        "auth.change_group": {"administrator"},
        "cms.change_taskretries": {"administrator"},
    }
    for permission, roles in allowed.items():
        assert {role for role, person in people.items() if person.has_perm(permission)} == roles, permission
    may_publish = {r for r, person in people.items() if home.permissions_for_user(person).can_publish()}
    assert may_publish == {"editor", "moderator", "administrator"}
    may_close = {r for r, p in people.items() if home.permissions_for_user(p).can_set_view_restrictions()}
    assert may_close == may_publish


def test_drift_is_mended_and_a_second_time_changes_nothing() -> None:
    load_roles()
    editor = Group.objects.get(name="editor")
    menu = Permission.objects.get(codename="change_menu")
    editor.permissions.remove(menu)
    editor.permissions.add(Permission.objects.get(codename="delete_site"))
    right = Permission.objects.get(codename="bulk_delete_page")
    GroupPagePermission.objects.create(group=editor, page=Page.objects.get(depth=1), permission=right)
    GroupCollectionPermission.objects.filter(group=editor).first().delete()
    outsider = Group.objects.create(name="not a role")
    outsider.permissions.add(menu)
    assert mend_roles() == 4
    with CaptureQueriesContext(connection) as queries:
        assert mend_roles() == 0
    assert len(queries) <= 25
    assert not editor.permissions.filter(codename="delete_site").exists()
    assert editor.permissions.contains(menu)
    assert outsider.permissions.contains(menu)


def test_wagtails_own_groups_are_gone_and_moderators_approve() -> None:
    Group.objects.create(name="Editors")
    load_roles()
    assert not Group.objects.filter(name__in=["Editors", "Moderators"]).exists()
    task = GroupApprovalTask.objects.get()
    assert [group.name for group in task.groups.all()] == ["moderator"]
    assert Workflow.objects.get().name == "Goedkeuring door een moderator"


def test_a_role_may_own_a_kind_of_page(home: HomePage, monkeypatch: pytest.MonkeyPatch) -> None:
    registry: Registry[RolePermissions] = Registry()
    registry.register(RolePermissions("home", {}, page_types={"events": "home.HomePage"}))
    monkeypatch.setattr("cms.operations.roles.role_permissions", registry)
    load_roles()
    events, finance = member("events"), member("finance")
    assert home.permissions_for_user(events).can_publish()
    assert not home.permissions_for_user(finance).can_publish()


def test_a_permission_that_no_model_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    registry: Registry[RolePermissions] = Registry()
    registry.register(RolePermissions("cms", {"editor": ["cms.paint_menu"]}))
    monkeypatch.setattr("cms.operations.roles.role_permissions", registry)
    with pytest.raises(LookupError, match="cms.paint_menu"):
        load_roles()


def test_every_entry_names_a_role() -> None:
    for entry in role_permissions:
        assert {*entry.grants, *entry.page_types} <= set(ROLES), entry.name
    assert Collection.get_first_root_node().group_permissions.exists()
