"""Addresses of the events app that are no pages. The words are those of the language."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from events.views import calendars, places, signups

app_name = "events"
urlpatterns = [
    path(_("events.ics"), calendars.calendar, name="calendar"),
    path(_("events/<int:activity_id>.ics"), calendars.calendar_file, name="calendar_file"),
    path(_("events/<int:activity_id>/sign-up/"), signups.sign_up, name="sign_up"),
    path(_("events/<int:activity_id>/sign-up/sent/"), signups.signed_up, name="signed_up"),
    path(_("events/place/l/<str:token>/"), places.place, name="place"),
    path(_("events/place/l/<str:token>/cancel/"), places.release, name="release"),
]
