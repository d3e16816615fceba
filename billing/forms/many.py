"""What the treasurer confirms or fills in about many rows of a list at once."""

import re
from typing import ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cms.forms import LineField

MOST = 250
"""So many rows at once: what is done to each takes a transaction, while somebody waits."""
ID = re.compile(r"[0-9]{1,18}", re.ASCII)


class ManyForm(forms.Form):
    """Only to confirm. `chosen` are the rows that the page told of, each with its seal."""

    chosen = forms.CharField(widget=forms.HiddenInput, max_length=MOST * 80)

    def clean_chosen(self) -> dict[int, str]:
        """Read them."""
        pairs = [part.partition("=") for part in self.cleaned_data["chosen"].split(",")]
        if len(pairs) > MOST or not all(ID.fullmatch(pk) for pk, _sign, _seal in pairs):
            raise ValidationError(_("Go back to the list and choose again."))
        return {int(pk): seal for pk, _sign, seal in pairs}


class LooksTwice(forms.Form):
    """A form of which the effect hangs on what is typed: that is said, and asked once more."""

    decides: ClassVar[tuple[str, ...]]
    """The fields on which the effect hangs."""
    confirmed = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)

    @property
    def seal(self) -> str:
        """What was typed, to compare with what was told."""
        return ":".join(str(self.cleaned_data[name]) for name in self.decides)

    @property
    def is_confirmed(self) -> bool:
        """Whether the effect of just this was told."""
        return bool(self.cleaned_data["confirmed"] == self.seal)


class HoldManyForm(ManyForm):
    """Why nobody is reminded of some invoices."""

    reason = LineField(
        label=_("Reason"), max_length=300, help_text=_("It stands in the history of each invoice.")
    )


class ManyEntriesForm(ManyForm):
    """Why somebody decides something about some bank lines."""

    reason = LineField(
        label=_("Reason"), max_length=300, help_text=_("It stands in the history of each bank line.")
    )
