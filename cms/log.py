"""The log of who did what: Wagtail's, which staff read in the reports and in the history of a thing.

Each app names its actions in its `wagtail_hooks.py` (the hook `register_log_actions`); each public operation
that changes data leaves a line, in its own transaction. tests/project/test_log.py holds that.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.utils import timezone
from wagtail.log_actions import log, registry


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
    an action that no app has named.
    """
    if not registry.action_exists(action):
        raise ValueError(f"the log knows no action {action!r}")
    log(instance, action, user=by, data=dict(data or {}), timestamp=at or timezone.now())
