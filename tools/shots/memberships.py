"""One's own organisation with its forms, and memberships that live on until their mails have gone out."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from itertools import count
from zlib import crc32

from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from billing.models import Invoice, Payment
from billing.operations.invoices import credit_invoice, record_payment
from billing.operations.notices import tell_debit_refused
from billing.operations.refunds import refund_payment
from billing.operations.reversals import follow_dispute
from billing.queries import refundable_amount
from cms.operations.links import create_link
from membership.emails import APPLICATION, OWN_LINKS, PAY
from membership.models import Affiliation, EmailDomain, Membership, Organisation, Tier
from membership.operations.applicants import Applicant
from membership.operations.ending import close_application, withdraw_application
from membership.operations.invitations import accept_invitation, answer_request, invite_colleague
from membership.operations.joining import apply_for_membership
from membership.operations.people import change_role, remove_colleague
from membership.queries import people_of, start_charge
from tools.bench.ledger import enterprise_number
from tools.shots import charges
from tools.shots.scenes import PEOPLE, Scene

CARD = "card"
FIRST_DAYS = {"past-due": 370, "grace": 400, "ended": 430, CARD: 345}
"""So many days ago somebody joined who pays the first year only, by what has become of it today."""
OF_MEMBERSHIP = ("own_size", "own_next_tier", "own_upgrade", "own_resign", "own_stay")
OF_ORGANISATION = ("own_profile", "own_invoicing", "own_invite", "own_allow_domain")
REFUSED = ("own_upgrade", "own_resign", "own_invite")
PLAYED = range(130, -1, -5)
"""So many days ago the clock looks at them, from their first notice on."""


def email_of(life: str, language: str) -> str:
    """Return who is the contact of a membership that was played."""
    return f"lid-{life}-{language}@demo.example"


def own(language: str) -> Iterator[Scene]:
    """One's own organisation: each form as one finds it, refused and sent, and what an unpaid one sees."""
    person = PEOPLE[language]
    membership = Membership.objects.get(organisation__affiliations__user__email=person)
    overview = reverse("membership:own")
    yield Scene("own", overview, person)
    for life in FIRST_DAYS:
        yield Scene(f"own-{life}", overview, email_of(life, language))
    words = {"email": f"collega-{language}@demo.example", "employees": "60", "website": "", "vat_number": ""}
    things = dict.fromkeys(OF_MEMBERSHIP, membership.pk)
    things |= dict.fromkeys(OF_ORGANISATION, membership.organisation_id)
    things["own_role"] = people_of(membership.organisation)[0].pk
    for name, pk in things.items():
        address, scene = reverse(f"membership:{name}", args=[pk]), name.replace("_", "-")
        yield Scene(scene, address, person)
        if name in REFUSED:
            yield Scene(f"{scene}-refused", address, person, send={})
        yield Scene(f"{scene}-sent", address, person, send=words)


def behind_links(language: str) -> Iterator[Scene]:
    """What the private links of mails lead to, for each purpose and in each state."""
    at = timezone.now()
    for life in FIRST_DAYS:
        place = Affiliation.objects.get(user__email=email_of(life, language))
        token = create_link(target=place, purpose=PAY, at=at)
        yield Scene(f"linked-{life}", reverse("membership:linked", args=[token]))
    place = Affiliation.objects.get(user__email=PEOPLE[language])
    for purpose in OWN_LINKS:
        token = create_link(target=place, purpose=purpose, at=at)
        yield Scene(f"linked-{purpose}", reverse("membership:linked", args=[token]))
    form = reverse("membership:linked_resign", args=[token])
    yield Scene("linked-resign", form)
    yield Scene("linked-resign-refused", form, send={})
    yield Scene("linked-closed", reverse("membership:linked", args=["x" * 22]))
    for membership in Membership.objects.filter(application__email=email_of("link", language)):
        token = create_link(target=membership.application, purpose=APPLICATION, at=at)
        yield Scene(
            f"linked-application-{membership.status}", reverse("membership:application", args=[token])
        )
        if membership.is_open:
            yield Scene(
                "linked-application-withdraw", reverse("membership:application_withdraw", args=[token])
            )


def cause_mails() -> None:
    """Play memberships up to today, and applications that come to nothing."""
    at = timezone.now().replace(hour=10, minute=0)  # the same day in Brussels, summer and winter
    for language in PEOPLE:
        for life, days in FIRST_DAYS.items():
            joined_at = at - timedelta(days=days)
            invoice = start_charge(_join(life, language, at=joined_at)).invoice
            if invoice:
                _pay(invoice, at=joined_at)
        close_application(membership=_join("unpaid", language, at=at), at=at, by=None)
        Tier.objects.filter(slug="cultivate").update(needs_approval=True)
        declined = _join("declined", language, at=at, tier="cultivate")
        Tier.objects.filter(slug="cultivate").update(needs_approval=False)
        close_application(membership=declined, at=at, by=None, why="Proef")
        withdraw_application(membership=_join("link", language, at=at), at=at)
        _join("link", language, at=at)
        _play_people(language, at)
        _play_money_back(language, at)
    for days in PLAYED:
        moment = at - timedelta(days=days)
        call_command("run_due", "--at", moment.isoformat(), stdout=StringIO())
    for language in PEOPLE:
        _play_charges(language, at)


def _play_people(language: str, at: datetime) -> None:
    """Let people come, change, be refused for want of a place, and go."""
    membership, domain = _join("people", language, at=at), f"proef-{language}.example"
    invoice = start_charge(membership).invoice
    if invoice:
        _pay(invoice, at=at)
    organisation = membership.organisation
    EmailDomain.objects.create(organisation=organisation, domain=domain, allowed_at=at)
    places = [
        accept_invitation(invitation=invited, first_name="Proef", last_name="Persoon", at=at)
        for invited in (
            invite_colleague(
                organisation=organisation, email=f"{name}@{domain}", language=language, at=at, by=None
            )
            for name in ("een", "twee", "drie")
        )
    ]
    for name in ("een", "vier"):
        answer_request(email=f"{name}@{domain}", language=language, at=at)
    answer_request(email=f"vijf@elders-{language}.example", language=language, at=at)
    change_role(affiliation=places[0], role="billing", at=at, by=None)
    remove_colleague(affiliation=places[1], at=at, by=None)


def _play_money_back(language: str, at: datetime) -> None:
    """Let a payer have money back, have it taken back by the bank, and be refused a direct debit."""
    invoice = start_charge(_join("money", language, at=at)).invoice
    if invoice is None:
        return
    tell_debit_refused(invoice=invoice, at=at)
    payment = _pay(invoice, at=at)
    dispute = {"id": f"du_{language}", "amount": 20_000, "status": "lost", "object": "dispute"}
    follow_dispute(payment=payment, dispute=dispute, told_at=at, at=at)
    credit_invoice(invoice=invoice, reason="Proef", at=at, by=None)
    refund_payment(
        payment=payment,
        amount=refundable_amount(invoice),
        method="transfer",
        returned_on=timezone.localdate(at),
        reason="Proef",
        key=f"shots-{language}",
        at=at,
        by=None,
    )


def _play_charges(language: str, at: datetime) -> None:
    """Let a member save a card, and the renewal to pay be announced and refused."""
    renewal = Invoice.objects.get(customer__email=email_of(CARD, language), status__in=Invoice.OPEN)
    charges.cause_mails(renewal, at=at)
    charges.ask_staff(renewal.customer, at=at)


def _join(life: str, language: str, *, at: datetime, tier: str = "connect") -> Membership:
    applicant = Applicant(
        tier=Tier.objects.get(slug=tier),
        kind="company",
        employees=25,
        name=f"Proef {life}",
        enterprise_number=_free_number(email_of(life, language)),
        vat_number="",
        street="Lampstraat 1",
        postcode="9000",
        city="Gent",
        website="",
        first_name="Noor",
        last_name="Lanterman",
        email=email_of(life, language),
        job_title="",
        billing_email="",
        po_number="",
        language=language,
    )
    return apply_for_membership(applicant=applicant, at=at)


def _free_number(email: str) -> str:
    """Return an enterprise number for an applicant, the same each time, that nobody in the demo has."""
    numbers = map(enterprise_number, count(crc32(email.encode())))
    return next(each for each in numbers if not Organisation.objects.filter(enterprise_number=each).exists())


def _pay(invoice: Invoice, *, at: datetime) -> Payment:
    return record_payment(
        invoice=invoice,
        amount=invoice.gross,
        method="transfer",
        received_on=timezone.localdate(at),
        external_reference=f"shots-{invoice.pk}",
        by=None,
        at=at,
    )
