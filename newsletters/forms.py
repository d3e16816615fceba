"""The form to ask for the newsletter."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cms.protection import HoneypotMixin


class SubscribeForm(HoneypotMixin, forms.Form):
    """An address and a consent. Asking for more would be asking too much."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": _("Enter your e-mail address.")},
    )
    consent = forms.BooleanField(
        label=_(
            "I would like the monthly newsletter. I can unsubscribe at any time, with the link in each issue."
        ),
        error_messages={"required": _("Tick this box: without your consent we do not send a newsletter.")},
    )
