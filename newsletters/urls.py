"""Addresses of the newsletter, under /nl/ and /en/."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from newsletters import views

app_name = "newsletters"
urlpatterns = [
    path(_("newsletter-subscribe/"), views.subscribe, name="subscribe"),
    path(_("newsletter-subscribe/check-your-mail/"), views.asked, name="asked"),
    path(_("newsletter-confirm/l/<str:token>/"), views.ConfirmView.as_view(), name="confirm"),
    path(_("newsletter-leave/l/<str:token>/"), views.LeaveView.as_view(), name="leave"),
]
