"""Answers about people and their accounts."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import PROTECT, RESTRICT, ForeignObjectRel

from accounts.models import User
from accounts.registries import needed_accounts
from cms.registries import personal_data


@dataclass(frozen=True)
class Security:
    """How an account is protected."""

    has_password: bool
    has_authenticator_app: bool
    passkeys: int
    unused_recovery_codes: int

    @property
    def has_second_factor(self) -> bool:
        """Recovery codes alone are no second factor."""
        return self.has_authenticator_app or self.passkeys > 0


def security_of(user: User) -> Security:
    """Return how the person's account is protected."""
    factors = list(Authenticator.objects.filter(user=user))
    codes = [factor for factor in factors if factor.type == Authenticator.Type.RECOVERY_CODES]
    return Security(
        has_password=user.has_usable_password(),
        has_authenticator_app=any(factor.type == Authenticator.Type.TOTP for factor in factors),
        passkeys=sum(factor.type == Authenticator.Type.WEBAUTHN for factor in factors),
        unused_recovery_codes=sum(len(factor.wrap().get_unused_codes()) for factor in codes),
    )


def account_data(person: AbstractBaseUser) -> dict[str, Any]:
    """Return what this app holds about a person, without anything that opens the account."""
    user = User.objects.get(pk=person.pk)
    security = security_of(user)
    return {
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "language": user.language,
        "joined_at": user.date_joined.isoformat(),
        "last_login_at": user.last_login.isoformat() if user.last_login else None,
        "groups": sorted(user.groups.values_list("name", flat=True)),
        "authenticator_app": security.has_authenticator_app,
        "passkeys": security.passkeys,
    }


def own_data(user: User) -> dict[str, Any]:
    """Return everything the platform holds about a person, by subject."""
    return {entry.name: entry.export(user) for entry in personal_data}


def kept_rows(people: Collection[int]) -> dict[int, list[str]]:
    """Return what keeps some people from being deleted, by the id of each of them, in a query a model."""
    kept: dict[int, list[str]] = defaultdict(list)
    for link in User._meta.get_fields(include_hidden=True):
        if isinstance(link, ForeignObjectRel) and link.on_delete in (PROTECT, RESTRICT):
            field, model = link.field, link.related_model
            for row in model._default_manager.filter(**{f"{field.name}__in": people}).select_related():
                kept[getattr(row, field.attname)].append(str(row))
    return dict(kept)


def why_needed(people: Collection[int]) -> dict[int, list[str]]:
    """Return why the accounts of some people cannot all be closed now, by the id of who is needed.

    Asked in the transaction that closes them.
    """
    needed: dict[int, list[str]] = defaultdict(list)
    for entry in needed_accounts:
        for person, why in entry.why(people).items():
            needed[person].append(why)
    return dict(needed)
