"""A form by which somebody changes something of the own organisation, and the door for who logs in.

The form does not ask how a person came in: a door before it says who it is. The other door is a private link
(`membership.views.own.linked`).
"""

import logging
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, View

from accounts.models import User
from billing.models.issuer import IssuerIncomplete
from billing.operations.invoices import VatUnconfirmed
from billing.rules import SeriesIsFull
from cms.limits import within_limits
from cms.navigation import find_landmark, way_to
from membership.models import Membership, Organisation
from membership.operations.changes import Engaged, NotLower, QuoteChanged
from membership.operations.invitations import InvitationGone
from membership.operations.people import NotOfOrganisation
from membership.operations.renewing import RenewalPaid
from membership.operations.rights import MayNotChange
from membership.queries import AlreadyResigned, NotHigher, NotRunning

CHANGED_MEANWHILE = (
    *(AlreadyResigned, Engaged, InvitationGone, MayNotChange, NotHigher, NotLower),
    *(NotOfOrganisation, NotRunning),
)
NEXT_TERM_PAID = gettext_lazy(
    "The next membership year has been paid already. Please contact us to change it."
)
logger = logging.getLogger(__name__)


class SureForm(forms.Form):
    """Nothing to fill in: only to confirm."""


class OwnForm(FormView):
    """A form about something of one's organisation; to who may not change it the address does not exist.

    The door before it has set `person`.
    """

    template_name = "membership/own/change.html"
    heading: Promise
    button: Promise
    form_class: type[forms.Form] = SureForm
    limit = ("own-membership", 5)
    """What counts together, and how often an hour an organisation may do it: it mails people."""
    works_in_grace = False
    """Whether it may be done in grace too, so that grace is never the reason why not."""
    organisation: Organisation
    person: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find the thing; what cannot be done with it any more leads back."""
        organisation = self.find(self.number)
        if organisation is None:
            raise Http404
        self.organisation = organisation
        if not self.is_fit():
            why_read_only = "" if self.works_in_grace else self.why_read_only()
            messages.info(request, why_read_only or self.why_not())
            return redirect(self.back_url)
        return super().dispatch(request, *args, **kwargs)

    @property
    def number(self) -> int:
        """The id of what the form is about, as the address says it."""
        pk: int = self.kwargs["pk"]
        return pk

    @property
    def back_url(self) -> str:
        """Where one came from, and goes on to."""
        return reverse("membership:own")

    def way(self) -> dict[str, Any]:
        """Say where the form stands."""
        zone = find_landmark("member zone", self.request)
        own = (_("My organisation"), self.back_url)
        return way_to(self.request, zone, own, (str(self.heading), ""))

    def find(self, pk: int) -> Organisation | None:
        """Keep the thing with this id, and return the organisation that it is of; None where one may not."""
        raise NotImplementedError

    def is_fit(self) -> bool:
        """Say whether this may be done now."""
        return True

    def why_not(self) -> str:
        """Say why this may not be done now."""
        return _("This cannot be changed now.")

    def why_read_only(self) -> str:
        """Say that an unpaid membership keeps it from being done, where that is so; "" otherwise.

        The page that one comes back to says what is to be paid, and how.
        """
        running = Membership.objects.filter(organisation=self.organisation, status__in=Membership.RUNNING)
        membership = running.first()
        if membership is None or not membership.is_read_only:
            return ""
        return _(
            "You can only read for now: an invoice is overdue. You can change this again once it is paid; "
            "below you see what there is to pay."
        )

    def sentences(self) -> list[str]:
        """Return what a person reads before confirming."""
        raise NotImplementedError

    @property
    def facts_label(self) -> str:
        """Return what stands above the list of `facts`."""
        return ""

    def facts(self) -> list[tuple[str, str]]:
        """Return what stands in a list below the sentences and `facts_label`, each with its name."""
        return []

    def act(self, form: Any) -> str:
        """Do it, and return the address to go on to. Raises QuoteChanged and RenewalPaid."""
        raise NotImplementedError

    def may_mail(self, form: forms.Form) -> bool:
        """Count a mail to somebody who did not ask for it; say it on the form when there were too many."""
        return True

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Do it; say it beside the form when it cannot be."""
        whose = f"organisation {self.organisation.pk}"
        scope, most = self.limit
        if not within_limits(
            form, self.request, scope=scope, address=whose, per_address=most, at=timezone.now()
        ) or not self.may_mail(form):
            return self.render_to_response(self.get_context_data(form=form), status=429)
        try:
            return redirect(self.act(form))
        except QuoteChanged:
            return redirect(self.request.path)  # shows the new price
        except RenewalPaid:
            form.add_error(None, str(NEXT_TERM_PAID))
        except VatUnconfirmed:
            form.add_error(
                None,
                _(
                    "Your VAT number has not been confirmed yet, so no invoice can be made. "
                    "Please try again tomorrow, or contact us."
                ),
            )
        except (*CHANGED_MEANWHILE, LookupError, IssuerIncomplete, SeriesIsFull):
            logger.exception("organisation %s could not be changed", self.organisation.pk)
            form.add_error(None, _("This cannot be changed now. Please contact us if that surprises you."))
        return self.form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the words, and the way back."""
        return super().get_context_data(
            heading=self.heading,
            button=self.button,
            sentences=self.sentences(),
            facts_label=self.facts_label,
            facts=self.facts(),
            organisation=self.organisation,
            back_url=self.back_url,
            **self.way(),
            **kwargs,
        )


@method_decorator(never_cache, name="dispatch")
class ByPerson(LoginRequiredMixin, View):
    """The door for who logs in."""

    person: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep the person, else ask to log in and come back."""
        if not isinstance(request.user, User):
            return self.handle_no_permission()
        self.person = request.user
        return super().dispatch(request, *args, **kwargs)


class OwnFormView(ByPerson, OwnForm):
    """A form for who logs in."""
