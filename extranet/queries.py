"""Answers for the member zone."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.utils.translation import get_language
from wagtail.models import Collection

from cms.gate import visible_documents
from cms.models import SiteDocument
from membership.models import Affiliation, Membership

LIBRARY_NAME = "Ledenbibliotheek"
"""The collection under which those of the tiers stand."""


@dataclass(frozen=True)
class Belonging:
    """An organisation of the person with its membership, for the head of the member zone."""

    affiliation: Affiliation
    membership: Membership | None


def library_documents(request: HttpRequest) -> QuerySet[SiteDocument]:
    """Return the library's documents that the visitor may read: the own language first, then the newest."""
    roots = Collection.objects.filter(name=LIBRARY_NAME).values_list("path", flat=True)
    below = Q(pk__in=[])
    for path in roots:
        below |= Q(collection__path__startswith=path)
    in_language = When(language__in=("", get_language() or settings.LANGUAGE_CODE), then=Value(0))
    return (
        visible_documents(SiteDocument.objects.filter(below), request)
        .annotate(foreign=Case(in_language, default=Value(1), output_field=IntegerField()))
        .select_related("collection")
        .order_by("foreign", "-created_at", "pk")
    )


def in_other_languages(documents: QuerySet[SiteDocument]) -> list[tuple[str, int]]:
    """Return the languages other than the visitor's, each with how many of the documents are in it."""
    foreign = documents.filter(foreign=1).order_by("language").values_list("language")
    return list(foreign.annotate(count=Count("pk")))


def belongings(user: Any) -> list[Belonging]:
    """Return the person's organisations, each with its running membership, in two queries."""
    affiliations = (
        Affiliation.objects.filter(user=user, ended_at__isnull=True)
        .select_related("organisation")
        .order_by("organisation__name")
    )
    running = {
        membership.organisation_id: membership
        for membership in Membership.objects.filter(
            organisation__affiliations__in=affiliations, status__in=Membership.RUNNING
        ).select_related("tier")
    }
    return [Belonging(row, running.get(row.organisation_id)) for row in affiliations]
