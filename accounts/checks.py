"""What must hold about people before the platform is put to real use."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

DEMO_DOMAIN = "@demo.example"


@register(Tags.database, deploy=True)
def no_demo_people(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a database that holds the people of the demo, whose password everybody knows."""
    person = get_user_model()
    for alias in databases or []:
        if person._meta.db_table not in connections[alias].introspection.table_names():
            continue
        if person._default_manager.using(alias).filter(email__endswith=DEMO_DOMAIN).exists():
            return [
                Error(
                    "The database holds people of the demo, whose password everybody knows.",
                    hint="Start with an empty database, or remove the people at " + DEMO_DOMAIN + ".",
                    id="accounts.E001",
                )
            ]
    return []
