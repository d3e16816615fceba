"""The forms behind the private links in the mails about a membership."""

from django.utils import timezone

from billing.models import CheckoutAttempt
from cms.operations.links import create_link
from membership.emails import APPLICATION, PAY, STOP
from membership.models import Affiliation, Membership
from membership.queries import start_charge
from tests.factories.billing import fill_in_issuer
from tests.journeys.forms import ONE_BUTTON, FormCase, Opener, World
from tests.membership import life


def link_of_member(name: str, purpose: str) -> Opener:
    """A page behind the link of a main contact; with an invoice to pay where the address has one."""

    def open_link(world: World) -> str:
        fill_in_issuer()
        membership = life.join(timezone.localdate())
        life.pay_all(timezone.localdate())
        place = Affiliation.objects.get(organisation=membership.organisation)
        token = create_link(target=place, purpose=purpose, at=timezone.now())
        if purpose == STOP:
            return world.url(name, token)
        late = life.join(timezone.localdate(), number="0999888767")
        Membership.objects.filter(pk=late.pk).update(organisation=membership.organisation, status="closed")
        return world.url(name, token, invoice_of(late))

    return open_link


def link_of_applicant(name: str, *, with_invoice: bool = False) -> Opener:
    """A page behind the link of who applied."""

    def open_link(world: World) -> str:
        fill_in_issuer()
        membership = life.join(timezone.localdate())
        token = create_link(target=membership.application, purpose=APPLICATION, at=timezone.now())
        return world.url(name, token, *([invoice_of(membership)] if with_invoice else []))

    return open_link


def invoice_of(membership: Membership) -> int:
    """The id of its first invoice."""
    invoice = start_charge(membership).invoice
    assert invoice is not None
    return invoice.pk


BEHIND_LINKS = (
    FormCase(
        "resign by a link",
        ("membership:linked_resign",),
        link_of_member("membership:linked_resign", STOP),
        {"because": "budget", "note": "Te duur"},
        wrong=(("because", ""), ("because", "none"), ("note", "x" * 501)),
        unlimited=ONE_BUTTON,
    ),
    FormCase(
        "pay for a membership by a link",
        ("membership:linked_invoice_pay",),
        link_of_member("membership:linked_invoice_pay", PAY),
        unlimited=ONE_BUTTON,
        rows=CheckoutAttempt.objects.count,
    ),
    FormCase(
        "withdraw an application",
        ("membership:application_withdraw",),
        link_of_applicant("membership:application_withdraw"),
        unlimited=ONE_BUTTON,
    ),
    FormCase(
        "pay for an application by a link",
        ("membership:application_invoice_pay",),
        link_of_applicant("membership:application_invoice_pay", with_invoice=True),
        unlimited=ONE_BUTTON,
        rows=CheckoutAttempt.objects.count,
    ),
)
