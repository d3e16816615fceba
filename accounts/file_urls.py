"""Addresses of private files that this app gives out, at the base address of the private storage."""

from django.urls import re_path

from accounts.views import profile_picture

urlpatterns = [
    # In a bucket each file lies in a folder of its own.
    re_path(r"^(?P<name>avatar_images/(?:\w+/)?avatar_[\w.-]+)$", profile_picture, name="profile_picture"),
]
