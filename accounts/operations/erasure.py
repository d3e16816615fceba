"""Forgets a person who asks for it, as far as others do not need the row."""

from collections.abc import Sequence
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry
from wagtail.tasks import delete_file_from_storage_task
from wagtail.users.models import UserProfile

from accounts.models import User
from cms.log import record
from cms.registries import personal_data


class WorksHere(Exception):
    """Who works in the back office can't leave by a click: an administrator takes the roles away first."""


@transaction.atomic
def erase_person(*, person: User, at: datetime) -> list[str]:
    """Forget a person everywhere, in one go; return a sentence for each thing that is kept, and why.

    Raises WorksHere. Source of the right and of its limits: GDPR, article 17.
    """
    if person.is_staff or person.is_superuser or person.has_perm("wagtailadmin.access_admin"):
        raise WorksHere
    return [sentence for entry in personal_data for sentence in entry.erase(person, at)]


@transaction.atomic
def erase_account(person: AbstractBaseUser, at: datetime) -> Sequence[str]:
    """Empty and close the account; the row stays without a name, because other rows point at it.

    Returns what is kept, and why.
    """
    user = User.objects.select_for_update().get(pk=person.pk)
    user.email = f"erased-{user.pk}@erased.invalid"
    user.first_name = user.last_name = ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
    for profile in UserProfile.objects.filter(user=user).exclude(avatar="").exclude(avatar=None):
        # A row takes its file along only if it is told to.
        delete_file_from_storage_task.enqueue(profile.avatar.storage.deconstruct(), profile.avatar.name)
    for model in (EmailAddress, Authenticator, UserProfile):
        model._default_manager.filter(user=user).delete()
    ModelLogEntry.objects.for_instance(user).update(label=str(user))
    record(user, "accounts.erase")
    return [_("The log keeps who did what, under a number without a name.")]
