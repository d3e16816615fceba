"""What the front page shows of the rest of the site."""

from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.http import HttpRequest
from wagtail.models import Page

from cms.gate import visible_pages
from cms.queries import tell_with
from events.models import Activity, EventIndexPage
from events.queries import with_state

SHOWN = 3
"""So many activities and articles stand on the front page."""


def front_page(home: Page, *, request: HttpRequest, at: datetime) -> dict[str, Any]:
    """Return the coming activities, the newest articles and the lists of both, in two queries."""
    # Some that nobody announces yet may be among them; twice as many is enough to fill the list.
    coming = Activity.objects.filter(ends_at__gt=at, is_cancelled=False).order_by("starts_at", "pk")
    activities = list(with_state(coming, at=at)[: 2 * SHOWN])
    articles = visible_pages(apps.get_model("home", "ArticlePage").objects.descendant_of(home), request)
    newest = articles.order_by("-published_on", "-pk").values("pk")[:SHOWN]
    keys = [activity.translation_key for activity in activities]
    lists = [
        ContentType.objects.get_for_model(model)
        for model in (EventIndexPage, apps.get_model("home", "NewsIndexPage"))
    ]
    is_list = Q(content_type__in=lists) & Q(path__startswith=home.path)
    wanted = Q(translation_key__in=keys) | Q(pk__in=newest) | is_list
    pages = visible_pages(Page.objects.filter(wanted), request)
    shown = list(pages.select_related("locale", "articlepage"))
    urls = {page.content_type_id: page.get_url(request) for page in shown}
    found = [page.articlepage for page in shown if hasattr(page, "articlepage")]
    return {
        "activities": tell_with(activities, shown, request=request)[:SHOWN],
        "activities_url": urls.get(lists[0].pk, ""),
        "news_url": urls.get(lists[1].pk, ""),
        "articles": sorted(found, key=lambda page: (page.published_on, page.pk), reverse=True),
    }
