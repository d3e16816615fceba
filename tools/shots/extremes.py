"""Fills what is shown to the brim, or takes it away. Imported once Django is set up.

Words go into the tables past every rule, as no editor could: only the look is asked about.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import CharField, Model, TextField
from wagtail.documents import get_document_model
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Collection, Page

from accounts.models import User
from cms.stamp import get_stamp
from events.models import Activity
from home.models import Person
from matchmaking.models import Call, CaseStudy
from membership.models import Organisation, Tier, TierBenefit

LONG_WORD = "Vergunningsaanvraagbehandelingsprocedurehandleiding"
MUCH = f"{LONG_WORD} voor wie met steden, gemeenten en kennisinstellingen samenwerkt aan een leefbare buurt. "
SHORT = 60
NO_WORDS = {"password", "enterprise_number", "country", "postcode", "to_address"}
FILLED = (Activity, Call, CaseStudy, Organisation, Person, Tier, TierBenefit, User, get_document_model())
DEPTH_OF_LISTED = 4


def overfill() -> None:
    """Put far too much into every text of pages, ledger rows, people, organisations and documents."""
    for page in Page.objects.filter(depth__gt=1).specific():
        fill(page)
    for model in FILLED:
        for row in model._default_manager.all():
            fill(row)
    get_stamp().bump()


def fill(row: Model) -> None:
    """Fill the texts of a row to their length, and repeat its blocks."""
    words: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if isinstance(field, StreamField):
            blocks = getattr(row, field.name)
            words[field.name] = type(blocks)(blocks.stream_block, list(blocks.raw_data) * 3, is_lazy=True)
        elif field.name in NO_WORDS or not field.editable or field.choices or field.unique:
            continue
        elif isinstance(field, RichTextField):
            words[field.name] = f"<p>{MUCH * 5}</p>"
        elif type(field) in (CharField, TextField):
            longest = field.max_length or len(MUCH) * 5
            words[field.name] = (LONG_WORD if longest <= SHORT else MUCH * 10)[:longest].strip()
    type(row)._base_manager.filter(pk=row.pk).update(**words)


@contextmanager
def emptied() -> Iterator[None]:
    """Leave the lists without anything in them, for as long as it takes."""
    documents, root = get_document_model()._default_manager, Collection.get_first_root_node()
    listed = Page.objects.live().filter(depth=DEPTH_OF_LISTED).exclude(slug__in=["bibliotheek", "library"])
    pages = list(listed.values_list("pk", flat=True))
    members = list(Organisation.objects.filter(is_listed=True).values_list("pk", flat=True))
    collections = dict(documents.values_list("pk", "collection"))
    Page.objects.filter(pk__in=pages).update(live=False)
    Organisation.objects.filter(pk__in=members).update(is_listed=False)
    documents.update(collection=root)
    get_stamp().bump()
    yield
    Page.objects.filter(pk__in=pages).update(live=True)
    Organisation.objects.filter(pk__in=members).update(is_listed=True)
    for pk, collection in collections.items():
        documents.filter(pk=pk).update(collection=collection)
    get_stamp().bump()
