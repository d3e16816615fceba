"""Addresses under /nl/account/ and /en/account/: one's own page, and allauth's."""

from django.urls import include, path

from accounts import views

urlpatterns = [
    path("", views.AccountView.as_view(), name="account"),
    path("data/", views.OwnDataView.as_view(), name="account_own_data"),
    path("data/download/", views.download_own_data, name="account_download_data"),
    path("data/erase/", views.EraseView.as_view(), name="account_erase"),
    path("second-factor/", views.SecondFactorNeededView.as_view(), name="second_factor_needed"),
    path("kept/throw-away/", views.throw_away_kept_post, name="account_throw_away_kept"),
    # An account comes with a membership or from staff.
    path("signup/", views.sign_up_closed, name="account_signup"),
    path("", include("allauth.urls")),
]
