"""Makes the roles' groups and gives them exactly what the apps say, no more and no less."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Workflow,
)

from cms.registries import role_permissions
from cms.roles import COLLECTION_RIGHTS, FILE_RIGHTS, MODERATOR, OWN_PAGE_RIGHTS, PAGE_RIGHTS, ROLES

EVERY_ROLE = ("wagtailadmin.access_admin",)
WAGTAILS_OWN_GROUPS = ("Editors", "Moderators")
WAGTAILS_APPROVAL = "Moderators approval"
APPROVAL = "Goedkeuring door een moderator"

Right = tuple[int, int, int]
"""A group, a page or collection, and a permission, by their ids."""


def load_roles() -> str:
    """Bring the roles into order at a set-up and say what changed."""
    return f"{len(ROLES)} roles, {mend_roles()} changes"


@transaction.atomic
def mend_roles(at: datetime | None = None) -> int:
    """Make the groups, give and take until they hold what the registry says. Returns how much changed.

    Periodic too: the pages that a role owns appear later, and nobody widens a role by hand unnoticed.

    Wagtail's own groups go; its approval of pages is the moderator's. Raises LookupError for a
    permission that no model has, so that a typing error is found at the first start.
    """
    changed = _remove_wagtails_groups()
    groups = {group.name: group for group in Group.objects.filter(name__in=ROLES)}
    for name in ROLES:
        if name not in groups:
            groups[name] = Group.objects.create(name=name)
            changed += 1
    known = _permissions()
    changed += _give_model_permissions(groups, known)
    changed += _give_page_permissions(groups, known)
    changed += _give_collection_permissions(groups, known)
    _let_moderators_approve(groups[MODERATOR])
    return changed


def _permissions() -> dict[str, int]:
    rows = Permission.objects.values_list("content_type__app_label", "codename", "id")
    return {f"{app}.{codename}": number for app, codename, number in rows}


def _find(pattern: str, known: dict[str, int]) -> set[int]:
    if pattern in known:  # most have no asterisk, and this is done each minute
        return {known[pattern]}
    found = {known[name] for name in known if fnmatchcase(name, pattern)}
    if not found:
        raise LookupError(f"no permission is called {pattern}")
    return found


def _give_model_permissions(groups: dict[str, Group], known: dict[str, int]) -> int:
    patterns: dict[str, list[str]] = {name: list(EVERY_ROLE) for name in groups}
    for entry in role_permissions:
        for role, names in entry.grants.items():
            patterns[role].extend(names)
    wanted = {
        (groups[role].pk, number)
        for role, names in patterns.items()
        for pattern in names
        for number in _find(pattern, known)
    }
    held = Group.permissions.through.objects.filter(group__in=groups.values())
    has = set(held.values_list("group_id", "permission_id"))
    for group, number in has - wanted:
        held.filter(group_id=group, permission_id=number).delete()
    held.model.objects.bulk_create(
        held.model(group_id=group, permission_id=number) for group, number in sorted(wanted - has)
    )
    return len(has ^ wanted)


def _give_page_permissions(groups: dict[str, Group], known: dict[str, int]) -> int:
    root = Page.objects.get(depth=1).pk
    wanted = {
        (groups[role].pk, root, known[f"wagtailcore.{right}_page"])
        for role, rights in PAGE_RIGHTS.items()
        for right in rights
    }
    for entry in role_permissions:
        for role, label in entry.page_types.items():
            model: Any = apps.get_model(label)
            for page in model.objects.values_list("pk", flat=True):
                wanted |= {
                    (groups[role].pk, page, known[f"wagtailcore.{right}_page"]) for right in OWN_PAGE_RIGHTS
                }
    return _mend(GroupPagePermission, "page_id", groups, wanted)


def _give_collection_permissions(groups: dict[str, Group], known: dict[str, int]) -> int:
    root = Collection.objects.get(depth=1).pk
    wanted = {
        (groups[role].pk, root, known[name.format(right)])
        for table, names in (
            (FILE_RIGHTS, ("wagtailimages.{}_image", "wagtaildocs.{}_document")),
            (COLLECTION_RIGHTS, ("wagtailcore.{}_collection",)),
        )
        for role, rights in table.items()
        for right in rights
        for name in names
    }
    return _mend(GroupCollectionPermission, "collection_id", groups, wanted)


def _mend(model: Any, place: str, groups: dict[str, Group], wanted: Iterable[Right]) -> int:
    rows: dict[Right, list[int]] = defaultdict(list)
    held = model.objects.filter(group__in=groups.values())
    for number, *right in held.values_list("pk", "group_id", place, "permission_id"):
        rows[tuple(right)].append(number)
    superfluous = [number for right, numbers in rows.items() if right not in wanted for number in numbers]
    if superfluous:
        model.objects.filter(pk__in=superfluous).delete()
    missing = sorted(set(wanted) - rows.keys())
    model.objects.bulk_create(
        model(group_id=group, permission_id=permission, **{place: target})
        for group, target, permission in missing
    )
    return len(superfluous) + len(missing)


def _remove_wagtails_groups() -> int:
    deleted = Group.objects.filter(name__in=WAGTAILS_OWN_GROUPS).delete()[1]
    return deleted.get("auth.Group", 0)


def _let_moderators_approve(moderators: Group) -> None:
    Workflow.objects.filter(name=WAGTAILS_APPROVAL).update(name=APPROVAL)
    for task in GroupApprovalTask.objects.filter(groups__isnull=True):
        if task.name == WAGTAILS_APPROVAL:
            task.name = APPROVAL
            task.save()
        task.groups.add(moderators)
