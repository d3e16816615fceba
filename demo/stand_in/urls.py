"""The stand-in for Stripe: its API, and the page to pay on. STRIPE_API_BASE leads here in the demo."""

from django.urls import path, re_path

from demo.stand_in import views

urlpatterns = [
    re_path(r"^(?P<path>v1/.*)$", views.api, name="demo_stripe_api"),
    path("pay/<str:key>/", views.pay, name="demo_stripe_pay"),
]
