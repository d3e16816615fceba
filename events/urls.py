"""Addresses of the events app that are no pages. The words are those of the language."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from events import views

app_name = "events"
urlpatterns = [
    path(_("events.ics"), views.calendar, name="calendar"),
    path(_("events/<int:activity_id>.ics"), views.calendar_file, name="calendar_file"),
    path(_("events/<int:activity_id>/sign-up/"), views.sign_up, name="sign_up"),
    path(_("events/<int:activity_id>/sign-up/sent/"), views.signed_up, name="signed_up"),
]
