"""Which pages wait for their translation, for the back office."""

from typing import Any

from django.db.models import QuerySet
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail_localize.models import Translation
from wagtail_localize.views.report import TranslationsReportView


class TranslationsReport(TranslationsReportView):
    """The report of wagtail-localize, in a fixed order, so that no row is lost between two screens.

    For who may translate: it names every page, also those that a role may not edit.
    """

    permission_policy = ModelPermissionPolicy(Translation)
    permission_required = "submit"

    def get_queryset(self) -> QuerySet[Any]:
        """The newest first."""
        translations: QuerySet[Any] = super().get_queryset().order_by("-created_at", "pk")
        return translations
