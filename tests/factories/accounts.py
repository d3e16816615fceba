"""People, with an address that is proved and a password."""

import itertools
import time

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth.models import Permission

from accounts.models import User

PASSWORD = "een-lang-wachtwoord-2026"
_numbers = itertools.count(1)


def make_user(
    *,
    email: str = "",
    password: str | None = PASSWORD,
    language: str = "nl",
    is_verified: bool = True,
    is_active: bool = True,
    is_staff: bool = False,
    is_superuser: bool = False,
) -> User:
    """Make a person who can log in; `is_staff` may enter the back office."""
    number = next(_numbers)
    user = User.objects.create_user(
        email or f"person{number}@example.org",
        password,
        first_name="An",
        last_name=f"Peeters {number}",
        language=language,
        is_active=is_active,
        is_staff=is_staff,
        is_superuser=is_superuser,
    )
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=is_verified)
    if is_staff:
        user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    return user


def add_authenticator_app(user: User) -> str:
    """Give a person an authenticator app, and return its secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def code_of(secret: str) -> str:
    """Return the six digits that an authenticator app with this secret shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))
