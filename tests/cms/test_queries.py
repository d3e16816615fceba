import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries
from wagtail.models import Locale

from cms.queries import tell, with_a_page
from events.models import Activity, EventPage
from home.models import HomePage
from tests.cms.test_publishing import add_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_(rf: RequestFactory) -> HttpRequest:
    request = rf.get("/en/")
    request.user = AnonymousUser()
    return request


def test_rows_are_told_in_the_visitors_language_else_in_dutch(
    home: HomePage,
    home_en: HomePage,
    request_: HttpRequest,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    page = add_event(home)
    page.save_revision().publish()
    with override("en"):
        (told,) = tell(Activity.objects.all(), request=request_)
        assert (told.title, told.is_in_other_language) == ("Infosessie", True)
        english = page.copy_for_translation(Locale.objects.get(language_code="en"), copy_parents=True)
        english.title, english.lead = "Info session", "Join us."
        english.save_revision().publish()
        with django_assert_max_num_queries(5):
            (told,) = tell(Activity.objects.all(), request=request_)
        assert (told.title, told.lead, told.is_in_other_language) == ("Info session", "Join us.", False)
        assert told.url.startswith("/en/")
    with override("nl"):
        assert tell(Activity.objects.all(), request=request_)[0].url.startswith("/nl/")


def test_a_row_without_an_open_page_is_not_listed(home: HomePage, request_: HttpRequest) -> None:
    page = add_event(home)
    page.save_revision().publish()
    assert with_a_page(Activity.objects.all(), request=request_).count() == 1
    EventPage.objects.get(pk=page.pk).unpublish()
    assert with_a_page(Activity.objects.all(), request=request_).count() == 0
