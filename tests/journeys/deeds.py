"""What may be done in the back office, as one table: where, to what, and who may."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.contrib.forms.models import FormSubmission
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Collection, ModelLogEntry, Page, Site

from accounts.models import User
from billing.models import (
    AutomaticPayment,
    BankEntry,
    BankFile,
    ChargeRules,
    Customer,
    Dispatch,
    Dunning,
    DunningHold,
    Invoice,
    Issuer,
    Payment,
    PaymentMeans,
    Reminder,
    Reversal,
    StripeEvent,
    VatCheck,
    VatTreatment,
)
from billing.operations.free_invoices import preview_free_invoice
from billing.rules import DraftLine
from cms.models import Menu, OutgoingMail, SiteDocument, Term
from cms.roles import ADMINISTRATOR, EDITOR, EVENTS, MATCHMAKER, MODERATOR
from events.models import Activity, Signup
from membership.models import (
    Affiliation,
    Invitation,
    Lifecycle,
    Membership,
    Organisation,
    Price,
    SizeBand,
    Tier,
)
from membership.money import PriceKey
from membership.queries import preview_prices
from newsletters.models import Subscription
from reporting.models import GrowthTarget, Kpi, PlannedActivity, RevenueTarget, WorkPackageWeight
from tests.factories.bank import Upload, bank_file, entry
from tests.journeys.bulk_deeds import BULK, KNOW_ORGANISATIONS
from tests.journeys.deed import DESK, Deed
from tests.journeys.things import Things


def undone(name: str) -> dict[str, Any]:
    """The last payment of a document as booked in error, with what the first sending of the form shows."""

    def payment(things: Things) -> Payment:
        return things[name].payments.all()[0]

    return {
        "payment": lambda things: payment(things).pk,
        "reason": "verkeerde factuur",
        "confirmed": lambda things: f"{payment(things).pk}:mistake:{payment(things).amount}",
    }


A_RECALL = {
    "invoice": lambda things: things["paid_late"].number,
    "reason": "bedrog",
    "confirmed": lambda things: "{0.pk}:{0.amount}".format(things["paid_late"].payments.get()),
}
WRITERS = {EDITOR, MODERATOR, ADMINISTRATOR}
BOTH = {MODERATOR, ADMINISTRATOR}
ORGANISERS = {EVENTS, ADMINISTRATOR}
BOSS = {ADMINISTRATOR}
NOBODY: set[str] = set()


def plan(name: str, model: Any, new: dict[str, str], change: dict[str, str]) -> Iterable[Deed]:
    """A list of the action plan: the administrator's."""
    yield Deed(f"{name}:add", "", model, BOSS, new)
    yield Deed(f"{name}:edit", name, model, BOSS, change)
    yield Deed(f"{name}:delete", name, model, BOSS)


PUBLISH = {"title": "Anders", "slug": "anders", "body-count": "0", "action-publish": "1"}
PERSON = {"email": "nieuw@demo.example", "first_name": "Jo", "last_name": "Maes", "language": "nl"}
A_MENU = {
    "place": "header",
    "items-TOTAL_FORMS": "1",
    "items-0-label": "Privacy",
    "items-0-url": "/nl/privacy/",
    "items-0-ORDER": "1",
}
A_TERM = {"name_nl": "Nieuw", "name_en": "New", "kind": "theme", "slug": "nieuw", "position": "0"}
A_PLACE = {
    "activity": "{activity}",
    "first_name": "An",
    "last_name": "Smet",
    "email": "an@demo.example",
    "language": "nl",
    "organisation_kind": "company",
}


A_BANK_FILE = Upload(bank_file(entry(5, text="gift"), opening="77.00"))


def seal(things: Things) -> str:
    """What the preview of the invoice below is confirmed by."""
    preview = preview_free_invoice(
        customer=things["customer"],
        lines=[DraftLine(text="Coaching", unit_price=Decimal("95.00"), quantity=Decimal(2))],
        po_number="",
        buyer_reference="",
        due_on=timezone.localdate() + timedelta(days=14),
        at=timezone.now(),
    )
    return preview.seal


A_FREE_INVOICE = {
    "po_number": "",
    "buyer_reference": "",
    "due_on": (timezone.localdate() + timedelta(days=14)).isoformat(),
    "lines-0-text": "Coaching",
    "lines-0-quantity": "2",
    "lines-0-unit_price": "95,00",
    "step": "issue",
    "confirmed": seal,
}


def seal_of_prices(things: Things) -> str:
    """What the preview of the prices below is confirmed by; they count from the first of January."""
    key = PriceKey(Tier.objects.get(slug="connect").pk, things["band"].pk, "company")
    valid_from = date(timezone.localdate().year + 1, 1, 1)
    return preview_prices(fees={key: Decimal("777.50")}, valid_from=valid_from).seal


NEW_PRICES = {"company-connect-{band}": "777,50", "step": "set", "confirmed": seal_of_prices}
NAMED = {"name_nl": "Nieuw", "name_en": "New"}

LONGER = {"reason": "Betaalt later.", "confirmed": "30"}
FOUR_DAYS = {"first_retry_days": "4"}

DEEDS: dict[str, list[Deed]] = {
    "pages": [
        Deed("wagtailadmin_pages:edit", "home", Page, WRITERS, PUBLISH),
        Deed("wagtailadmin_pages:edit", "events", Page, {*WRITERS, EVENTS}, PUBLISH),
        Deed("wagtailadmin_pages:edit", "calls", Page, {*WRITERS, MATCHMAKER}, PUBLISH),
        Deed("wagtailadmin_pages:add", "home/contentpage/home", Page, WRITERS, PUBLISH | {"lead": "Dag."}),
        Deed("wagtailadmin_pages:unpublish", "contact", Page, WRITERS),
        Deed("wagtailadmin_pages:unpublish", "events", Page, {*WRITERS, EVENTS}),
        Deed("wagtailadmin_pages:delete", "contact", Page, WRITERS),
        Deed("wagtailadmin_pages:delete", "calls", Page, {*WRITERS, MATCHMAKER}),
        Deed("wagtailadmin_pages:lock", "contact", Page, BOTH),
        Deed(
            "wagtail_localize:submit_page_translation",
            "events",
            Page,
            {*WRITERS, EVENTS, MATCHMAKER},
            {"locales": "{english}"},
        ),
        Deed(
            "wagtailforms:delete_submissions",
            "contact",
            FormSubmission,
            WRITERS,
            query={"selected-submissions": "{answer}"},
        ),
        Deed("wagtaildocs:edit", "document", SiteDocument, WRITERS, {"title": "Anders"}),
        # Wagtail lets who may change a document delete it too.
        Deed("wagtaildocs:delete", "document", SiteDocument, WRITERS),
        Deed("wagtailadmin_collections:add", "", Collection, BOTH, {"name": "Nieuw", "parent": "{root}"}),
        Deed("wagtailadmin_collections:delete", "collection", Collection, BOSS),
    ],
    "the kernel": [
        Deed("wagtailsnippets_cms_menu:add", "", Menu, WRITERS, A_MENU, {"locale": "nl"}),
        Deed("wagtailsnippets_cms_menu:edit", "menu", Menu, WRITERS, A_MENU),
        Deed("wagtailsnippets_cms_menu:delete", "menu", Menu, WRITERS),
        Deed("wagtailsnippets_cms_term:add", "", Term, BOTH, A_TERM),
        Deed("wagtailsnippets_cms_term:edit", "term", Term, WRITERS, {"name_nl": "Anders"}),
        Deed("wagtailsnippets_cms_term:delete", "term", Term, BOTH),
        Deed(
            "wagtailredirects:add",
            "",
            Redirect,
            BOTH,
            {"old_path": "/weg", "redirect_link": "https://demo.example/"},
        ),
        Deed("wagtailredirects:edit", "redirect", Redirect, BOTH, {"old_path": "/weg"}),
        Deed("wagtailredirects:delete", "redirect", Redirect, BOTH),
        Deed("wagtailsites:edit", "site", Site, BOSS, {"site_name": "Anders"}),
        Deed("cms_task", "task", DBTaskResult, BOSS),
    ],
    "people": [
        Deed("wagtailusers_users:add", "", User, BOSS, PERSON),
        Deed("wagtailusers_users:edit", "person", User, BOSS, {"first_name": "Anders"}),
        Deed("wagtailusers_users:copy", "person", User, BOSS, PERSON),
        Deed("wagtailusers_users:delete", "person", User, BOSS),
        Deed("wagtailusers_groups:add", "", Group, BOSS, {"name": "nieuw"}),
        Deed("wagtailusers_groups:edit", "group", Group, BOSS, {"name": "anders"}),
        Deed("wagtailusers_groups:delete", "group", Group, BOSS),
        Deed("accounts_remove_second_factor", "person", Authenticator, BOSS),
    ],
    "billing": [
        Deed("billing_invoices:pay", "invoice", Payment, DESK, {"amount": "10,00"}),
        Deed("billing_invoices:credit", "invoice", Invoice, DESK, {"reason": "dubbel"}),
        Deed("billing_invoices:refund", "overpaid", Reversal, DESK, {"reason": "dubbel betaald"}),
        Deed("billing_invoices:undo", "overpaid", Reversal, DESK, undone("overpaid")),
        Deed("billing_invoices:send", "invoice", OutgoingMail, DESK),
        Deed("billing_invoices:remind", "late", Reminder, DESK),
        Deed("billing_invoices:hold", "late", DunningHold, DESK, {"reason": "belt volgende week"}),
        Deed("billing_invoices:release", "held", DunningHold, DESK),
        Deed("wagtailsettings:edit", "billing/dunning/dunning", Dunning, DESK, {"first_days": "8"}),
        Deed("billing_means:end", "means", PaymentMeans, DESK, {"reason": "kaart gestolen"}),
        Deed("membership_automatic:stop", "plan", AutomaticPayment, DESK, {"reason": "betwist"}),
        Deed("wagtailsettings:edit", "billing/chargerules/chargerules", ChargeRules, DESK, FOUR_DAYS),
        Deed("billing_free_invoices:draw-up", "customer", Invoice, DESK, A_FREE_INVOICE),
        Deed("billing_pro_formas:pay", "asked", Payment, DESK, {"amount": "10,00"}),
        Deed("billing_pro_formas:make-invoice", "asked", Invoice, DESK),
        Deed("billing_pro_formas:withdraw", "asked", ModelLogEntry, DESK, {"reason": "dubbel"}),
        Deed("billing_pro_formas:send", "asked", OutgoingMail, DESK),
        Deed("billing_pro_formas:refund", "paid_late", Reversal, DESK, {"reason": "te laat"}),
        Deed("billing_pro_formas:undo", "paid_late", Reversal, DESK, undone("paid_late")),
        Deed("billing_invoices:peppol", "invoice", Dispatch, DESK),
        Deed("billing_invoices:uploaded", "outbox", Dispatch, DESK),
        Deed("billing_bank_files:upload", "", BankFile, DESK, {"file": A_BANK_FILE}),
        Deed("billing_bank_files:set-aside", "bankfile", BankEntry, DESK, {"reason": "kosten"}),
        Deed("billing_bank_entries:match", "", Payment, DESK),
        Deed(
            "billing_bank_entries:assign",
            "line",
            Payment,
            DESK,
            {"amount": "10,00", "reason": "gebeld"},
            {"invoice": "{invoice}"},
        ),
        Deed("billing_bank_entries:set-aside", "line", BankEntry, DESK, {"reason": "gift"}),
        Deed("billing_bank_entries:take-back", "aside", BankEntry, DESK, {"reason": "toch niet"}),
        Deed("billing_bank_entries:recall", "recalled", Reversal, DESK, A_RECALL),
        Deed("billing_events:replay", "stripe", StripeEvent, DESK),
        Deed(
            "billing_customers:add",
            "",
            Customer,
            DESK,
            {
                "name": "Nieuw",
                "street": "Kaai 1",
                "postcode": "9000",
                "city": "Gent",
                "country": "BE",
                "email": "n@demo.example",
                "language": "nl",
            },
        ),
        Deed("billing_customers:edit", "customer", Customer, DESK, {"name": "Anders"}),
        Deed(
            "billing_customers:vat",
            "abroad",
            VatCheck,
            DESK,
            {"decision": "confirm", "reason": "uittreksel gezien"},
        ),
        Deed("billing_customers:vies", "abroad", Customer, DESK),
        Deed("membership_memberships:approve", "applied", Membership, DESK),
        Deed("membership_memberships:close", "waiting", Membership, DESK, {"reason": "Bestaat niet."}),
        Deed(
            "membership_memberships:upgrade", "running", Membership, DESK, {"choice": "stuurgroep:14000.00"}
        ),
        Deed("membership_memberships:announce-tier", "running", Membership, DESK, {"tier": "inform"}),
        Deed("membership_memberships:extend", "unpaid", Membership, DESK, LONGER),
        Deed("membership_memberships:lapse", "overran", Membership, DESK, {"reason": "Betaalt niet meer."}),
        Deed("membership_memberships:resign", "running", Membership, DESK, {"because": "budget"}),
        Deed("membership_memberships:stay", "resigned", Membership, DESK),
        Deed(
            "wagtailsettings:edit",
            "membership/lifecycle/lifecycle",
            Lifecycle,
            DESK,
            {"past_due_days": "20"},
        ),
        Deed("billing_customers:delete", "customer", Customer, NOBODY),
        Deed("billing_vat:edit", "vat", VatTreatment, DESK, {"vat_code": "X9"}),
        Deed("wagtailsettings:edit", "billing/issuer/issuer", Issuer, DESK, {"bank": "Anders"}),
    ],
    "many at once": BULK,
    "membership": [
        Deed("membership_prices:grid", "", Price, DESK, NEW_PRICES),
        Deed("membership_tiers:add", "", Tier, NOBODY, NAMED),
        Deed("membership_tiers:edit", "tier", Tier, DESK, NAMED),
        Deed("membership_tiers:delete", "tier", Tier, NOBODY),
        Deed("membership_size_bands:add", "", SizeBand, NOBODY, NAMED),
        Deed("membership_size_bands:edit", "band", SizeBand, DESK, NAMED),
        Deed("membership_size_bands:delete", "band", SizeBand, NOBODY),
        Deed("membership_organisation:add", "", Organisation, DESK, {"name": "Nieuw", "kind": "company"}),
        Deed("membership_organisation:edit", "keep", Organisation, KNOW_ORGANISATIONS, {"city": "Gent"}),
        Deed("membership_organisation:delete", "keep", Organisation, NOBODY),
        Deed("membership_people:role", "colleague", Affiliation, DESK, {"role": "billing"}),
        Deed("membership_people:end", "colleague", Affiliation, DESK),
        Deed(
            "membership_organisation:invite",
            "employer",
            Invitation,
            DESK,
            {"email": "nieuw@demo.example", "role": "colleague", "language": "nl"},
        ),
        Deed(
            "membership_organisation:merge",
            "drop",
            Organisation,
            KNOW_ORGANISATIONS,
            {
                "keep": "{keep}",
                "confirmed": "1",
            },
        ),
    ],
    "activities and the newsletter": [
        Deed("events_activity:add", "", Activity, NOBODY, NAMED),
        Deed("events_activity:edit", "activity", Activity, NOBODY, NAMED),
        Deed("events_activity:delete", "activity", Activity, NOBODY),
        Deed("events_activity:cancel", "activity", Activity, ORGANISERS),
        Deed("events_signup:add", "", Signup, ORGANISERS, A_PLACE),
        Deed("events_signup:edit", "signup", Signup, ORGANISERS, {"first_name": "Anders"}),
        Deed("events_signup:delete", "signup", Signup, NOBODY),
        Deed("events_signup:release", "signup", Signup, ORGANISERS),
        Deed("newsletter_subscriptions:add", "", Subscription, NOBODY, {"language": "en"}),
        Deed("newsletter_subscriptions:edit", "subscription", Subscription, NOBODY, {"language": "en"}),
        Deed("newsletter_subscriptions:delete", "subscription", Subscription, NOBODY),
    ],
    "the plan": [
        *plan("kpi", Kpi, {"code": "9.9", **NAMED, "group": "input", "unit": "count"}, NAMED),
        *plan(
            "plannedactivity",
            PlannedActivity,
            {**NAMED, "yearly_number": "2", "work_package": "{package}"},
            NAMED,
        ),
        *plan(
            "growthtarget",
            GrowthTarget,
            {"year": "1", "size": "small", "tier": "inform", "members": "5"},
            {"members": "999"},
        ),
        *plan(
            "revenuetarget",
            RevenueTarget,
            {**NAMED, "year": "1", "amount_eur": "1"},
            NAMED,
        ),
        Deed("workpackageweight:edit", "workpackageweight", WorkPackageWeight, BOSS, {"percent": "99"}),
        Deed("workpackageweight:delete", "workpackageweight", WorkPackageWeight, BOSS),
        Deed(
            "workpackageweight:add",
            "",
            WorkPackageWeight,
            BOSS,
            {
                "year": "1",
                "work_package": "{package}",
                "percent": "1",
            },
        ),
    ],
}
"""By the part of the back office. Who may not gets sent away, and nothing is written."""
