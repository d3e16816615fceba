"""What a main contact changes of the membership: the tier, leaving, staying."""

from typing import Any

from django.contrib import messages
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from membership.forms import ResignForm, TierForm, UpgradeForm, read_choice, upgrade_choices
from membership.models import Membership, Organisation, Tier
from membership.operations.changes import (
    announce_tier,
    resign_membership,
    upgrade_membership,
    withdraw_resignation,
)
from membership.queries import (
    lower_tiers,
    may_resign,
    next_fees,
    own_membership,
    upgrade_tiers,
)
from membership.views.own.form import NEXT_TERM_PAID, ByPerson, OwnForm

Status = Membership.Status


class MembershipForm(OwnForm):
    """A form by which a main contact changes a running membership."""

    membership: Membership

    def find(self, pk: int) -> Organisation | None:
        """Keep the membership."""
        membership = own_membership(self.person, pk)
        if membership is None:
            return None
        self.membership = membership
        return membership.organisation

    def tiers_to_move_to(self) -> list[Tier]:
        """Return the higher tiers that a main contact chooses without asking, at once."""
        return [tier for tier in upgrade_tiers(self.membership) if not tier.needs_approval]

    @property
    def last_day(self) -> str:
        """The last day of the term, as people say it."""
        return date_format(self.membership.ends_on) if self.membership.ends_on else ""


class OwnMembershipView(ByPerson, MembershipForm):
    """The same for who logs in."""


class UpgradeView(OwnMembershipView):
    """A higher tier, at once."""

    heading = gettext_lazy("Move to a higher tier")
    button = gettext_lazy("Move to this tier and get the invoice")

    def is_fit(self) -> bool:
        """Only what is paid and goes on."""
        membership = self.membership
        self.tiers = self.tiers_to_move_to()
        is_paid = membership.status == Status.ACTIVE and not membership.resigned_at
        if not (is_paid and membership.ends_on_or_after(timezone.localdate()) and self.tiers):
            return False
        self.choices = upgrade_choices(membership, self.tiers, at=timezone.now())
        self.tiers = self.tiers if self.choices else []
        return bool(self.choices)

    def why_not(self) -> str:
        """Who is at the top has nothing wrong."""
        if self.tiers:
            return super().why_not()
        if upgrade_tiers(self.membership):
            return _("For a higher tier you need our approval: contact us.")
        return _("You are already on the highest tier.")

    def get_form(self, form_class: Any = None) -> UpgradeForm:
        """Offer each higher tier with what it costs now."""
        return UpgradeForm(self.choices, **self.get_form_kwargs())

    def sentences(self) -> list[str]:
        """Say when it counts and what is paid."""
        words = {"day": self.last_day}
        return [
            _("The higher tier takes effect immediately, for everyone in your organisation."),
            _("You pay the difference for the days up to and including %(day)s, once.") % words,
        ]

    def act(self, form: Any) -> str:
        """Upgrade, and lead back to the overview with the invoice."""
        tier, quoted = read_choice(form.cleaned_data["choice"])
        upgrade_membership(
            membership=self.membership, tier=tier, quoted=quoted, at=timezone.now(), by=self.person
        )
        text = _("You are now on the %(tier)s tier. You will find the invoice below and in your e-mail.")
        if not quoted:
            text = _("You are now on the %(tier)s tier. There is nothing to pay for it until your term ends.")
        messages.success(self.request, text % {"tier": tier.name})
        return reverse("membership:own")


class NextTierView(OwnMembershipView):
    """A lower tier, from the next term on."""

    heading = gettext_lazy("Next year’s tier")
    button = gettext_lazy("Save this choice")

    def is_fit(self) -> bool:
        """Not while it is unpaid, and not within an engagement."""
        membership = self.membership
        is_free = not membership.engaged_until or membership.stays_until == membership.ends_on
        is_paid = membership.status == Status.ACTIVE and not membership.resigned_at
        return is_paid and is_free and lower_tiers(membership).count() > 1

    def get_form(self, form_class: Any = None) -> TierForm:
        """Offer the own tier and the lower ones."""
        return TierForm(lower_tiers(self.membership), next_fees(self.membership), **self.get_form_kwargs())

    def get_initial(self) -> dict[str, Any]:
        """Start from what is announced."""
        return {"tier": self.membership.next_tier or self.membership.tier}

    def sentences(self) -> list[str]:
        """Say when it counts, and why only lower tiers are offered."""
        said = [
            _("Until %(day)s nothing changes. The tier that you choose applies from the day after.")
            % {"day": self.last_day},
            _(
                "If you have an unpaid invoice for the next year, "
                "you will receive a credit note and a new invoice."
            ),
        ]
        if self.tiers_to_move_to():
            text = _("Higher tiers are not listed here: you do not have to wait for those. {link}.")
            address = reverse("membership:own_upgrade", args=[self.membership.pk])
            link = format_html('<a href="{}">{}</a>', address, _("Move to a higher tier"))
            said.append(format_html(text, link=link))
        return said

    def act(self, form: Any) -> str:
        """Announce it."""
        tier = form.cleaned_data["tier"]
        announce_tier(membership=self.membership, tier=tier, at=timezone.now(), by=self.person)
        starts_on = self.membership.next_term_on
        words = {"tier": tier.name, "day": date_format(starts_on) if starts_on else ""}
        messages.success(self.request, _("From %(day)s you will be on the %(tier)s tier.") % words)
        return reverse("membership:own")


class Resignation(MembershipForm):
    """Leaving, at the end of the term."""

    heading = gettext_lazy("Cancel the membership")
    button = gettext_lazy("Cancel the membership")
    form_class = ResignForm
    is_by_link = False
    works_in_grace = True

    def is_fit(self) -> bool:
        """Once, also while it is unpaid; not when the next term is paid."""
        return may_resign(self.membership)

    def why_not(self) -> str:
        """Who paid the next term is told so."""
        return super().why_not() if self.membership.resigned_at else str(NEXT_TERM_PAID)

    def sentences(self) -> list[str]:
        """Say when it ends."""
        until = self.membership.stays_until
        said = [
            _(
                "If you cancel, the membership runs up to and including %(day)s. Until then nothing changes, "
                "and you can still decide to stay."
            )
            % {"day": date_format(until) if until else ""}
        ]
        if until != self.membership.ends_on:
            said.append(_("Your commitment of several years ends on that day."))
        return said

    def act(self, form: Any) -> str:
        """Record it."""
        resign_membership(
            membership=self.membership,
            **form.cleaned_data,
            at=timezone.now(),
            by=self.person,
            is_by_link=self.is_by_link,
        )
        messages.success(
            self.request, _("Your cancellation is recorded. You will receive a confirmation by e-mail.")
        )
        return self.back_url


class ResignView(ByPerson, Resignation):
    """The same for who logs in."""


class StayView(OwnMembershipView):
    """Coming back on a resignation."""

    heading = gettext_lazy("Stay a member")
    button = gettext_lazy("Stay a member")
    works_in_grace = True

    def is_fit(self) -> bool:
        """Only what was resigned."""
        return bool(self.membership.resigned_at)

    def sentences(self) -> list[str]:
        """Say what follows."""
        return [_("If you stay, we withdraw your cancellation and the membership continues as before.")]

    def act(self, form: Any) -> str:
        """Withdraw it."""
        withdraw_resignation(membership=self.membership, at=timezone.now(), by=self.person)
        messages.success(self.request, _("You remain a member. You will receive a confirmation by e-mail."))
        return reverse("membership:own")
