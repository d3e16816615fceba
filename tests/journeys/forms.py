"""How a test comes to each form that a visitor or a member may send."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import override

from accounts.models import User
from billing.models import AutomaticPayment, PaymentMeans
from billing.operations.delivery import private_url
from cms.operations.links import create_link
from events.operations.signups import PLACE_PURPOSE
from home.models import ContactFormField, ContactPage, HomePage
from membership.models import Affiliation, EmailDomain, Invitation, Membership
from membership.operations.changes import resign_membership
from membership.operations.invitations import INVITATION_PURPOSE, invite_colleague
from membership.queries import customer_of
from newsletters.models import NewsletterPage, Subscription
from tests.accounts.mailbox import code_in, sent
from tests.factories.accounts import PASSWORD, add_authenticator_app, make_user
from tests.factories.billing import fill_in_issuer, issue
from tests.factories.events import SignupFactory, activity_of, announce
from tests.membership import life

ADDRESS = "noor@demo.example"
SUCCESSOR = 900_001
NO_DOMAIN = ("noor", "noor@", "noor@@demo", "noor@demo")
ONE_BUTTON = "one button; a second time changes nothing"


@dataclass
class World:
    """One visitor in one language, and the site around."""

    client: Client
    home: HomePage
    language: str
    user: User | None = None

    @property
    def person(self) -> User:
        """Who is logged in."""
        assert self.user is not None
        return self.user

    def url(self, name: str, *args: Any, **query: str) -> str:
        """The address of a view in the language."""
        with override(self.language):
            return reverse(name, args=args) + (f"?{urlencode(query)}" if query else "")

    def log_in(self, **fields: Any) -> None:
        """Log a person in through the form."""
        self.user = make_user(language=self.language, **fields)
        answer = self.client.post(self.url("account_login"), {"login": self.user.email, "password": PASSWORD})
        assert answer.status_code == 302


Opener = Callable[[World], str]
Words = dict[str, str]


@dataclass(frozen=True)
class FormCase:
    """A form. `open` makes what it needs and returns the address to post to.

    `wrong` are single faults: a field, and a text in it that is refused beside it. `limit` is after how many
    posts in one span the kind refusal comes; 0 needs a reason in `unlimited`. `rows` counts what one post
    makes: sent twice, it is there once. `secret` fields are never shown again.
    """

    name: str
    covers: tuple[str, ...]
    """The form classes, and the names of the addresses, that this row is about."""
    open: Opener
    good: Words = field(default_factory=dict)
    wrong: tuple[tuple[str, str], ...] = ()
    secret: tuple[str, ...] = ()
    person: bool = False
    method: str = "post"
    limit: int = 0
    unlimited: str = ""
    rows: Callable[[], int] | None = None
    anew: bool = False
    """Whether somebody who tries often does so without the cookies of before."""


def contact(world: World) -> str:
    page = ContactPage(
        title="Contact",
        slug="contact",
        thanks="Bedankt.",
        to_address="team@demo.example",
        subject="Vraag",
        locale=world.home.locale,
    )
    world.home.add_child(instance=page)
    kinds = (("Naam", "singleline"), ("Adres", "email"), ("Over", "radio"), ("Woorden", "multiline"))
    for label, kind in kinds:
        page.form_fields.add(
            ContactFormField(label=label, field_type=kind, choices="lid,pers", locale=page.locale)
        )
    page.save()
    return f"/{world.language}/contact/"


def sign_up(world: World) -> str:
    return world.url("events:sign_up", activity_of(announce(dutch_home(world))).pk)


def dutch_home(world: World) -> HomePage:
    return HomePage.objects.get(locale__language_code="nl")


def place_link(name: str) -> Opener:
    def open_link(world: World) -> str:
        place = SignupFactory.create(activity=activity_of(announce(dutch_home(world))))
        token = create_link(target=place, purpose=PLACE_PURPOSE, at=timezone.now())
        return world.url(name, token)

    return open_link


def join(kind: str) -> Opener:
    def open_form(world: World) -> str:
        fill_in_issuer()
        tier = "connect" if kind == "company" else "inform"
        return world.url("membership:join", tier=tier, kind=kind, employees="25")

    return open_form


def newsletter(world: World) -> str:
    world.home.add_child(
        instance=NewsletterPage(title="Nieuwsbrief", slug="nieuwsbrief", locale=world.home.locale)
    )
    return world.url("newsletters:subscribe")


def newsletter_link(name: str, purpose: str) -> Opener:
    def open_link(world: World) -> str:
        now = timezone.now()
        subscription = Subscription.objects.create(
            email=ADDRESS, language=world.language, requested_at=now, changed_at=now
        )
        return world.url(name, create_link(target=subscription, purpose=purpose, at=now))

    return open_link


def pay_link(world: World) -> str:
    address = private_url(invoice=issue(at=timezone.now()), at=timezone.now())
    return world.url("billing:invoice_pay", address.rstrip("/").rsplit("/", 1)[-1])


def own_pay(world: World) -> str:
    world.log_in(is_superuser=True)
    return world.url("billing:own_invoice_pay", issue(at=timezone.now()).pk)


Find = Callable[[Membership, World], int]


def its_organisation(membership: Membership, world: World) -> int:
    """The id of the organisation itself."""
    return membership.organisation_id


def a_card(membership: Membership) -> PaymentMeans:
    """What the customer of a member saved."""
    now, customer = timezone.now(), customer_of(membership)
    means: PaymentMeans = PaymentMeans.objects.create(
        customer=customer,
        stripe_id="pm_1",
        kind="card",
        last4="4242",
        agreed_at=now,
        saved_at=now,
    )
    return means


def an_organisation_with_a_card(membership: Membership, world: World) -> int:
    """The id of the organisation, whose customer saved a card."""
    a_card(membership)
    return membership.organisation_id


def an_automatic_payment(membership: Membership, world: World) -> int:
    """The id of what is planned of an invoice."""
    now, means = timezone.now(), a_card(membership)
    day = timezone.localdate() + timedelta(days=30)
    invoice = issue(customer=means.customer, at=now)
    plan = AutomaticPayment.objects.create(
        invoice=invoice, means=means, charge_on=day, next_on=day, planned_at=now
    )
    return int(plan.pk)


def a_colleague(membership: Membership, world: World) -> int:
    """The id of somebody else's place."""
    return Affiliation.objects.create(organisation=membership.organisation, user=make_user()).pk


def the_last_main_contact(membership: Membership, world: World) -> int:
    """The id of one's own place, with one colleague who can take over."""
    Affiliation.objects.exclude(user=world.person).update(ended_at=timezone.now())
    Affiliation.objects.create(pk=SUCCESSOR, organisation=membership.organisation, user=make_user())
    return Affiliation.objects.get(user=world.person).pk


def an_invitation(membership: Membership, world: World) -> int:
    """The id of an open invitation."""
    invited = invite_colleague(
        organisation=membership.organisation,
        email=ADDRESS,
        language=world.language,
        at=timezone.now() - timedelta(days=1),
        by=None,
    )
    return invited.pk


def a_domain(membership: Membership, world: World) -> int:
    """The id of a domain whose people join by themselves."""
    organisation = membership.organisation
    allowed = EmailDomain(organisation=organisation, domain="stad.example", allowed_at=timezone.now())
    allowed.save()
    return allowed.pk


def invitation_link(world: World) -> str:
    """The page behind the link of an invitation."""
    fill_in_issuer()
    membership = life.join(timezone.localdate())
    life.pay_all(timezone.localdate())
    invitation = Invitation.objects.get(pk=an_invitation(membership, world))
    token = create_link(target=invitation, purpose=INVITATION_PURPOSE, at=timezone.now())
    return world.url("membership:accept", token)


def own_membership(name: str, *, is_resigned: bool = False, of: Find | None = None) -> Opener:
    """A form of the main contact of a member: about the membership, or `of` what belongs to it."""

    def open_own(world: World) -> str:
        world.log_in()
        today = timezone.localdate()
        fill_in_issuer()
        membership = life.join(today)
        life.pay_all(today)
        membership.refresh_from_db()
        Affiliation.objects.create(
            organisation=membership.organisation, user=world.person, role=Affiliation.Role.MAIN_CONTACT
        )
        if is_resigned:
            resign_membership(membership=membership, because="budget", at=timezone.now(), by=None)
        return world.url(name, of(membership, world) if of else membership.pk)

    return open_own


def at(name: str) -> Opener:
    """A form that any visitor opens."""
    return lambda world: world.url(name)


def own(name: str, *, with_app: bool = False) -> Opener:
    """A form of who is logged in."""

    def open_own(world: World) -> str:
        world.log_in()
        if with_app:
            add_authenticator_app(world.person)
        return world.url(name)

    return open_own


def set_password(world: World) -> str:
    world.user = make_user(password=None)
    world.client.post(world.url("account_request_login_code"), {"email": world.user.email})
    world.client.post(world.url("account_confirm_login_code"), {"code": code_in(sent()[-1])})
    return world.url("account_set_password")


def confirm_login_code(world: World) -> str:
    world.user = make_user()
    world.client.post(world.url("account_request_login_code"), {"email": world.user.email})
    return world.url("account_confirm_login_code")


def confirm_address(world: World) -> str:
    world.log_in()
    world.client.post(world.url("account_email"), {"email": ADDRESS, "action_add": "1"})
    return world.url("account_email_verification_sent")


def reset_from_key(world: World) -> str:
    user = make_user()
    world.client.post(world.url("account_reset_password"), {"email": user.email})
    link = next(word for word in sent()[-1].body.split() if "/password/reset/key/" in word)
    address: str = world.client.get(link.removeprefix("http://testserver"))["Location"]
    return address.replace("/nl/", f"/{world.language}/")


def second_factor(world: World) -> str:
    user = make_user()
    add_authenticator_app(user)
    world.client.post(world.url("account_login"), {"login": user.email, "password": PASSWORD})
    return world.url("mfa_authenticate")


def passkey(name: str) -> Opener:
    def open_passkey(world: World) -> str:
        world.log_in()
        key = Authenticator.objects.create(
            user=world.person, type=Authenticator.Type.WEBAUTHN, data={"name": "Mijn sleutel"}
        )
        return world.url(name, key.pk)

    return open_passkey
