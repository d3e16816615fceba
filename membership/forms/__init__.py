"""What applicants, members and the treasurer fill in."""

from membership.forms.applying import JOIN_FORMS, JoinForm
from membership.forms.changes import (
    DeclineForm,
    ExtendForm,
    ExtendManyForm,
    ReasonForm,
    ResignForm,
    TierForm,
    UpgradeForm,
    read_choice,
    upgrade_choices,
)
from membership.forms.joining import ChoiceForm
from membership.forms.organisations import OrganisationForm
from membership.forms.people import AcceptForm, AskToJoinForm, InviteForm, RoleForm, SuccessorForm, say_seat
from membership.forms.profile import InvoicingForm, ProfileForm, SizeForm

__all__ = [
    "JOIN_FORMS",
    "AcceptForm",
    "AskToJoinForm",
    "ChoiceForm",
    "DeclineForm",
    "ExtendForm",
    "ExtendManyForm",
    "InviteForm",
    "InvoicingForm",
    "JoinForm",
    "OrganisationForm",
    "ProfileForm",
    "ReasonForm",
    "ResignForm",
    "RoleForm",
    "SizeForm",
    "SuccessorForm",
    "TierForm",
    "UpgradeForm",
    "read_choice",
    "say_seat",
    "upgrade_choices",
]
