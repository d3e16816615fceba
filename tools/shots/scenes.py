"""What is photographed: found in the demo's own data. Imported once Django is set up."""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from urllib.parse import urlencode

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from wagtail.models import Page

from accounts.emails import send_account_email
from accounts.models import User
from accounts.operations.people import invite
from billing.models import Invoice
from cms.models import OutgoingMail, SearchEntry, Term
from demo.models import StoredMail
from events.models import Activity, EventIndexPage
from events.operations.activities import cancel_activity
from events.operations.signups import Attendee, sign_up
from events.queries import with_state
from events.rules import ActivityState
from home.models import ContactPage
from membership.models import Organisation
from newsletters.models import NewsletterPage
from newsletters.operations.subscriptions import confirm_subscription, request_subscription
from tools.bootstrap import ROOT

PEOPLE = {"nl": "connect@demo.example", "en": "cultivate@demo.example"}
OTHERS = ("inform", "stuurgroep", "collega", "stad", "kennis", "gewezenlid", "redactie")
ACCOUNT = (
    "account",
    "account_email",
    "account_change_password",
    "account_logout",
    "account_reauthenticate",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
)
LISTS = ("index", "members", "library")
SECONDS_TO_MAIL = 120
PRIVATE_LINK = re.compile(r"https?://[^/\s]+(/\S+/(?:l|key)/[\w-]+/)\s")
PRIVATE_LINK_KEY = re.compile(r"/([\w-]+)/$")
JOIN = {"tier": "connect", "kind": "company", "employees": 25}
NUMBERS = {"nl": "0998.000.138", "en": "0998.000.237"}


@dataclass(frozen=True)
class Scene:
    """An address, who looks at it, and whether its form is sent first: as it stands ({}), or with words.

    `opened` selects what is folded out before the picture is taken.
    """

    name: str
    address: str
    person: str = ""
    send: Mapping[str, str] | None = None
    opened: str = ""


def pages(language: str) -> Iterator[Scene]:
    """One page of each type, an activity in each state, and each list when nothing fits its filters."""
    nothing = urlencode({**terms_of_nothing(), "q": "qqqq", "state": "closed", "period": "past"})
    live = Page.objects.live().filter(locale__language_code=language, depth__gt=1).order_by("path")
    seen = set()
    for page in live.specific():
        activity = Activity.objects.filter(translation_key=page.translation_key)
        state = with_state(activity, at=timezone.now()).values_list("state", flat=True).first()
        name = name_of(type(page)) + (f"-{state}" if state else "")
        if name in seen:
            continue
        seen.add(name)
        person = PEOPLE[language] if page.get_view_restrictions().exists() else ""
        yield Scene(name, page.get_url(), person)
        if name.endswith(LISTS):
            yield Scene(f"{name}-nothing-found", f"{page.get_url()}?{nothing}", person)


def terms_of_nothing() -> dict[str, str]:
    """Return a term of each kind; no page or document carries all three that a list of pages filters by."""
    terms = list(Term.objects.order_by("kind", "pk"))
    first = {term.kind: term.slug for term in terms}
    kinds = (Term.Kind.DOMAIN, Term.Kind.THEME, Term.Kind.LAYER)
    for three in product(*([term for term in terms if term.kind == kind] for kind in kinds)):
        carriers = SearchEntry.objects.all()
        for term in three:
            carriers = carriers.filter(terms=term)
        if not carriers.exists():
            return first | {term.kind: term.slug for term in three}
    return first


def name_of(model: type) -> str:
    """Return `event-index` for EventIndexPage."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", model.__name__.removesuffix("Page")).lower()


def views(language: str) -> Iterator[Scene]:
    """What is no page in the tree: search, joining, the account, and the home of each kind of person."""
    person, join = PEOPLE[language], reverse("membership:join")
    yield Scene("search", f"{reverse('search')}?q=stad")
    yield Scene("search-empty", reverse("search"))
    yield Scene("search-nothing-found", f"{reverse('search')}?q=qqqq")
    yield Scene("join-choice", join)
    yield Scene("join-choice-errors", f"{join}?tier=connect&kind=local_government&employees=-1")
    yield Scene("join", f"{join}?{urlencode(JOIN)}")
    yield Scene("menu-open", f"/{language}/", opened=".site-menu")
    yield Scene("filters-open", address_of(EventIndexPage, language), opened=".filters-all")
    yield Scene("error-404", f"/{language}/bestaat-niet/")
    yield Scene("demo-mailbox", reverse("demo_mailbox"))
    yield Scene("demo-mailbox-nothing-found", f"{reverse('demo_mailbox')}?q=qqqq")
    yield Scene("style-guide", "/styleguide/")
    for other in OTHERS:
        yield Scene(f"member-home-{other}", reverse("member_zone"), f"{other}@demo.example")
    for name in ("account_login", "account_request_login_code"):
        yield Scene(name.replace("_", "-"), reverse(name))
    for name in ACCOUNT:
        yield Scene(name.replace("_", "-"), reverse(name), person)
    invoice = Invoice.objects.filter(customer__organisation__affiliations__user__email=person).first()
    if invoice:
        yield Scene("own-invoice", reverse("billing:own_invoice", args=[invoice.pk]), person)


def forms(language: str) -> Iterator[Scene]:
    """Each form as one finds it, sent as it stands, and sent complete."""
    email, person = f"proef-{language}@demo.example", PEOPLE[language]
    join = f"{reverse('membership:join')}?{urlencode(JOIN)}"
    words = {"email": email, "enterprise_number": NUMBERS[language], "vat_number": "", "website": ""}
    member = Organisation.objects.filter(affiliations__user__email=person).get()
    for name, address in (
        ("contact", address_of(ContactPage, language)),
        ("newsletter", address_of(NewsletterPage, language)),
        ("join", join),
        ("sign-up", reverse("events:sign_up", args=[open_activities()[0].pk])),
        ("account-reset-password", reverse("account_reset_password")),
        ("ask-to-join", reverse("membership:ask")),
    ):
        yield Scene(f"{name}-form", address)
        yield Scene(f"{name}-refused", address, send={})
        yield Scene(f"{name}-sent", address, send=words)
    yield Scene("join-passed-on", join, send={**words, "enterprise_number": member.enterprise_number})
    known = Organisation.objects.filter(memberships=None, is_confirmed=True).exclude(enterprise_number="")
    number = known.order_by("pk")[0].enterprise_number  # of another one each time: now it has applied
    yield Scene("join-waits", join, send={**words, "enterprise_number": number})
    wrong = {"login": person, "password": "wrong"}
    yield Scene("account-login-refused", reverse("account_login"), send=wrong)
    yield Scene("account-code-sent", reverse("account_request_login_code"), send={"email": person})
    yield Scene("account-reset-password-known", reverse("account_reset_password"), send={"email": person})
    yield Scene("account-change-password-refused", reverse("account_change_password"), person, {})


def address_of(model: type[Page], language: str) -> str:
    """Return the address of the page of a type of which there is one."""
    return str(model.objects.get(locale__language_code=language).get_url())


def open_activities() -> list[Activity]:
    """Return activities that take sign-ups."""
    return list(
        with_state(Activity.objects.order_by("pk"), at=timezone.now()).filter(state=ActivityState.OPEN)
    )


def cause_mails() -> None:
    """Do what no form of a visitor does, and mails somebody, in each language."""
    activity, at = open_activities()[1], timezone.now()
    for email in PEOPLE.values():
        user = User.objects.get(email=email)
        mail_person(user, activity, at)
    cancel_activity(activity=activity, by=user)


def mail_person(user: User, activity: Activity, at: datetime) -> None:
    """Let happen to somebody what is told by mail."""
    language = user.language
    invite(user=user)
    send_account_email(name="password_changed", to=user.email, context={})
    email = f"lezer-{language}@demo.example"
    subscription = request_subscription(email=email, language=language, wording="", at=at)
    confirm_subscription(subscription=subscription, at=at)
    request_subscription(email=email, language=language, wording="", at=at)
    attendee = Attendee(
        first_name="Noor",
        last_name="Lanterman",
        email=email,
        language=language,
        organisation_name="",
        organisation_kind=Organisation.Kind.COMPANY,
    )
    sign_up(activity_id=activity.pk, attendee=attendee, at=at)


def links(language: str) -> Iterator[Scene]:
    """The pages behind the private links of the mails, and what their buttons lead to."""
    found = {f"link-{name}": PRIVATE_LINK.findall(mail.text)[:1] for name, mail in last_mails(language)}
    for key in PRIVATE_LINK_KEY.findall(" ".join(found["link-events-place-confirmed"])):
        found["link-events-release"] = [reverse("events:release", args=[key])]
    for name, addresses in found.items():
        yield from (Scene(name, address) for address in addresses)
    for name, addresses in found.items():  # afterwards, because some undo what others show
        yield from (Scene(f"{name}-sent", address, send={}) for address in addresses)


def mails(language: str) -> Iterator[Scene]:
    """The last mail of each kind, by itself and in the demo's mailbox."""
    for name, mail in last_mails(language):
        yield Scene(f"mail-{name}", reverse("demo_mail_html", args=[mail.pk]))
        yield Scene(f"mailbox-{name}", reverse("demo_mail", args=[mail.pk]))


def last_mails(language: str) -> Iterator[tuple[str, StoredMail]]:
    """Wait for the worker, and return the last mail of each kind with the name of its kind."""
    deadline = time.monotonic() + SECONDS_TO_MAIL
    while is_working() and time.monotonic() < deadline:
        time.sleep(1)
    for folder in sorted((ROOT / "templates" / "emails").glob("*/*/")):
        template = f"{folder.parent.name}/{folder.name}"
        sent = OutgoingMail.objects.filter(template=template, language=language, sent_at__isnull=False)
        sent = sent.exclude(recipient="")  # forgotten after a month: some are of the demo's past
        if last := sent.order_by("queued_at", "pk").last():
            found = StoredMail.objects.filter(recipients=last.recipient, subject=last.subject)
            yield template.replace("/", "-").replace("_", "-"), found.latest("pk")
        else:
            print(f"  No {template} in {language} so far")


def is_working() -> bool:
    """Say whether the worker has something to do now."""
    running = DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING)
    return DBTaskResult.objects.ready().exists() or running.exists()


def session(person: str) -> str:
    """Log somebody in by password and return the cookie's value."""
    browser = Client()
    user = User.objects.get(email=person)
    last_login = user.last_login
    browser.force_login(user)
    # The link in a mail to choose a new password ends when its reader logs in.
    User.objects.filter(pk=user.pk).update(last_login=last_login)
    session = browser.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return browser.cookies["sessionid"].value
