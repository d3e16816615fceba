from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.models import Locale

from cms.models import Term
from events.models import Activity, EventIndexPage, EventPage
from home.models import HomePage

pytestmark = pytest.mark.django_db


def add_event(home: HomePage, **fields: object) -> EventPage:
    start = timezone.now() + timedelta(days=10)
    index = home.add_child(instance=EventIndexPage(title="Agenda", slug="agenda"))
    facts = {"starts_at": start, "ends_at": start + timedelta(hours=3), "capacity": 20, **fields}
    page = EventPage(title="Infosessie", slug="infosessie", lead="Kom mee.", live=False, **facts)
    index.add_child(instance=page)
    page.terms.set([Term.objects.get(slug="smart-mobility")])
    page.save_revision()
    return page


def test_a_draft_makes_no_activity_and_publishing_makes_one(home: HomePage) -> None:
    page = add_event(home)
    assert not Activity.objects.exists()
    page.save_revision().publish()
    activity = Activity.objects.get()
    assert (activity.name_nl, activity.capacity) == ("Infosessie", 20)
    assert [term.slug for term in activity.terms.all()] == ["smart-mobility"]


def test_a_changed_fact_takes_effect_on_publish_only(home: HomePage) -> None:
    page = add_event(home)
    page.save_revision().publish()
    page.capacity = 30
    revision = page.save_revision()
    assert Activity.objects.get().capacity == 20
    revision.publish()
    assert Activity.objects.get().capacity == 30


def test_the_translation_adds_words_and_decides_no_fact(home: HomePage, home_en: HomePage) -> None:
    page = add_event(home)
    page.save_revision().publish()
    english = page.copy_for_translation(Locale.objects.get(language_code="en"), copy_parents=True)
    english.title, english.capacity = "Info session", 999
    english.save_revision().publish()
    activity = Activity.objects.get()
    assert (activity.name_nl, activity.name_en, activity.capacity) == ("Infosessie", "Info session", 20)
