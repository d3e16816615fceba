"""Addresses of joining, under /nl/ and /en/."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from membership import views

app_name = "membership"
urlpatterns = [
    path(_("join/"), views.join, name="join"),
    path(_("join/passed-on/"), views.passed_on, name="passed_on"),
]
