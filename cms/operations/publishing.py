"""Carries what editors wrote on a page over to its ledger row, when the page is published."""

from django.conf import settings
from django.db import transaction
from wagtail.models import Page

from cms.models import LedgerPage
from cms.models.ledger import PublishedRow


def leads(page: LedgerPage) -> bool:
    """Say whether this page decides the facts: the one in the default language, or the only one."""
    if page.locale.language_code == settings.LANGUAGE_CODE:
        return True
    return (
        not Page.objects.filter(
            translation_key=page.translation_key, locale__language_code=settings.LANGUAGE_CODE
        )
        .exclude(pk=page.pk)
        .exists()
    )


@transaction.atomic
def publish_row(*, page: LedgerPage) -> PublishedRow:
    """Write the page's words, and its facts if it leads, to the ledger row; make the row if need be."""
    row = (
        page.ledger_model._default_manager.select_for_update()
        .filter(translation_key=page.translation_key)
        .first()
    )
    is_new = row is None
    row = row or page.ledger_model(translation_key=page.translation_key)
    language = page.locale.language_code
    setattr(row, f"name_{language}", page.title)
    setattr(row, f"lead_{language}", page.lead)
    decides = is_new or leads(page)
    if decides:
        for name in page.fact_names():
            setattr(row, name, getattr(page, name))
    row.save()
    if decides:
        row.terms.set(page.terms.all())
    return row
