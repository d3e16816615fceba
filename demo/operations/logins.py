"""The people who can log in to the demo, with their role or their place in an organisation."""

from functools import cache
from typing import Any

from django.contrib.auth.models import Group

from accounts.operations.people import open_account
from demo.data_files import read
from membership.models import Affiliation, Organisation
from membership.operations.access import update_access

PASSWORD = "demo-slimme-stad"  # noqa: S105 - printed on the log-in page of the demo


@cache
def log_ins() -> tuple[dict[str, Any], ...]:
    """Return the log-ins of the data file, in its order."""
    return tuple(read("logins.toml")["login"])


def load_logins() -> str:
    """Open the accounts, addresses proved, all with the same password."""
    names = {row["key"]: row["name"] for row in read("organisations.toml")["organisation"]}
    for row in log_ins():
        person = open_account(
            email=row["email"],
            first_name=row["first_name"],
            last_name=row["last_name"],
            language=row["language"],
            password=PASSWORD,
            is_address_verified=True,
        )
        if row["organisation"]:
            organisation = Organisation.objects.get(name=names[row["organisation"]])
            Affiliation.objects.get_or_create(
                user=person, organisation=organisation, defaults={"role": row["organisation_role"]}
            )
            update_access(organisation=organisation)
        else:
            person.is_staff = True
            person.save(update_fields=["is_staff"])
            person.groups.add(Group.objects.get(name=row["role"]))
    return f"{len(log_ins())} log-ins"
