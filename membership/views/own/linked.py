"""The membership behind the private link of a mail: to look, and the one thing that the mail is about.

All else asks to log in. Nothing here tells of colleagues, and a link does what its purpose says as long
as the place it is of allows that: see docs/adr/0019-links-in-the-mails-about-a-membership.md.
"""

from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.models import Invoice
from billing.operations.plans import is_too_much, means_to_charge
from cms.navigation import way_to
from cms.views.errors import NotHere
from membership.emails import OWN_LINKS, PAY, STOP
from membership.models import Affiliation, Membership, Organisation
from membership.queries import invoice_behind, linked_place, may_resign, place_behind
from membership.views.links import MailedInvoiceView, MailedLinkView
from membership.views.own.membership import Resignation


class ByLink(MailedLinkView):
    """The door for who holds a link to a place in an organisation: the person is the one of the place."""

    purpose: str | Collection[str] = OWN_LINKS
    page = "linked"
    title = _("Your membership")
    back_label = _("Back to your membership")
    person: User
    affiliation: Affiliation

    def may_open(self) -> bool:
        """Only as long as the place did not end, and its person may log in."""
        place = place_behind(self.link.object_id)
        if place is None:
            return False
        self.affiliation, self.person = place, place.user
        return True


class LinkedView(ByLink):
    """What the link leads to."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show where the membership stands."""
        place = linked_place(self.affiliation, on=timezone.localdate())
        membership = place.membership
        may_pay = self.link.purpose in (PAY, STOP)
        may_stop = (
            self.link.purpose == STOP
            and self.affiliation.role == Affiliation.Role.MAIN_CONTACT
            and membership is not None
            and may_resign(membership)
        )
        own = f"{reverse('membership:own')}#organisation-{self.affiliation.organisation_id}"
        query = urlencode({"next": own, "email": self.person.email})
        invoices = [
            (each, self.url_of("linked_invoice", each.pk) if may_pay else "", place.plans.get(each.pk))
            for each in place.invoices
        ]
        is_to_come = place.next_term and not place.renewal
        means = means_to_charge(self.affiliation.organisation.customer) if is_to_come else None
        context = {
            "place": place,
            "membership": membership,
            "organisation": self.affiliation.organisation,
            "person": self.person,
            "means": means,
            "is_too_much": bool(
                place.next_term and is_too_much(means, place.next_term.total_fee, at=timezone.now())
            ),
            "invoices": invoices,
            "pay": next((each for each in invoices if each[1]), None),
            "stop_url": self.url_of("linked_resign") if may_stop else "",
            "own_url": own,
            "log_in_url": f"{reverse('account_request_login_code')}?{query}",
            **way_to(request, None, (self.title, "")),
        }
        return render(request, "membership/own/linked.html", context)


class StopView(ByLink, Resignation):
    """Leaving, by the link of a notice: the same form, for who is a main contact still."""

    purpose = STOP
    is_by_link = True

    @property
    def number(self) -> int:
        """The id of the membership that runs; 0 for none."""
        running = Membership.objects.filter(
            organisation=self.affiliation.organisation_id, status__in=Membership.RUNNING
        )
        return running.values_list("pk", flat=True).first() or 0

    def find(self, pk: int) -> Organisation:
        """Keep the membership; who may not change it is asked to log in."""
        organisation = super().find(pk)
        if organisation is None:
            raise NotHere(reverse(self.log_in_to), is_link=True)
        return organisation

    def way(self) -> dict[str, Any]:
        """Say where the form stands: behind the link."""
        return way_to(self.request, None, (self.title, self.back_url), (str(self.heading), ""))


class LinkedInvoiceView(ByLink, MailedInvoiceView):
    """An invoice that is to be paid for the membership."""

    purpose = (PAY, STOP)

    def find_invoice(self, pk: int) -> Invoice | None:
        """Return what is open, or was paid behind this link."""
        return invoice_behind(self.affiliation, pk, since=self.link.created_at)
