"""What staff do with many organisations at once: confirm them, show them on the members page or not."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from billing.viewsets.bulk import ManyAction, Refused, Step
from membership.models import Membership, Organisation
from membership.operations.holding import NumberTaken
from membership.operations.organisations import confirm_organisation, list_organisation
from membership.viewsets.organisations import OrganisationViewSet


class ManyOrganisations(ManyAction):
    """An action on many organisations."""

    models = [Organisation]
    viewset = OrganisationViewSet
    permission = "membership.change_organisation"

    def rows(self, pks: Sequence[int]) -> QuerySet[Organisation]:
        """Return them by name, with whether each is a member."""
        running = Membership.objects.filter(organisation=OuterRef("pk"), status__in=Membership.RUNNING)
        chosen = Organisation.objects.filter(pk__in=pks).annotate(is_member=Exists(running))
        return chosen.order_by("name", "pk")

    def page_of(self, thing: Any) -> str:
        """Return where it is edited: it has no other page."""
        return reverse("membership_organisation:edit", args=[thing.pk])


class ConfirmMany(ManyOrganisations):
    """Say that organisations exist which came in through a form."""

    display_name = gettext_lazy("Confirm")
    action_type = "confirm"
    action_priority = 10
    icon = "check"
    done = ngettext_lazy(
        "%(count)s organisation has been confirmed.",
        "%(count)s organisations have been confirmed.",
        "count",
    )

    def plan(self, things: Sequence[Any]) -> dict[int, Step]:
        """Say by what each is known; the seal is its number."""
        waiting = [each for each in things if not each.is_confirmed]
        alike = Q(name_key__in={each.name_key for each in waiting})
        numbers = {each.enterprise_number for each in waiting} - {""}
        confirmed = Organisation.objects.filter(alike | Q(enterprise_number__in=numbers), is_confirmed=True)
        holders, names = dict[tuple[str, str], str](), dict[str, str]()
        for other in confirmed:
            holders[other.country, other.enterprise_number] = names[other.name_key] = other.name
        steps = {}
        for each in things:
            number = each.enterprise_number
            seal = "".join(filter(str.isalnum, number))
            if each.is_confirmed:
                steps[each.pk] = Step(obstacle=_("It is confirmed already."))
            elif number and (each.country, number) in holders:
                steps[each.pk] = Step(obstacle=say_taken(holders[each.country, number]))
            else:
                said = [", ".join(filter(None, (number or _("no enterprise number"), each.city))) + "."]
                if each.name_key in names:
                    words = {"name": names[each.name_key]}
                    said.append(_("“%(name)s” is confirmed already: merge them if it is the same.") % words)
                steps[each.pk] = Step(words=" ".join(said), seal=seal)
                holders[each.country, number] = each.name
        return steps

    def what_happens(self, things: Sequence[Any]) -> list[str]:
        """Say what being confirmed means."""
        told = ngettext(
            "%(count)s organisation is confirmed.", "%(count)s organisations are confirmed.", len(things)
        )
        return [
            told % {"count": len(things)},
            _("From then on no other organisation can join with the same enterprise number."),
            _("Nobody gets an e-mail."),
        ]

    def do(self, thing: Organisation, data: dict[str, Any]) -> None:
        """Confirm it."""
        by: Any = self.request.user
        try:
            confirm_organisation(organisation=thing, at=timezone.now(), by=by)
        except NumberTaken as taken:
            raise Refused(say_taken(taken.holder.name)) from taken


class ListMany(ManyOrganisations):
    """Show organisations on the members page."""

    display_name = gettext_lazy("Show on the members page")
    action_type = "list"
    action_priority = 20
    icon = "view"
    is_listed = True
    done = ngettext_lazy(
        "%(count)s organisation may be shown on the members page.",
        "%(count)s organisations may be shown on the members page.",
        "count",
    )

    def plan(self, things: Sequence[Any]) -> dict[int, Step]:
        """Say when each shows; the seal is whether it does now."""
        steps = {}
        for each in things:
            if each.is_listed == self.is_listed:
                steps[each.pk] = Step(obstacle=self.say_same())
            else:
                shows = each.is_member and each.is_confirmed
                steps[each.pk] = Step(words=self.say_one(shows), seal=str(int(shows)))
        return steps

    def say_same(self) -> str:
        """Say that it is so already."""
        return _("It may be shown already.")

    def say_one(self, shows: bool) -> str:
        """Say what becomes of one that is a member, or not."""
        if shows:
            return _("it is shown at once.")
        return _("it is shown as soon as it is confirmed and a member.")

    def what_happens(self, things: Sequence[Any]) -> list[str]:
        """Say how many."""
        return [self.say_done(len(things)), _("Nobody gets an e-mail.")]

    def do(self, thing: Organisation, data: dict[str, Any]) -> None:
        """Show it, or not."""
        by: Any = self.request.user
        list_organisation(organisation=thing, is_listed=self.is_listed, at=timezone.now(), by=by)


class UnlistMany(ListMany):
    """Keep organisations off the members page."""

    display_name = gettext_lazy("Keep off the members page")
    action_type = "unlist"
    action_priority = 30
    icon = "no-view"
    is_listed = False
    done = ngettext_lazy(
        "%(count)s organisation is kept off the members page.",
        "%(count)s organisations are kept off the members page.",
        "count",
    )

    def say_same(self) -> str:
        """Say that it is so already."""
        return _("It is kept off already.")

    def say_one(self, shows: bool) -> str:
        """Say what becomes of one that is a member, or not."""
        return _("it disappears at once.") if shows else _("it is not shown now either.")


def say_taken(name: str) -> str:
    """Say which organisation has the enterprise number."""
    return _("%(name)s has the same enterprise number: merge them.") % {"name": name}
