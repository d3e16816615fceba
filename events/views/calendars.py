"""Calendar files, to subscribe to and to keep."""

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from cms.listing import ListFilters
from cms.models import Term
from cms.page_cache import knows_query
from cms.queries import tell
from events import queries
from events.exports import calendar_of

CALENDAR = "text/calendar; charset=utf-8"
REACHES_BACK = timedelta(days=31)


@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """The calendar to subscribe to, narrowed by the same terms as the list."""
    knows_query(request, *Term.Kind.values)
    filters = ListFilters(request.GET, kinds=Term.Kind)
    recent = queries.public_activities(request).filter(ends_at__gt=timezone.now() - REACHES_BACK)
    activities = tell(filters.filter_terms(recent).order_by("starts_at", "pk"), request=request)
    return HttpResponse(calendar_of(activities, name=settings.WAGTAIL_SITE_NAME), content_type=CALENDAR)


@require_GET
def calendar_file(request: HttpRequest, activity_id: int) -> HttpResponse:
    """One activity, to put in one's own calendar."""
    told = queries.told_activity(activity_id, request=request, at=timezone.now())
    if told is None:
        raise Http404
    name = f"{timezone.localtime(told.row.starts_at):%Y-%m-%d}-{activity_id}.ics"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(calendar_of([told]), content_type=CALENDAR, headers=headers)
