"""Letting colleagues join by the domain of their e-mail address, or not any more."""

from typing import Any

from django import forms
from django.contrib import messages
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from membership.models import EmailDomain, Organisation
from membership.operations.domains import (
    AddressNotProved,
    DomainTaken,
    FreeMail,
    allow_domain,
    forbid_domain,
)
from membership.queries import member_of, own_organisation
from membership.rules import domain_of
from membership.views.own.people import OwnOrganisationView, PeopleView


class AllowDomainView(OwnOrganisationView):
    """Let colleagues join by the domain of one's own address."""

    heading = gettext_lazy("Let colleagues join without an invitation")
    button = gettext_lazy("Allow it")

    def is_fit(self) -> bool:
        """Only while the membership runs and is not read-only."""
        return member_of(self.organisation) is not None

    def sentences(self) -> list[str]:
        """Say who may, and how."""
        words = {"domain": domain_of(self.person.email)}
        return [
            _(
                "If you allow this, anyone with an e-mail address at %(domain)s can join as a colleague, "
                "without an invitation."
            )
            % words,
            _(
                "They prove that the address is theirs by opening a link that we e-mail to it. "
                "You get an e-mail about each, and can remove them."
            ),
        ]

    def form_valid(self, form: forms.Form) -> Any:
        """Say why it cannot be."""
        try:
            return super().form_valid(form)
        except AddressNotProved:
            form.add_error(None, _("First log in once with a code that we mail, to prove your address."))
        except FreeMail:
            form.add_error(
                None, _("Anybody can have an address in this domain. Invite your colleagues one by one.")
            )
        except DomainTaken:
            form.add_error(None, _("Another organisation uses this domain already. Please contact us."))
        return self.form_invalid(form)

    def act(self, form: Any) -> str:
        """Allow it."""
        allowed = allow_domain(organisation=self.organisation, at=timezone.now(), by=self.person)
        words = {"domain": allowed.domain}
        messages.success(
            self.request, _("Colleagues at %(domain)s may now join without an invitation.") % words
        )
        return reverse("membership:own")


class ForbidDomainView(PeopleView):
    """Stop that."""

    heading = gettext_lazy("Let nobody join without an invitation any more")
    button = gettext_lazy("Stop it")
    allowed: EmailDomain

    def find(self, pk: int) -> Organisation | None:
        """Keep the domain."""
        found = EmailDomain.objects.filter(pk=pk).select_related("organisation").first()
        if found is None:
            return None
        self.allowed = found
        return own_organisation(self.person, found.organisation_id)

    def sentences(self) -> list[str]:
        """Say what stays."""
        words = {"domain": self.allowed.domain}
        return [_("An e-mail address at %(domain)s is not enough any more. Who joined, stays.") % words]

    def act(self, form: Any) -> str:
        """Stop it."""
        forbid_domain(allowed=self.allowed, at=timezone.now(), by=self.person)
        words = {"domain": self.allowed.domain}
        messages.success(self.request, _("From now on people at %(domain)s need an invitation.") % words)
        return reverse("membership:own")
