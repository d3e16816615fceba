"""The library's collections, one a tier, each behind the privacy of its tier's group."""

from django.contrib.auth.models import Group
from django.db import transaction
from wagtail.models import Collection, CollectionViewRestriction, Page, PageViewRestriction

from extranet.queries import LIBRARY_NAME
from membership.models import Tier


def collection_name(tier: Tier) -> str:
    """Return what the back office calls the collection of a tier."""
    return f"Bibliotheek {tier.name_nl}"


@transaction.atomic
def load_library() -> str:
    """Create a collection for each tier where it is missing, and close each to the tier's group.

    Who is in a higher tier is in the groups of the lower ones too, so one group a collection is enough.
    """
    root = Collection.objects.filter(name=LIBRARY_NAME).first()
    if root is None:
        root = Collection.get_first_root_node().add_child(name=LIBRARY_NAME)
    tiers = list(Tier.objects.all())
    for tier in tiers:
        collection = Collection.objects.filter(name=collection_name(tier)).first()
        if collection is None:
            root.refresh_from_db()
            collection = root.add_child(name=collection_name(tier))
        restriction, created = CollectionViewRestriction.objects.get_or_create(
            collection=collection, defaults={"restriction_type": CollectionViewRestriction.GROUPS}
        )
        if created:
            restriction.groups.set([Group.objects.get(name=tier.group_name)])
    return f"{len(tiers)} collections"


@transaction.atomic
def close_to_visitors(*, page: Page) -> None:
    """Put a page of the member zone behind the group of the lowest tier, unless editors chose otherwise."""
    if PageViewRestriction.objects.filter(page=page).exists():
        return
    restriction = PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.GROUPS)
    restriction.groups.set([Group.objects.get(name=Tier.objects.earliest("rank").group_name)])
