"""Addresses of joining and of one's own membership, under /nl/ and /en/."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from membership.views import joining, own

app_name = "membership"
urlpatterns = [
    path(_("join/"), joining.join, name="join"),
    path(_("join/passed-on/"), joining.passed_on, name="passed_on"),
    path(_("my-organisation/"), own.OverviewView.as_view(), name="own"),
    path(_("my-organisation/<int:pk>/upgrade/"), own.UpgradeView.as_view(), name="own_upgrade"),
    path(_("my-organisation/<int:pk>/next-term/"), own.NextTierView.as_view(), name="own_next_tier"),
    path(_("my-organisation/<int:pk>/resign/"), own.ResignView.as_view(), name="own_resign"),
    path(_("my-organisation/<int:pk>/stay/"), own.StayView.as_view(), name="own_stay"),
]
