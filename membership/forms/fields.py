"""Fields that several forms of this app ask for."""

from django import forms
from django.utils.translation import gettext_lazy as _


class WebsiteField(forms.URLField):
    """The address of an organisation's website, typed with https:// or without; it may stay empty."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Website"),
            max_length=200,
            required=False,
            assume_scheme="https",
            error_messages={"invalid": _("Enter the address of a website, such as www.example.com.")},
        )
