"""The address that Mailchimp calls; outside the languages."""

from django.urls import path

from newsletters.webhooks import mailchimp

urlpatterns = [path("mailchimp/<str:secret>/", mailchimp, name="mailchimp_webhook")]
