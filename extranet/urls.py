"""Addresses of the member zone beside its pages, under /nl/ and /en/."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from extranet.views import member_zone

urlpatterns = [path(_("to-the-member-zone/"), member_zone, name="member_zone")]
