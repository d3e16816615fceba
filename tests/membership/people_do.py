"""What people do in the browser and at the bank, each by the form that is there for it."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.models import Invoice
from billing.queries import open_amount
from cms.operations.roles import mend_roles
from cms.roles import FINANCE
from membership.models import Membership
from tests.billing.paying import tell
from tests.factories.bank import bank_file, entry
from tests.fakes.stripe_api import StripeServer
from tests.queue import drain

OWN = {"origin": "http://testserver", "sec-fetch-site": "same-origin"}
EMAIL = "noor@lantaarnwerk.example"
WORDS = {
    "name": "Lantaarnwerk",
    "enterprise_number": "0999.101.384",
    "street": "Lampstraat 1",
    "postcode": "9000",
    "city": "Gent",
    "first_name": "Noor",
    "last_name": "Lanterman",
    "email": EMAIL,
    "code_of_conduct": "on",
}


def log_in(email: str = EMAIL) -> Client:
    """Return the browser of somebody who is logged in."""
    browser = Client()
    browser.force_login(User.objects.get(email=email))
    return browser


def send_join_form(
    browser: Client, *, tier: str, kind: str = "company", employees: int = 25, **changes: str
) -> str:
    """Choose a membership, fill in the form of the second step, and return where it leads.

    What the form starts from is sent as it stands, as a browser does.
    """
    choice = {"tier": tier, "kind": kind, "employees": str(employees)}
    first = browser.get(reverse("membership:join"))
    assert first.status_code == 200
    asked = browser.get(first.request["PATH_INFO"], choice, follow=True)
    form = asked.context["form"]
    address = f"{asked.request['PATH_INFO']}?{asked.request['QUERY_STRING']}"
    kept = {bound.name: bound.value() for bound in form if bound.value() not in (None, "", False)}
    answer = browser.post(address, {**kept, **WORDS, **changes}, headers=OWN)
    assert answer.status_code == 302, answer.context["form"].errors
    return str(answer["Location"])


def pay_on_page(
    browser: Client, stripe: StripeServer, page: str, *, saves: bool = False, refusal: str = ""
) -> None:
    """Pay on Stripe's page what a page asks, saving the card where one agrees, and hear of it.

    A card that is kept may be refused later for the reason `refusal`.
    """
    page = page.partition("?")[0]
    assert browser.get(page).status_code == 200
    agreed = {"saves_means": "on"} if saves else {}
    answer = browser.post(f"{page}pay/", agreed, headers=OWN)
    assert answer.status_code == 302
    session_id = answer["Location"].rpartition("/")[2]
    for event in stripe.account.complete(session_id, refusal=refusal):
        assert tell(stripe, event) == 200
    drain()


def own_page(document: Invoice) -> str:
    return reverse("billing:own_invoice", args=[document.pk])


def treasurer() -> Client:
    """Return the browser of the treasurer."""
    mend_roles()
    person, _made = User.objects.get_or_create(email="penning@demo.example", defaults={"is_staff": True})
    person.groups.add(Group.objects.get(name=FINANCE))
    return log_in(person.email)


def transfer(invoice: Invoice, on: date, amount: Decimal | None = None) -> Decimal:
    """Pay an invoice at the bank, whose file of that day the treasurer uploads; returns the amount."""
    amount = open_amount(invoice) if amount is None else amount
    line = entry(
        str(amount), structured=invoice.structured_communication, reference=f"{invoice.pk}-{on}", on=on
    )
    file = SimpleUploadedFile(f"{on}.xml", bank_file(line, on=on))
    answer = treasurer().post(reverse("billing_bank_files:upload"), {"file": file}, follow=True)
    assert answer.status_code == 200
    drain()
    return amount


def post_own(browser: Client, name: str, pk: int, **words: str) -> Any:
    """Send one of the forms of My organisation."""
    return browser.post(reverse(f"membership:own_{name}", args=[pk]), words)


def upgrade(browser: Client, membership: Membership, tier: str) -> Decimal:
    """Choose a higher tier at the price that the form shows; returns that price, VAT excluded."""
    form = browser.get(reverse("membership:own_upgrade", args=[membership.pk])).context["form"]
    [choice] = [value for value, _words in form.fields["choice"].choices if value.startswith(f"{tier}:")]
    assert post_own(browser, "upgrade", membership.pk, choice=choice).status_code == 302
    drain()
    return Decimal(choice.partition(":")[2])


def opens_zone(browser: Client) -> int:
    """Say how the member zone answers."""
    return browser.get("/nl/ledenzone/").status_code


def may_invite(browser: Client, membership: Membership) -> bool:
    """Say whether the form to invite colleagues is there: in grace the member zone is read-only."""
    page = browser.get(reverse("membership:own_invite", args=[membership.organisation_id]))
    return page.status_code == 200


def choose_next_tier(browser: Client, membership: Membership, tier: str) -> bool:
    """Choose the tier of the next term, where the form for it is there; say whether it was."""
    page = browser.get(reverse("membership:own_next_tier", args=[membership.pk]))
    answer = post_own(browser, "next_tier", membership.pk, tier=tier)
    assert answer.status_code == 302
    drain()
    return page.status_code == 200
