"""Activities and sign-ups for tests."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone
from factory.declarations import LazyAttribute, LazyFunction, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory
from wagtail.models import Locale

from events.models import Activity, ActivityPage, EventIndexPage, EventPage, Signup
from events.operations.signups import Attendee
from home.models import HomePage


class ActivityFactory(DjangoModelFactory[Activity]):
    """An activity in thirty days with twenty places, open for sign-up, that no page announces."""

    class Meta:
        model = Activity

    translation_key = LazyFunction(uuid4)
    name_nl = "Infosessie slimme regio"
    name_en = "Info session on smart regions"
    starts_at = LazyFunction(lambda: timezone.now() + timedelta(days=30))
    ends_at = LazyAttribute(lambda row: row.starts_at + timedelta(hours=3))
    place = "De Sluiswachterij, Gent"
    capacity = 20


class SignupFactory(DjangoModelFactory[Signup]):
    """A confirmed place."""

    class Meta:
        model = Signup

    activity = SubFactory(ActivityFactory)
    first_name = "Lies"
    last_name = Sequence(lambda number: f"Peeters {number}")
    email = Sequence(lambda number: f"lies{number}@demo.example")
    created_at = LazyFunction(timezone.now)
    changed_at = SelfAttribute("created_at")


def attendee(number: int = 1, **fields: Any) -> Attendee:
    """Somebody who wants a place."""
    return Attendee(
        **{
            "first_name": "Jan",
            "last_name": f"Claes {number}",
            "email": f"jan{number}@demo.example",
            "language": "nl",
            **fields,
        }
    )


def announce(
    home: HomePage, *, page_class: type[ActivityPage] = EventPage, english: bool = True, **fields: Any
) -> ActivityPage:
    """Publish a page that announces an activity, in Dutch and, if asked, in English."""
    index = EventIndexPage.objects.child_of(home).first() or home.add_child(
        instance=EventIndexPage(title="Agenda", slug="agenda")
    )
    start = fields.pop("starts_at", None) or timezone.now() + timedelta(days=30)
    terms = fields.pop("terms", [])
    values = {
        "title": "Infosessie",
        "slug": f"activiteit-{uuid4().hex[:8]}",
        "lead": "Kom mee.",
        "starts_at": start,
        "ends_at": start + timedelta(hours=3),
        "place": "De Sluiswachterij, Gent",
        "capacity": 20,
    }
    page = page_class(live=False, **{**values, **fields})
    index.add_child(instance=page)
    page.terms.set(terms)
    page.save_revision().publish()
    if english:
        locale = Locale.objects.get(language_code="en")
        if not index.has_translation(locale):
            english_index = index.copy_for_translation(locale)
            english_index.title = "Events"
            english_index.save_revision().publish()
        translation = page.copy_for_translation(locale)
        translation.title = "Info session"
        translation.save_revision().publish()
    page.refresh_from_db()
    return page


def activity_of(page: ActivityPage) -> Activity:
    """The ledger row that a page announces."""
    return Activity.objects.get(translation_key=page.translation_key)
