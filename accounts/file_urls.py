"""Addresses of private files that this app gives out, at the base address of the private storage."""

from django.urls import re_path

from accounts.views import profile_picture

urlpatterns = [re_path(r"^avatar_images/(?P<name>avatar_[\w.-]+)$", profile_picture, name="profile_picture")]
