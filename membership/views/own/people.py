"""The people of one's own organisation, changed by its main contact; leaving it oneself."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.limits import within_limits
from membership.forms import InviteForm, RoleForm, SuccessorForm, say_seat
from membership.models import Affiliation, Invitation, Membership, Organisation
from membership.operations.invitations import (
    AlreadyInvited,
    AlreadyThere,
    invite_colleague,
    resend_invitation,
    withdraw_invitation,
)
from membership.operations.people import LastMainContact, change_role, remove_colleague
from membership.operations.seats import NoSeatLeft
from membership.queries import (
    SeatQuote,
    is_last_main_contact,
    member_of,
    own_organisation,
    people_of,
    seat_quote,
)
from membership.views.own.form import OwnFormView, SureForm


class PeopleView(OwnFormView):
    """A form about the people of one's organisation."""

    limit = ("own-people", 30)


def may_mail_stranger(form: forms.Form, request: HttpRequest, email: str) -> bool:
    """Count mails to one address together, whoever sends them."""
    return within_limits(form, request, scope="colleague", address=email, at=timezone.now())


class OwnOrganisationView(PeopleView):
    """A form by which a main contact changes something of the organisation itself."""

    def find(self, pk: int) -> Organisation | None:
        """Return the organisation."""
        return own_organisation(self.person, pk)


class InviteView(OwnOrganisationView):
    """Invite a colleague."""

    heading = gettext_lazy("Invite a colleague")
    button = gettext_lazy("Send the invitation")
    form_class = InviteForm
    membership: Membership

    def is_fit(self) -> bool:
        """Only while the membership runs and is not read-only, and a place is free or to be had."""
        membership = member_of(self.organisation)
        if membership is None:
            return False
        self.membership = membership
        return self.quote is not None

    def may_mail(self, form: forms.Form) -> bool:
        """Count the mails to this address."""
        return may_mail_stranger(form, self.request, form.cleaned_data["email"])

    @cached_property
    def quote(self) -> SeatQuote | None:
        """What a place costs; None where there is none to be had."""
        return seat_quote(membership=self.membership, at=timezone.now())

    def get_initial(self) -> dict[str, Any]:
        """Start from one's own language, and from the price that is shown."""
        return {"language": self.person.language, "quoted": self.quote and self.quote.total}

    def sentences(self) -> list[str]:
        """Say what comes of it, and what it costs."""
        said = [
            _(
                "Your colleague gets an e-mail with a link to accept the invitation. "
                "The link works for 30 days."
            )
        ]
        return [*said, *say_seat(self.membership, self.quote, at=timezone.now())]

    def form_valid(self, form: forms.Form) -> Any:
        """Say it beside the field when this person needs no invitation."""
        try:
            return super().form_valid(form)
        except NoSeatLeft as full:
            self.quote = full.quote
            form.show_quote(full.quote)  # type: ignore[attr-defined]  # an InviteForm
            form.add_error(None, _("The last free place has been taken meanwhile, or its price has changed."))
        except AlreadyThere:
            form.add_error("email", _("This person belongs to your organisation already."))
        except AlreadyInvited:
            form.add_error(
                "email", _("This person is invited already. On the page before, you can send it again.")
            )
        return self.form_invalid(form)

    def act(self, form: Any) -> str:
        """Invite."""
        invited = invite_colleague(
            organisation=self.organisation, **form.cleaned_data, at=timezone.now(), by=self.person
        )
        messages.success(self.request, _("We have sent %(email)s an invitation.") % {"email": invited.email})
        return reverse("membership:own")


class OwnInvitationView(PeopleView):
    """A form about an open invitation."""

    invitation: Invitation

    def find(self, pk: int) -> Organisation | None:
        """Keep the invitation."""
        found = (
            Invitation.objects.filter(pk=pk, accepted_at__isnull=True).select_related("organisation").first()
        )
        if found is None:
            return None
        self.invitation = found
        return own_organisation(self.person, found.organisation_id)


class ResendView(OwnInvitationView):
    """Send it once more."""

    heading = gettext_lazy("Send the invitation again")
    button = gettext_lazy("Send again")

    def may_mail(self, form: forms.Form) -> bool:
        """Count the mails to this address."""
        return may_mail_stranger(form, self.request, self.invitation.email)

    def is_fit(self) -> bool:
        """Only while the membership runs and is not read-only."""
        return member_of(self.organisation) is not None

    def sentences(self) -> list[str]:
        """Say to whom."""
        text = _("%(email)s gets a new e-mail with a link for 30 days. The link in the first one ends.")
        return [text % {"email": self.invitation.email}]

    def act(self, form: Any) -> str:
        """Send it."""
        resend_invitation(invitation=self.invitation, at=timezone.now(), by=self.person)
        words = {"email": self.invitation.email}
        messages.success(self.request, _("We have sent the invitation to %(email)s again.") % words)
        return reverse("membership:own")


class WithdrawView(OwnInvitationView):
    """Take it back."""

    heading = gettext_lazy("Withdraw the invitation")
    button = gettext_lazy("Withdraw")

    def sentences(self) -> list[str]:
        """Say what ends."""
        return [_("The link that %(email)s got does not work any more.") % {"email": self.invitation.email}]

    def act(self, form: Any) -> str:
        """Withdraw it."""
        withdraw_invitation(invitation=self.invitation, at=timezone.now(), by=self.person)
        words = {"email": self.invitation.email}
        messages.success(self.request, _("The invitation to %(email)s is withdrawn.") % words)
        return reverse("membership:own")


class OwnPersonView(PeopleView):
    """A form about somebody of the organisation."""

    affiliation: Affiliation

    def find(self, pk: int) -> Organisation | None:
        """Keep the person's place."""
        running = Affiliation.objects.filter(pk=pk, ended_at__isnull=True)
        found = running.select_related("organisation", "user").first()
        if found is None:
            return None
        self.affiliation = found
        return own_organisation(self.person, found.organisation_id)

    @property
    def name(self) -> str:
        """How the person is called here."""
        return self.affiliation.user.get_full_name() or self.affiliation.user.email

    def form_valid(self, form: forms.Form) -> Any:
        """Say it when a main contact would be missing."""
        try:
            return super().form_valid(form)
        except LastMainContact:
            form.add_error(
                "role" if "role" in form.fields else None,
                _(
                    "You cannot change this role yet: an organisation always has a main contact. "
                    "First make somebody else the main contact."
                ),
            )
        return self.form_invalid(form)


class RoleView(OwnPersonView):
    """Another role."""

    heading = gettext_lazy("Change the role")
    button = gettext_lazy("Give this role")
    form_class = RoleForm

    def get_initial(self) -> dict[str, Any]:
        """Start from the role as it is."""
        return {"role": self.affiliation.role}

    def sentences(self) -> list[str]:
        """Say of whom."""
        return [_("What does %(name)s do for your organisation?") % {"name": self.name}]

    def act(self, form: Any) -> str:
        """Change it."""
        role = Affiliation.Role(form.cleaned_data["role"])
        change_role(affiliation=self.affiliation, role=role, at=timezone.now(), by=self.person)
        words = {"name": self.name, "role": role.label}
        messages.success(self.request, _("%(name)s is now %(role)s.") % words)
        return reverse("membership:own")


class RemoveView(OwnPersonView):
    """End somebody's place, or one's own."""

    works_in_grace = True

    def find(self, pk: int) -> Organisation | None:
        """Let everybody leave, and a main contact end the place of others."""
        organisation = super().find(pk)
        if organisation is None and hasattr(self, "affiliation"):
            return self.affiliation.organisation if self.is_own else None
        return organisation

    @property
    def is_own(self) -> bool:
        """Whether somebody leaves by themselves."""
        return self.affiliation.user_id == self.person.pk

    @property
    def heading(self) -> Promise:  # type: ignore[override]  # said otherwise of oneself
        """Say who goes."""
        return gettext_lazy("Leave the organisation") if self.is_own else gettext_lazy("Remove a person")

    @property
    def button(self) -> Promise:  # type: ignore[override]  # idem
        """Say what the button does."""
        return gettext_lazy("Leave the organisation") if self.is_own else gettext_lazy("Remove this person")

    def get_form(self, form_class: Any = None) -> forms.Form:
        """Ask for a successor where there would be no main contact any more."""
        if not is_last_main_contact(self.affiliation):
            return SureForm(**self.get_form_kwargs())
        others = people_of(self.organisation).filter(user__is_active=True).exclude(pk=self.affiliation.pk)
        return SuccessorForm(others, **self.get_form_kwargs())

    def is_fit(self) -> bool:
        """Not without anybody who could take over."""
        is_alone = people_of(self.organisation).filter(user__is_active=True).count() < 2
        return not (is_alone and is_last_main_contact(self.affiliation))

    def sentences(self) -> list[str]:
        """Say what ends."""
        words = {"name": self.name, "organisation": self.organisation.name}
        if self.is_own:
            return [
                _("You no longer belong to %(organisation)s, and its member zone is closed to you.") % words,
                _("Your account stays, with the places that you booked."),
            ]
        return [
            _("%(name)s does not belong to %(organisation)s any more, and gets an e-mail about it.") % words,
            _("The account stays, with the places that were booked."),
        ]

    def act(self, form: Any) -> str:
        """End the place."""
        remove_colleague(
            affiliation=self.affiliation,
            successor=form.cleaned_data.get("successor"),
            at=timezone.now(),
            by=self.person,
        )
        words = {"name": self.name, "organisation": self.organisation.name}
        text = (
            _("You no longer belong to %(organisation)s.")
            if self.is_own
            else _("%(name)s does not belong to your organisation any more.")
        )
        messages.success(self.request, text % words)
        return reverse("membership:own")
