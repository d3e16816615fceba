"""Stands before Wagtail's addresses under /admin/: its log-in and password pages lead to ours."""

from allauth.account.views import logout
from django.urls import path, re_path
from django.views.generic import RedirectView

from accounts.views import back_office_login

urlpatterns = [
    path("login/", back_office_login, name="back_office_login"),
    path("logout/", logout, name="back_office_logout"),
    re_path(
        r"^password_reset/",
        RedirectView.as_view(pattern_name="account_reset_password"),
        name="back_office_password_reset",
    ),
]
OPEN_TO_ALL = frozenset({"back_office_login", "back_office_logout", "back_office_password_reset"})
"""Names of the addresses under /admin/ that a person without rights there may open."""
