"""What the treasurer does with many memberships at once: more time for who has not paid, and approval."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from billing.models import Invoice, Issuer
from billing.models.issuer import IssuerIncomplete
from billing.numbers import BELGIUM
from billing.operations.invoices import VatUnconfirmed
from billing.queries import vat_standings, with_open_amount
from billing.rules import SeriesIsFull
from billing.vat import CONFIRMED, REFUSED, REVERSE_CHARGE, treatment_for
from billing.viewsets.bulk import ManyAction, Refused, Step
from cms.amounts import say_euro
from membership.forms import ExtendManyForm
from membership.models import Application, Charge, Lifecycle, Membership, Organisation
from membership.operations.charges import lock_membership
from membership.operations.ending import AlreadySoLong, extend_grace
from membership.operations.holding import NumberTaken, OtherKind
from membership.operations.joining import NotApplied, approve_application
from membership.queries import NotRunning, known_by_number, other_kind, with_open_membership
from membership.viewsets.longer import lapses_after, say_longer
from membership.viewsets.memberships import MembershipViewSet

Status = Membership.Status


class ManyMemberships(ManyAction):
    """An action on many memberships."""

    models = [Membership]
    viewset = MembershipViewSet
    permission = "membership.change_membership"

    def rows(self, pks: Sequence[int]) -> QuerySet[Membership]:
        """Return them by name."""
        memberships = Membership.objects.filter(pk__in=pks).select_related("organisation", "tier")
        return memberships.order_by("organisation__name", "pk")

    def name(self, thing: Any) -> str:
        """Name a membership by its organisation and its tier."""
        return f"{thing.organisation}, {thing.tier}"

    def lock(self, pk: int) -> None:
        """Lock what hangs on it first, as each operation does."""
        lock_membership(Membership(pk=pk))


class ExtendMany(ManyMemberships):
    """Give unpaid members more time; on which day each lapses is told before it is done."""

    display_name = gettext_lazy("Extend the grace period")
    action_type = "extend"
    action_priority = 10
    icon = "date"
    form_class = ExtendManyForm
    done = ngettext_lazy(
        "%(count)s membership may run longer.",
        "%(count)s memberships may run longer.",
        "count",
    )

    @property
    def days(self) -> int:
        """How many days were typed and are told of, or are confirmed; 0 while they are asked for."""
        return self.told.cleaned_data["days"] if self.told else 0

    def plan(self, things: Sequence[Membership]) -> dict[int, Step]:
        """Say when each lapses, with what was typed; the seal is when it lapses now."""
        now, lifecycle, steps = timezone.now(), Lifecycle.load(), {}
        for membership in things:
            last = membership.lapses_on
            if membership.status not in Membership.UNPAID or last is None:
                words = {"status": membership.get_status_display()}
                steps[membership.pk] = Step(
                    obstacle=_(
                        "Only for a membership that is past due or in its grace period, not for: %(status)s."
                    )
                    % words
                )
                continue
            told = _("unpaid, it lapses on %(day)s.")
            if membership.is_lapse_held:
                told = _("it should have lapsed on %(day)s.")
            said = [told % {"day": date_format(last)}]
            if self.days:
                if not lapses_after(membership, self.days, at=now):
                    steps[membership.pk] = Step(obstacle=_("That day has passed already."))
                    continue
                said = say_longer(membership, self.days, at=now, lifecycle=lifecycle)
            steps[membership.pk] = Step(words=" ".join(said), seal=last.isoformat())
        return steps

    def what_happens(self, things: Sequence[Any]) -> list[str]:
        """Ask for the days, or say what they do."""
        count = len(things)
        if not self.days:
            told = ngettext(
                "%(count)s unpaid membership may run longer. Type how many days: you first see which day "
                "that is.",
                "%(count)s unpaid memberships may run longer. Type how many days: you first see which day "
                "that is for each.",
                count,
            )
            return [told % {"count": count}]
        told = ngettext(
            "%(count)s unpaid membership lapses %(later)s.",
            "%(count)s unpaid memberships lapse %(later)s.",
            count,
        )
        later = ngettext("%(days)s day later", "%(days)s days later", self.days) % {"days": self.days}
        return [
            told % {"count": count, "later": later},
            _("What is to be paid stays the same, and nobody gets an e-mail."),
            _("Check it, and confirm once more."),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Let the button say that the days are told first."""
        self.button_label = "" if self.told else gettext_lazy("See on which day")
        return super().get_context_data(**kwargs)

    def do(self, thing: Membership, data: dict[str, Any]) -> None:
        """Extend it."""
        try:
            extend_grace(
                membership=thing,
                days=data["days"],
                reason=data["reason"],
                at=timezone.now(),
                by=self.request.user,
            )
        except (AlreadySoLong, NotRunning) as refused:
            raise Refused(str(self.has_changed)) from refused


class ApproveMany(ManyMemberships):
    """Approve applications."""

    display_name = gettext_lazy("Approve applications")
    action_type = "approve"
    action_priority = 20
    icon = "check"
    done = ngettext_lazy(
        "%(count)s application is approved; what is to be paid is on its way.",
        "%(count)s applications are approved; what is to be paid is on its way.",
        "count",
    )

    def rows(self, pks: Sequence[int]) -> QuerySet[Membership]:
        """Return them with what they cost and who applied."""
        starts = Charge.objects.filter(purpose=Charge.Purpose.START, voided_at__isnull=True)
        memberships = super().rows(pks).prefetch_related(Prefetch("charges", starts, to_attr="starts"))
        return memberships.select_related("application")

    def plan(self, things: Sequence[Any]) -> dict[int, Step]:
        """Say what is asked of whom; the seal is how much, and whether the money is asked first."""
        waiting = [each for each in things if each.status == Status.APPLIED]
        unconfirmed = self._unconfirmed([each.application for each in waiting])
        known = known_by_number([each.organisation for each in waiting])
        members = with_open_membership(known.values())
        left = self._left(waiting)
        asks_first, steps = Lifecycle.load().asks_payment_first, {}
        for membership in things:
            if membership.status != Status.APPLIED:
                words = {"status": membership.get_status_display()}
                steps[membership.pk] = Step(obstacle=_("It does not wait for approval: %(status)s.") % words)
                continue
            holder = known.get(membership.organisation_id)
            if holder and holder.pk != membership.organisation_id and holder.pk in members:
                steps[membership.pk] = Step(obstacle=say_taken(holder.name))
                continue
            if other := other_kind(membership, known=holder or membership.organisation):
                steps[membership.pk] = Step(obstacle=say_other_kind(other))
                continue
            application, fee = membership.application, fee_of(membership)
            details = application.details
            if fee and details["vat_number"] in unconfirmed:
                steps[membership.pk] = Step(obstacle=say_unconfirmed(details["vat_number"]))
                continue
            is_first = asks_first or application.pays_online
            words = {"amount": say_euro(fee), "email": details["email"]}
            said = _("an invoice of %(amount)s, VAT excluded, to %(email)s.") % words
            if (open_amount := left.get(membership.pk)) is not None:
                said = _("what was to be paid is paid: it starts at once.")
                if open_amount > 0:
                    words["amount"] = say_euro(open_amount)
                    said = _("%(amount)s is to be paid again: the invoice is mailed to %(email)s.") % words
            elif not fee:
                said = _("nothing is to be paid: it starts at once.")
            elif is_first:
                said = _("a pro forma invoice of %(amount)s, VAT excluded, to %(email)s.") % words
            steps[membership.pk] = Step(words=said, seal=f"{fee}:{left.get(membership.pk)}:{is_first}")
        return steps

    def _left(self, memberships: Sequence[Any]) -> dict[int, Decimal]:
        """Return what is open of the invoice of each that was invoiced (`held_invoice`), in one query."""
        invoiced = {start.invoice_id: each.pk for each in memberships for start in each.starts}
        documents: QuerySet[Any] = with_open_amount(
            Invoice.documents.filter(pk__in=[pk for pk in invoiced if pk])
        )
        return {invoiced[each.pk]: each.left for each in documents}

    def _unconfirmed(self, applications: Sequence[Application]) -> set[str]:
        """Return the VAT numbers on which an invoice with reverse charge waits, in one query."""
        regime = Issuer.load().vat_regime
        abroad = {
            number
            for each in applications
            if (number := each.details["vat_number"])
            and treatment_for(regime=regime, country=each.details.get("country", BELGIUM), vat_number=number)
            == REVERSE_CHARGE
        }
        found = vat_standings(abroad, at=timezone.now()) if abroad else {}
        return {number for number, known in found.items() if known.state not in (CONFIRMED, REFUSED)}

    def what_happens(self, things: Sequence[Any]) -> list[str]:
        """Say how many, and how much is asked."""
        count = len(things)
        total = sum((fee_of(each) for each in things), Decimal(0))
        told = ngettext(
            "%(count)s application is approved: %(amount)s, VAT excluded, is asked for by mail.",
            "%(count)s applications are approved: in total %(amount)s, VAT excluded, is asked for by mail.",
            count,
        )
        if not total:
            told = ngettext(
                "%(count)s application is approved; nothing is asked for by mail.",
                "%(count)s applications are approved; nothing is asked for by mail.",
                count,
            )
        return [
            told % {"count": count, "amount": say_euro(total)},
            _("Each membership starts on the day that it is paid; at once where nothing is left to pay."),
        ]

    def do(self, thing: Membership, data: dict[str, Any]) -> None:
        """Approve it."""
        try:
            approve_application(membership=thing, at=timezone.now(), by=self.request.user)
        except VatUnconfirmed as unconfirmed:
            raise Refused(say_unconfirmed(str(unconfirmed))) from unconfirmed
        except NumberTaken as taken:
            raise Refused(say_taken(taken.holder.name)) from taken
        except OtherKind as other:
            raise Refused(say_other_kind(other.organisation)) from other
        except NotApplied as gone:
            raise Refused(str(self.has_changed)) from gone
        except (IssuerIncomplete, SeriesIsFull) as missing:
            why = _("It cannot be invoiced: see the association’s details in the settings.")
            raise Refused(why) from missing


def fee_of(membership: Any) -> Decimal:
    """Return what is asked of an application when it is approved, in EUR without VAT."""
    return sum((charge.yearly_fee for charge in membership.starts if not charge.invoice_id), Decimal(0))


def say_taken(name: str) -> str:
    """Say whose the enterprise number is."""
    return _("The enterprise number is of %(holder)s, which is a member already.") % {"holder": name}


def say_other_kind(organisation: Organisation) -> str:
    """Say that it was applied for as another kind."""
    words = {"name": organisation.name, "kind": organisation.get_kind_display()}
    return _("%(name)s is known as another kind of organisation: %(kind)s.") % words


def say_unconfirmed(number: str) -> str:
    """Say that an invoice waits for a VAT number."""
    return _("The VAT number %(number)s is not confirmed yet. See the customer.") % {"number": number}
