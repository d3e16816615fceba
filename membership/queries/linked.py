"""What the private link of a mail shows somebody: their membership or application, and no colleagues."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from billing.models import AutomaticPayment, Invoice
from billing.queries import plans_of, with_open_amount
from membership.models.application import Application
from membership.models.lifecycle import Lifecycle
from membership.models.membership import Charge, Membership
from membership.models.organisation import Affiliation, Organisation
from membership.queries.members import held_invoice, waits_for_vat
from membership.queries.renewals import NextTerm, next_terms
from membership.queries.standing import ACTS, shown_memberships
from membership.queries.terms import renewal_of, start_charge


@dataclass(frozen=True)
class LinkedPlace:
    """A place in an organisation as its link shows it: the last membership, and what comes next.

    Who acts for the organisation also sees what it costs: `next_term`, its `renewal` if that was charged,
    else the day of its invoice, the open `invoices` (the oldest first, each with `left`, to be paid in EUR),
    and the automatic payments that are to come or under way (`plans`, by the id of their invoice).
    """

    affiliation: Affiliation
    membership: Membership | None
    next_term: NextTerm | None
    renewal: Charge | None
    invoice_on: date | None
    invoices: list[Invoice]
    plans: dict[int, AutomaticPayment]

    @property
    def plan(self) -> AutomaticPayment | None:
        """The automatic payment of the renewal."""
        invoice = self.renewal.invoice_id if self.renewal else None
        return self.plans.get(invoice) if invoice else None


@dataclass(frozen=True)
class LinkedApplication:
    """An application as its link shows it; while it is open with its charge, and with what it waits for.

    That is approval, of one that is paid too (`is_held`), a VAT number to be confirmed, or the payment of
    its `invoice` up to and including a day. What was paid of one that waits for approval may have gone back:
    then something is `left` to be paid, in EUR.
    """

    application: Application
    charge: Charge | None
    invoice: Invoice | None
    pay_until: date | None
    waits_for_vat: bool
    left: Decimal | None = None

    @property
    def is_held(self) -> bool:
        """Whether it is paid, and waits for approval."""
        return self.left is not None and self.left <= 0


def place_behind(pk: int) -> Affiliation | None:
    """Return a place in an organisation, if it did not end and its person can log in."""
    running = Affiliation.objects.filter(pk=pk, ended_at__isnull=True, user__is_active=True)
    return running.select_related("user", "organisation__customer").first()


def linked_place(affiliation: Affiliation, *, on: date) -> LinkedPlace:
    """Return what the link to a place shows on a day."""
    membership = shown_memberships([affiliation.organisation_id]).get(affiliation.organisation_id)
    if membership:
        membership.organisation = affiliation.organisation
    if affiliation.role not in ACTS:
        return LinkedPlace(affiliation, membership, None, None, None, [], {})
    goes_on = (
        membership is not None
        and membership.is_running
        and not membership.is_lapse_held
        and (membership.resigned_at is None or membership.stays_until != membership.ends_on)
    )
    term = next_terms([membership]).get(membership.pk) if membership and goes_on else None
    renewal = renewal_of(membership) if membership and term and term.is_charged else None
    invoice_on = None
    if membership and membership.ends_on and term and not term.is_charged:
        invoice_on = max(membership.ends_on - timedelta(days=Lifecycle.load().invoice_days), on)
    unpaid = _invoices_of(affiliation.organisation).filter(status__in=Invoice.OPEN)
    invoices = list(with_open_amount(unpaid).order_by("due_on", "pk"))
    customer = affiliation.organisation.customer
    plans = {each.invoice_id: each for each in plans_of(customer)} if customer else {}
    return LinkedPlace(affiliation, membership, term, renewal, invoice_on, invoices, plans)


def invoice_behind(affiliation: Affiliation, pk: int, *, since: datetime) -> Invoice | None:
    """Return an invoice for the membership that the link of who acts for it opens.

    That is one that is open, or was paid since the link was made: what was settled before is for who logs in.
    """
    if affiliation.role not in ACTS:
        return None
    open_since = Q(status__in=Invoice.OPEN) | Q(payments__recorded_at__gte=since)
    found = _invoices_of(affiliation.organisation).filter(open_since, pk=pk)
    return found.select_related("customer").first()


def linked_application(application: Application, *, at: datetime) -> LinkedApplication:
    """Return what the link to an application shows."""
    membership = application.membership
    statuses = Membership.Status
    if membership.status not in (statuses.APPLIED, statuses.AWAITING_PAYMENT):
        return LinkedApplication(application, None, None, None, False)
    charge = start_charge(membership)
    invoice = charge.invoice
    pay_until = None
    if invoice:
        is_asked_again = invoice.mailed_at and invoice.payments.exists()  # see `close_unpaid_applications`
        asked_on = timezone.localdate(invoice.mailed_at) if is_asked_again else invoice.issued_on
        pay_until = asked_on + timedelta(days=Lifecycle.load().application_days)
    person = User.objects.filter(email__iexact=application.email).first()
    waits = waits_for_vat(membership, person, at=at)
    left = held.left if (held := held_invoice(membership)) else None
    return LinkedApplication(application, charge, invoice, pay_until, waits, left)


def application_behind(pk: int) -> Application | None:
    """Return an application whose contact was not forgotten."""
    known = Application.objects.filter(pk=pk).exclude(email="")
    return known.select_related("membership__organisation__customer", "membership__tier").first()


def _invoices_of(organisation: Organisation) -> QuerySet[Invoice]:
    """Return the invoices that hold for the memberships of an organisation."""
    charges = Charge.objects.filter(membership__organisation=organisation, voided_at__isnull=True)
    return Invoice.objects.filter(pk__in=charges.values("invoice"))
