"""Where Stripe posts its messages, outside the languages."""

from django.urls import path

from billing import webhooks

urlpatterns = [path("stripe/", webhooks.stripe, name="stripe_webhook")]
