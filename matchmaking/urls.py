"""Addresses of the matchmaking app that are no pages."""

from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from matchmaking.views import CallFeed

app_name = "matchmaking"
urlpatterns = [path(_("calls.atom"), require_safe(CallFeed()), name="call_feed")]
