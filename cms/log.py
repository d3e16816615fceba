"""The log of who did what: Wagtail's, which staff read in the reports and in the history of a thing.

Each app names its actions in its `wagtail_hooks.py` (the hook `register_log_actions`); each public operation
that changes data leaves a line, in its own transaction. tests/project/test_log.py holds that.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from wagtail.log_actions import get_active_log_context, log, registry
from wagtail.models import ModelLogEntry


def record(
    instance: models.Model,
    action: str,
    *,
    by: AbstractBaseUser | None = None,
    data: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> None:
    """Write a line about `instance`: "<app>.<verb>" by a person, or by the platform itself where nobody did.

    `data` is plain and holds no token; `at` is the operation's clock, else it is now. Raises ValueError for
    an action that no app has named, and for an instance that is not saved.
    """
    if not registry.action_exists(action):
        raise ValueError(f"the log knows no action {action!r}")
    facts: dict[str, Any] = {"data": dict(data or {}), "timestamp": at or timezone.now()}
    if registry.get_log_model_for_instance(instance) is not ModelLogEntry:
        log(instance, action, user=by, **facts)
        return
    if instance.pk is None:
        raise ValueError(f"the log keeps nothing about {instance!r} before it is saved")
    # As `log` does, without its look-ups whether the content type and the person at hand exist.
    context = get_active_log_context()
    kind = ContentType.objects.get_for_model(instance, for_concrete_model=False)
    line = ModelLogEntry(
        content_type=kind,
        object_id=str(instance.pk),
        label=ModelLogEntry.objects.get_instance_title(instance),
        action=action,
        user=by or context.user,
        uuid=context.uuid,
        **facts,
    )
    ModelLogEntry.objects.bulk_create([line])
