"""What the treasurer does with a membership. Each action says first what will happen, and asks to confirm."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages

from billing.forms import SendForm
from billing.queries import is_under_way
from membership.forms import (
    ExtendForm,
    ReasonForm,
    ResignForm,
    TierForm,
    UpgradeForm,
    read_choice,
    upgrade_choices,
)
from membership.models import Membership
from membership.operations.changes import (
    announce_tier,
    resign_membership,
    upgrade_membership,
    withdraw_resignation,
)
from membership.operations.ending import extend_grace
from membership.operations.ladder import end_as_lapsed
from membership.queries import lower_tiers, numbers_of, unpaid_charges, upgrade_tiers
from membership.viewsets.applications import ApproveView, CloseView, MembershipAction
from membership.viewsets.longer import lapses_after, say_longer

Status = Membership.Status


class UpgradeView(MembershipAction):
    """Move to a higher tier at once."""

    label = gettext_lazy("Upgrade")
    icon = "arrow-up"

    @classmethod
    def may(cls, user: AbstractBaseUser, thing: Membership) -> bool:
        """Only what is paid, and only where there is a higher tier."""
        is_fit = thing.status == Status.ACTIVE and not thing.resigned_at
        is_fit = is_fit and thing.ends_on_or_after(timezone.localdate())
        return is_fit and super().may(user, thing) and bool(upgrade_tiers(thing))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Say so when the form was sent before: its price is gone, and perhaps every higher tier."""
        chosen = request.POST.get("choice", "").partition(":")[0]
        done = Membership.objects.filter(pk=kwargs["pk"], tier__slug=chosen).first()
        if done and request.user.has_perm(self.permission):
            words = {"tier": done.tier.name}
            messages.success(request, _("The membership has the tier %(tier)s already.") % words)
            return redirect("membership_memberships:inspect", done.pk)
        return super().dispatch(request, *args, **kwargs)

    def get_form(self, form_class: Any = None) -> UpgradeForm:
        """Offer each higher tier with its quote."""
        choices = upgrade_choices(
            self.object, upgrade_tiers(self.object), at=timezone.now(), is_for_staff=True
        )
        return UpgradeForm(choices, **self.get_form_kwargs())

    def what_happens(self) -> list[str]:
        """Say when and what."""
        words = {"day": date_format(self.object.ends_on) if self.object.ends_on else ""}
        return [
            _("The member has the higher tier at once. The amount is for the time until %(day)s.") % words,
            _("An invoice is made and mailed. An unpaid invoice for the next term is made anew."),
        ]

    def act(self, form: Any, by: Any) -> str:
        """Upgrade it; a quote that changed meanwhile is not in the list any more."""
        tier, quoted = read_choice(form.cleaned_data["choice"])
        upgrade_membership(membership=self.object, tier=tier, quoted=quoted, at=timezone.now(), by=by)
        return _("The membership is now at the tier %(tier)s.") % {"tier": tier.name}


class AnnounceTierView(MembershipAction):
    """Announce a lower tier for the next term."""

    label = gettext_lazy("Lower tier from the next term on")
    icon = "arrow-down"

    @classmethod
    def may(cls, user: AbstractBaseUser, thing: Membership) -> bool:
        """Not within an engagement, and only where there is a lower tier."""
        is_free = not thing.engaged_until or not thing.ends_on or thing.engaged_until <= thing.ends_on
        is_fit = thing.is_running and not thing.resigned_at and is_free
        return is_fit and super().may(user, thing) and lower_tiers(thing).count() > 1

    def get_form(self, form_class: Any = None) -> TierForm:
        """Offer the lower tiers, and the own one to take it back."""
        return TierForm(lower_tiers(self.object), **self.get_form_kwargs())

    def get_initial(self) -> dict[str, Any]:
        """Start from what is announced."""
        return {"tier": self.object.next_tier or self.object.tier}

    def what_happens(self) -> list[str]:
        """Say when."""
        words = {"day": date_format(self.object.ends_on) if self.object.ends_on else ""}
        return [
            _("Until %(day)s nothing changes; the tier applies from the next term on.") % words,
            _("An unpaid invoice for the next term is credited and made anew. The member gets an e-mail."),
        ]

    def act(self, form: Any, by: Any) -> str:
        """Announce it."""
        tier = form.cleaned_data["tier"]
        announce_tier(membership=self.object, tier=tier, at=timezone.now(), by=by)
        return _("From the next term on the tier is %(tier)s.") % {"tier": tier.name}


class ExtendView(MembershipAction):
    """Give an unpaid member more time."""

    label = gettext_lazy("Extend the grace period")
    icon = "date"
    form_class = ExtendForm
    told_days = 0
    """What was typed and is told of."""

    @classmethod
    def may(cls, user: AbstractBaseUser, thing: Membership) -> bool:
        """Only what is on the ladder."""
        return thing.status in Membership.UNPAID and super().may(user, thing)

    def get_initial(self) -> dict[str, Any]:
        """Keep the day that the person is told."""
        return {"seen": self.object.lapses_on}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Let the button say that the day is told first."""
        self.button_label = "" if self.told_days else gettext_lazy("See on which day")
        return super().get_context_data(**kwargs)

    def what_happens(self) -> list[str]:
        """Say when it lapses now, and when it will with the days that were typed."""
        last = self.object.lapses_on or timezone.localdate()
        if not self.told_days:
            words = {"day": date_format(last)}
            told = _("Unpaid, the membership lapses on %(day)s.")
            if self.object.is_lapse_held:
                told = _("The membership should have lapsed on %(day)s.")
            return [
                told % words,
                _("Type how many days longer it may run: you first see which day that is."),
            ]
        return [
            *say_longer(self.object, self.told_days, at=timezone.now()),
            _("What is to be paid stays the same, and nobody gets an e-mail."),
            _("Check it, and confirm once more."),
        ]

    def form_valid(self, form: Any) -> HttpResponse:
        """Tell the day of what was typed; extend it when just that was told."""
        if form.is_confirmed:
            return super().form_valid(form)
        days = form.cleaned_data["days"]
        if not lapses_after(self.object, days, at=timezone.now()):
            form.add_error("days", _("That day has passed already: type more days."))
            return self.form_invalid(form)
        self.told_days = days
        sealed = self.form_class({**self.request.POST.dict(), "confirmed": form.seal})
        return self.render_to_response(self.get_context_data(form=sealed))

    def act(self, form: Any, by: Any) -> str:
        """Extend it."""
        data = form.cleaned_data
        extended = extend_grace(
            membership=self.object,
            days=data["days"],
            reason=data["reason"],
            seen=data["seen"],
            at=timezone.now(),
            by=by,
        )
        day = date_format(extended.lapses_on) if extended.lapses_on else ""
        return _("Unpaid, the membership lapses on %(day)s.") % {"day": day}


class LapseView(MembershipAction):
    """End what should have lapsed, but was paid in part."""

    label = gettext_lazy("End as lapsed")
    icon = "cross"
    form_class = ReasonForm
    is_final = True

    @classmethod
    def may(cls, user: AbstractBaseUser, thing: Membership) -> bool:
        """Only what staff are asked about."""
        return thing.is_lapse_held and super().may(user, thing)

    def what_happens(self) -> list[str]:
        """Say what ends, and what becomes of what is open and of what was paid."""
        ends = _("The membership ends today: member zone, members page and saved means of payment with it.")
        unpaid = unpaid_charges(self.object)
        numbers = {"numbers": ", ".join(numbers_of(self.object))}
        if self.object.engaged_until and self.object.engaged_until >= timezone.localdate():
            said = [_("What is open stays owed, for the engagement runs: %(numbers)s.") % numbers]
        else:
            said = [
                _("Credited in full: %(numbers)s. What was paid of it is then to be paid back.") % numbers
            ]
            if unpaid.filter(is_under_way()).exists():
                said.append(_("A bank still works on a payment: if it comes, it is to be paid back too."))
        return [ends, *said, _("The member gets an e-mail. This cannot be undone.")]

    def act(self, form: Any, by: Any) -> str:
        """End it."""
        end_as_lapsed(membership=self.object, why=form.cleaned_data["reason"], at=timezone.now(), by=by)
        return _("The membership has ended as lapsed.")


class ResignView(MembershipAction):
    """Record that a member leaves."""

    label = gettext_lazy("Cancel membership")
    icon = "logout"
    form_class = ResignForm
    is_final = True

    @classmethod
    def may(cls, user: AbstractBaseUser, thing: Membership) -> bool:
        """Once, while it runs."""
        return thing.is_running and not thing.resigned_at and super().may(user, thing)

    def what_happens(self) -> list[str]:
        """Say when it ends."""
        until = self.object.stays_until
        return [
            _("The membership runs up to and including %(day)s; until then nothing changes.")
            % {"day": date_format(until) if until else ""},
            _("An unpaid invoice for a term that does not come is credited. The member gets an e-mail."),
        ]

    def act(self, form: Any, by: Any) -> str:
        """Record it."""
        resign_membership(membership=self.object, **form.cleaned_data, at=timezone.now(), by=by)
        return _("The cancellation is recorded.")


class StayView(MembershipAction):
    """Take a resignation back."""

    label = gettext_lazy("Withdraw the cancellation")
    icon = "rotate"
    form_class = SendForm

    @classmethod
    def may(cls, user: AbstractBaseUser, thing: Membership) -> bool:
        """While it still runs."""
        return thing.is_running and bool(thing.resigned_at) and super().may(user, thing)

    def what_happens(self) -> list[str]:
        """Say what follows."""
        return [_("The membership goes on after its term as before. The member gets an e-mail.")]

    def act(self, form: Any, by: Any) -> str:
        """Withdraw it."""
        withdraw_resignation(membership=self.object, at=timezone.now(), by=by)
        return _("The cancellation is withdrawn.")


ACTIONS: dict[str, type[MembershipAction]] = {
    "approve": ApproveView,
    "close": CloseView,
    "upgrade": UpgradeView,
    "announce-tier": AnnounceTierView,
    "extend": ExtendView,
    "lapse": LapseView,
    "resign": ResignView,
    "stay": StayView,
}
"""By the name in the address."""
