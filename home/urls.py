"""Addresses of the home app that are no pages."""

from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from home.views import NewsFeed

app_name = "home"
urlpatterns = [path(_("news.atom"), require_safe(NewsFeed()), name="news_feed")]
