"""Where the demo keeps what is measured. Imported once Django is set up."""

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import Page

from events.models import Activity, EventIndexPage, EventPage
from events.queries import with_state
from events.rules import ActivityState
from extranet.models import MemberHomePage
from home.models import ArticlePage, HomePage
from matchmaking.models import CallIndexPage
from tools.bootstrap import Refusal

MEMBER = "connect@demo.example"


@dataclass(frozen=True)
class Places:
    """Addresses to measure, and the cookie of a member who is logged in."""

    public: dict[str, str]
    member_home: str
    session: str
    sign_up: str
    confirmation: str


def find_places() -> Places:
    """Find one Dutch page of each kind, lift the limit of an open activity, and log a member in."""
    open_ones = with_state(Activity.objects.all(), at=timezone.now()).filter(state=ActivityState.OPEN)
    event = EventPage.objects.live().filter(translation_key__in=open_ones.values("translation_key")).first()
    if event is None:
        raise Refusal("The demo has no event that takes sign-ups.")
    activity = Activity.objects.get(translation_key=event.translation_key)
    Activity.objects.filter(pk=activity.pk).update(capacity=None)
    browser = Browser()
    browser.force_login(get_user_model().objects.get(email=MEMBER))
    with translation.override("nl"):
        return Places(
            public={
                "home": first(HomePage),
                "list of calls": first(CallIndexPage),
                "list of events": first(EventIndexPage),
                "event": first(EventPage, translation_key=event.translation_key),
                "article": first(ArticlePage),
                "search": f"{reverse('search')}?q=mobiliteit",
            },
            member_home=first(MemberHomePage),
            session=f"sessionid={browser.cookies['sessionid'].value}",
            sign_up=reverse("events:sign_up", args=[activity.pk]),
            confirmation=reverse("events:signed_up", args=[activity.pk]),
        )


def first(model: type[Page], **facts: object) -> str:
    """Return the address of a live Dutch page. Raises Refusal when there is none."""
    page = model.objects.live().filter(locale__language_code="nl", **facts).first()
    if page is None:
        raise Refusal(f"The demo has no {model.__name__} to measure.")
    return str(page.get_url())
