"""How the back office calls groups: code knows them by a name that is no word for people."""

from django.contrib.auth.models import Group

from cms.registries import group_labels
from cms.roles import ROLE_LABELS


def label_of(group: Group) -> str:
    """Return what a group is called in words; its name where nobody knows more."""
    if group.name in ROLE_LABELS:
        return str(ROLE_LABELS[group.name])
    return next(filter(None, (entry.label(group.name) for entry in group_labels)), group.name)
