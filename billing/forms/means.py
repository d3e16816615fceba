"""Agreeing that what one pays with is kept for the renewals: another text asks for another version of it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cms.forms import LineField


class SaveMeansForm(forms.Form):
    """One box beside the button to pay, never ticked beforehand. Its words have a version (`WORDS`)."""

    saves_means = forms.BooleanField(
        label=_("For the yearly renewal, save the card or direct debit that you pay with"),
        required=False,
        help_text=_(
            "We then charge each renewal automatically. We announce the amount and the day by e-mail at "
            "least seven days before, and you can stop it at any time under My organisation. "
            "Bancontact cannot be saved."
        ),
    )


class StopForm(forms.Form):
    """Why staff stop something that is charged automatically."""

    reason = LineField(label=_("Reason"), max_length=300, help_text=_("It stands in the history."))
