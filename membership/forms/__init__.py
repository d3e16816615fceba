"""What applicants and the treasurer fill in."""

from membership.forms.changes import (
    DeclineForm,
    ExtendForm,
    ResignForm,
    TierForm,
    UpgradeForm,
    read_choice,
    upgrade_choices,
)
from membership.forms.joining import ChoiceForm, JoinForm

__all__ = [
    "ChoiceForm",
    "DeclineForm",
    "ExtendForm",
    "JoinForm",
    "ResignForm",
    "TierForm",
    "UpgradeForm",
    "read_choice",
    "upgrade_choices",
]
