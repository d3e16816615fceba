"""Keeps the member zone closed from its first moment."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from extranet.models import MemberHomePage
from extranet.operations.library import close_to_visitors


@receiver(post_save, sender=MemberHomePage, dispatch_uid="extranet_close_member_home")
def close_member_home(sender: type, instance: MemberHomePage, created: bool, **kwargs: Any) -> None:
    """Close a new member home page, and with it all that will stand below it."""
    if created:
        close_to_visitors(page=instance)
