"""Opens accounts and changes what is known about a person. Each change leaves a line in the log."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import IntegrityError, transaction
from wagtail.users.models import UserProfile

from accounts.emails import send_account_email
from accounts.models import User
from accounts.signals import address_changed
from cms.log import record


@transaction.atomic
def open_account(
    *,
    email: str,
    first_name: str = "",
    last_name: str = "",
    language: str = settings.LANGUAGE_CODE,
    password: str | None = None,
    is_address_verified: bool = False,
    by: User | None = None,
) -> User:
    """Return the person's account, opened if there was none; an existing one is left as it is.

    Without a password the person logs in by a code, or chooses one through "forgot your password".
    """
    existing = User.objects.filter(email__iexact=email.strip()).first()
    if existing:
        return existing
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                email, password, first_name=first_name, last_name=last_name, language=language
            )
    except IntegrityError:  # opened by another in the same moment
        return User.objects.get(email__iexact=email.strip())
    keep_address(user=user, is_verified=is_address_verified)
    _speak_in_back_office(user)
    record(user, "accounts.open", by=by)
    return user


@transaction.atomic
def invite(*, user: User, by: User | None = None) -> None:
    """Mail a person that the account is open, and how to log in without a password."""
    send_account_email(name="welcome", to=user.email, context={"user": user})
    record(user, "accounts.invite", by=by)


@transaction.atomic
def change_details(*, user: User, first_name: str, last_name: str, language: str, by: User) -> User:
    """Change a person's name and language; mails and the back office follow the language."""
    user.first_name, user.last_name, user.language = first_name, last_name, language
    user.save(update_fields=["first_name", "last_name", "language"])
    _speak_in_back_office(user)
    record(user, "accounts.change_details", by=by)
    return user


@transaction.atomic
def keep_address(*, user: User, is_verified: bool = False) -> None:
    """Make the user's address the only one to log in with. A new one is proved at the next log-in."""
    addresses = EmailAddress.objects.filter(user=user)
    changed, _rows = addresses.exclude(email=user.email).delete()
    address, _created = addresses.get_or_create(
        email=user.email, defaults={"user": user, "primary": True, "verified": is_verified}
    )
    if not address.primary:
        address.primary = True
        address.save(update_fields=["primary"])
    if changed:
        record(user, "accounts.change_address")
        address_changed.send(User, user_id=user.pk)


@transaction.atomic
def remove_second_factor(*, user: User, by: User) -> None:
    """Remove a person's authenticator app, passkeys and recovery codes, and tell them so by mail.

    For somebody who lost them all: who does this has checked first that it is that person who asks.
    """
    Authenticator.objects.filter(user=user).delete()
    send_account_email(name="second_factor_removed", to=user.email, context={})
    record(user, "accounts.remove_second_factor", by=by)


def _speak_in_back_office(user: User) -> None:
    UserProfile.objects.update_or_create(user=user, defaults={"preferred_language": user.language})
