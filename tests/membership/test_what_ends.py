"""All that hangs on a membership ends with it, in one transaction, by whichever way it ends."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from billing.models import AutomaticPayment, Invoice, PaymentMeans
from billing.queries import active_means, open_amount
from cms.models import OutgoingMail
from cms.operations.links import create_link
from extranet.models import LibraryPage, MemberHomePage
from home.models import HomePage
from membership.emails import PAY, STOP
from membership.models import Affiliation, Charge, EmailDomain, Invitation, Membership, MembersPage, Tier
from membership.operations.changes import resign_membership, upgrade_membership
from membership.operations.domains import allow_domain
from membership.operations.invitations import answer_request, invite_colleague
from membership.queries import (
    current_members,
    expected_charges,
    has_renewals,
    listed_members,
    organisation_by_address,
    own_membership,
    suggested_names,
    upgrade_quote,
)
from membership.signals import membership_ended
from tests.extranet.test_member_zone import add_document, body
from tests.factories.accounts import make_user
from tests.factories.billing import fill_in_issuer
from tests.membership.life import FIRST, groups_of, join, live, mails, member, morning, pay_all, pay_invoice
from tests.membership.linked import HERE, RESIGN
from tests.queue import drain

pytestmark = pytest.mark.django_db
ENDS_ON = date(2028, 2, 29)
CONTACT, COLLEAGUE = "noor@lantaarnwerk.example", "piet@lantaarnwerk.example"


@pytest.fixture
def membership(home: HomePage) -> Membership:
    """A member with a colleague, an open invitation, a domain, a listing and something saved."""
    fill_in_issuer()
    zone = home.add_child(instance=MemberHomePage(title="Ledenzone", slug="ledenzone"))
    zone.add_child(instance=LibraryPage(title="Bibliotheek", slug="bibliotheek"))
    home.add_child(instance=MembersPage(title="Leden", slug="leden"))
    membership = member()
    contact = User.objects.get(email=CONTACT)
    EmailAddress.objects.filter(user=contact).update(verified=True)
    colleague = make_user(email=COLLEAGUE)
    Affiliation.objects.create(organisation=membership.organisation, user=colleague)
    allow_domain(organisation=membership.organisation, at=morning(FIRST), by=contact)
    return membership


def fill(membership: Membership, *, on: date) -> None:
    """What comes and goes: an invitation, something saved, and its automatic payment that was announced."""
    organisation, at = membership.organisation, morning(on)
    assert organisation.customer
    invite_colleague(
        organisation=organisation, email="an@lantaarnwerk.example", language="nl", at=at, by=None
    )
    Invitation.objects.update(expires_at=at + timedelta(days=90))  # else its thirty days end it first
    means = PaymentMeans.objects.create(
        customer=organisation.customer, stripe_id="pm_1", kind="card", last4="4242", agreed_at=at, saved_at=at
    )
    invoice = Charge.objects.latest("pk").invoice
    assert invoice
    AutomaticPayment.objects.create(
        invoice=invoice,
        means=means,
        charge_on=on,
        next_on=on + timedelta(days=400),
        planned_at=at,
        announced_at=at,
        announced_amount=invoice.gross,
        not_before=on,
    )


def facts(membership: Membership) -> dict[str, Any]:
    """Each thing that a membership gives, as it stands at this moment."""
    organisation, people = membership.organisation, User.objects.filter(email__in=(CONTACT, COLLEAGUE))
    contact = User.objects.get(email=CONTACT)
    assert organisation.customer
    return {
        "access": set().union(*(groups_of(each.email) for each in people)),
        "directory": listed_members().filter(pk=organisation.pk).exists(),
        "names that forms suggest": organisation.name in suggested_names(),
        "counted as a member": current_members().filter(pk=organisation.pk).exists(),
        "invitations": Invitation.objects.filter(organisation=organisation).count(),
        "domains": EmailDomain.objects.filter(organisation=organisation).count(),
        "joining by domain": organisation_by_address("els@lantaarnwerk.example") is not None,
        "changing it": own_membership(contact, membership.pk) is not None,
        "means of payment": active_means(organisation.customer) is not None,
        "automatic payments": AutomaticPayment.objects.filter(status__in=AutomaticPayment.OPEN).count(),
        "renewals": has_renewals(organisation.customer),
        "expected income": len(expected_charges(date(2020, 1, 1), date(2040, 1, 1))),
    }


RUNNING = {
    "access": {"inform", "connect"},
    "directory": True,
    "names that forms suggest": True,
    "counted as a member": True,
    "invitations": 1,
    "domains": 1,
    "joining by domain": True,
    "changing it": True,
    "means of payment": True,
    "automatic payments": 1,
    "renewals": True,
}
ENDED = {
    "access": set(),
    "directory": False,
    "names that forms suggest": False,
    "counted as a member": False,
    "invitations": 0,
    "domains": 0,
    "joining by domain": False,
    "changing it": False,
    "means of payment": False,
    "automatic payments": 0,
    "renewals": False,
    "expected income": 0,
}


@pytest.fixture
def heard() -> Iterator[list[dict[str, Any]]]:
    """What stood in the database at the moment at which others were told, within the transaction."""
    found: list[dict[str, Any]] = []

    def listen(sender: type, membership_id: int, organisation_id: int, **words: Any) -> None:
        assert connection.in_atomic_block
        membership = Membership.objects.get(pk=membership_id)
        assert membership.organisation_id == organisation_id
        found.append(facts(membership))

    membership_ended.connect(listen)
    yield found
    membership_ended.disconnect(listen)


def go_unpaid(membership: Membership) -> date:
    """Renewed and never paid; the day on which it lapses."""
    live(ENDS_ON - timedelta(days=30), ENDS_ON + timedelta(days=1), step=31)
    fill(membership, on=ENDS_ON + timedelta(days=1))
    membership.refresh_from_db()
    assert membership.lapses_on == ENDS_ON + timedelta(days=61)
    return membership.lapses_on


def resign(membership: Membership) -> date:
    """Resigned; the day on which the term is over."""
    fill(membership, on=ENDS_ON - timedelta(days=40))
    resign_membership(
        membership=membership, because="budget", at=morning(ENDS_ON - timedelta(days=40)), by=None
    )
    return ENDS_ON + timedelta(days=1)


WAYS = pytest.mark.parametrize("way", [go_unpaid, resign])


@WAYS
def test_everything_has_ended_when_others_are_told(
    membership: Membership, heard: list[dict[str, Any]], way: Any
) -> None:
    over_on = way(membership)
    before = facts(membership)
    expected = RUNNING if way is go_unpaid else {**RUNNING, "renewals": False}
    assert {name: before[name] for name in RUNNING} == expected
    live(over_on - timedelta(days=16), over_on - timedelta(days=1), step=15)
    assert heard == []
    live(over_on, over_on)
    assert heard == [ENDED]
    assert facts(Membership.objects.get()) == ENDED
    live(over_on, over_on + timedelta(days=1))
    assert len(heard) == 1


@WAYS
def test_where_one_thing_fails_nothing_of_it_ends(membership: Membership, way: Any) -> None:
    over_on = way(membership)
    live(over_on - timedelta(days=1), over_on - timedelta(days=1))
    before = facts(membership)

    def fail(sender: type, **words: Any) -> None:
        raise ZeroDivisionError

    membership_ended.connect(fail)
    try:
        with pytest.raises(CommandError):
            live(over_on, over_on)
    finally:
        membership_ended.disconnect(fail)
    assert Membership.objects.get().is_running
    assert facts(membership) == before
    assert mails("ended") == []
    live(over_on, over_on)
    assert facts(membership) == ENDED


def test_what_was_open_is_shut_to_the_people_and_links_of_a_lapsed_member(membership: Membership) -> None:
    lapses_on = go_unpaid(membership)
    document, contact = add_document("connect"), User.objects.get(email=CONTACT)
    place, at = Affiliation.objects.get(user=contact), timezone.now()
    stop, pay = (
        reverse(
            "membership:linked", args=[create_link(target=place, purpose=purpose, at=at, expires_at=None)]
        )
        for purpose in (STOP, PAY)
    )
    invited = reverse(
        "membership:accept",
        args=[
            create_link(
                target=Invitation.objects.get(), purpose="membership-invitation", at=at, expires_at=None
            )
        ],
    )
    client, anybody = Client(), Client()
    client.force_login(contact)

    def opens() -> list[bool]:
        return [
            body(client, document.url) == (200, "geheim"),
            client.get("/nl/ledenzone/bibliotheek/").status_code == 200,
            "Lantaarnwerk" in anybody.get("/nl/leden/").content.decode(),
            anybody.get(f"{stop}opzeggen/").status_code == 200,
            "Factuur" in anybody.get(pay).content.decode(),
            anybody.get(invited).status_code == 200,
        ]

    assert opens() == [True] * 6
    live(lapses_on - timedelta(days=1), lapses_on)
    assert opens() == [False] * 6
    assert "Opnieuw lid worden" in anybody.get(pay).content.decode()
    assert anybody.post(f"{stop}opzeggen/", RESIGN, **HERE).status_code == 404
    answer_request(email="els@lantaarnwerk.example", language="nl", at=morning(lapses_on))
    assert len(mails("no_organisation")) == 1
    renewal = Charge.objects.get(purpose="renewal")
    assert renewal.invoice
    assert (renewal.invoice.status, open_amount(renewal.invoice)) == ("credited", Decimal(0))


def test_nobody_is_mailed_as_a_member_afterwards(membership: Membership) -> None:
    lapses_on = go_unpaid(membership)
    live(lapses_on, lapses_on)
    known = set(OutgoingMail.objects.values_list("pk", flat=True))
    live(lapses_on + timedelta(days=1), lapses_on + timedelta(days=800), step=47)
    drain()
    later = OutgoingMail.objects.exclude(pk__in=known).values_list("template", flat=True)
    assert [name for name in later if not name.startswith("billing/")] == []


def test_a_term_that_was_paid_ahead_is_paid_back_when_it_does_not_come(membership: Membership) -> None:
    """An upgrade that is not paid lets a membership lapse, whose next term is paid already."""
    on = ENDS_ON - timedelta(days=80)
    tier = Tier.objects.get(slug="cultivate")
    quote = upgrade_quote(membership=membership, tier=tier, at=morning(on - timedelta(days=20)))
    upgrade = upgrade_membership(
        membership=membership, tier=tier, quoted=quote.amount, at=morning(on - timedelta(days=20)), by=None
    )
    assert upgrade.invoice
    live(on, ENDS_ON - timedelta(days=29))
    renewal = Charge.objects.get(purpose="renewal").invoice
    assert renewal
    pay_invoice(renewal, ENDS_ON - timedelta(days=20))
    live(ENDS_ON - timedelta(days=20), ENDS_ON - timedelta(days=1))
    membership.refresh_from_db()
    assert membership.status == "lapsed"
    renewal.refresh_from_db()
    assert (renewal.status, open_amount(renewal)) == ("credited", -renewal.gross)
    assert Invoice.objects.get(pk=upgrade.invoice.pk).status == "credited"


def test_who_joins_again_has_what_a_member_has_and_nothing_of_before(membership: Membership) -> None:
    lapses_on = go_unpaid(membership)
    live(lapses_on, lapses_on)
    join(lapses_on + timedelta(days=9), by=User.objects.get(email=CONTACT))
    pay_all(lapses_on + timedelta(days=9))
    now = facts(membership)
    back = ("access", "directory")
    assert {name: now[name] for name in back} == {name: RUNNING[name] for name in back}
    for name in ("invitations", "domains", "means of payment", "automatic payments"):
        assert now[name] == ENDED[name], name
