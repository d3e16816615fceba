"""One thing of each kind that something may be done to in the back office."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.contrib.forms.models import FormSubmission
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Collection, Locale, Site

from billing.models import (
    AutomaticPayment,
    ChargeRules,
    Customer,
    Dunning,
    Issuer,
    PaymentMeans,
    StripeEvent,
    VatTreatment,
)
from billing.operations.bank_files import keep_bank_file
from billing.operations.bank_lines import set_aside_entry
from billing.operations.dunning import hold_dunning
from billing.operations.invoices import record_payment
from billing.operations.overdue import mark_overdue
from billing.operations.pro_formas import withdraw_pro_forma
from cms.models import Menu, SiteDocument, TaskRetries, Term
from cms.operations.roles import mend_roles
from events.models import EventIndexPage
from home.models import ContactPage, HomePage
from matchmaking.models import CallIndexPage
from membership.models import Affiliation, Lifecycle, Membership, Organisation, SizeBand, Tier
from membership.operations.changes import resign_membership
from membership.operations.ladder import fall_past_due
from membership.queries import start_charge
from newsletters.models import Subscription
from reporting.models import GrowthTarget, Kpi, PlannedActivity, RevenueTarget, WorkPackageWeight
from tests.cms import slow_task
from tests.factories.accounts import add_authenticator_app, make_user
from tests.factories.bank import bank_file, entry
from tests.factories.billing import abroad, ask, fill_in_issuer, issue
from tests.factories.events import ActivityFactory, SignupFactory
from tests.membership.life import join, pay_invoice
from tests.queue import drain

Things = dict[str, Any]
NUMBERS = ("0999666543", "0999555431", "0999444319", "0999300136")


def things_of(home: HomePage) -> Things:
    """One thing of each kind that something may be done to."""
    now = timezone.now()
    events = home.add_child(instance=EventIndexPage(title="Agenda", slug="agenda", locale=home.locale))
    calls = home.add_child(instance=CallIndexPage(title="Oproepen", slug="oproepen", locale=home.locale))
    contact = home.add_child(
        instance=ContactPage(title="Contact", slug="contact", thanks="Bedankt.", locale=home.locale)
    )
    person = make_user()
    add_authenticator_app(person)
    slow_task.fail.enqueue("on purpose")
    drain()
    dead = DBTaskResult.objects.get(task_path="tests.cms.slow_task.fail")
    TaskRetries.objects.create(result=dead, count=5, gave_up_at=now)
    fill_in_issuer()
    invoice = issue(at=now)
    late, held = (issue(at=now - timedelta(days=60)) for _number in range(2))
    mark_overdue(now - timedelta(days=20))
    hold_dunning(invoice=held, reason="betwist", at=now, by=None)
    overpaid = issue(at=now)
    pay_invoice(overpaid, timezone.localdate(now))
    record_payment(
        invoice=overpaid,
        amount=Decimal("10.00"),
        method="transfer",
        received_on=timezone.localdate(now),
        external_reference="bank:twice",
        by=None,
        at=now,
    )
    asked, paid_late = ask(at=now), ask(at=now)
    withdraw_pro_forma(pro_forma=paid_late, reason="vergist", at=now, by=None)
    pay_invoice(paid_late, timezone.localdate(now), amount=paid_late.gross)
    in_outbox = issue(at=now, is_mailed=True)
    drain()
    activity = ActivityFactory.create()
    signup = SignupFactory.create(activity=activity)
    keep, drop = (Organisation.objects.create(name=name) for name in ("De Brug", "Brug, De"))
    subscription = Subscription.objects.create(
        email="noor@demo.example", language="nl", requested_at=now, changed_at=now
    )
    content = bank_file(
        entry(50, structured=invoice.structured_communication, reference="1"),
        entry(60, text="zonder mededeling", reference="2"),
        entry(70, text="gift", reference="3"),
        entry(-8, text="kosten", reference="4"),
        entry(-9, text="teruggehaald", reference="5", on=timezone.localdate(now)),
    )
    bank_lines = keep_bank_file(content=content, name="bank.xml", at=now, by=None).file
    set_aside_entry(entry=bank_lines.entries.get(amount=70), reason="gift", at=now, by=None)
    mend_roles()
    return {
        **memberships(),
        "home": home,
        "events": events,
        "calls": calls,
        "contact": contact,
        "answer": FormSubmission.objects.create(page=contact, form_data={}),
        "english": Locale.objects.get(language_code="en"),
        "menu": Menu.objects.create(place=Menu.Place.FOOTER, locale=home.locale),
        "term": Term.objects.create(kind=Term.Kind.THEME, slug="proef", name_nl="Proef", name_en="Trial"),
        "package": Term.objects.create(
            kind=Term.Kind.WORK_PACKAGE, slug="proefwerk", name_nl="Proefwerk", name_en="Trial work"
        ),
        "redirect": Redirect.objects.create(old_path="/oud", redirect_link="https://demo.example/"),
        "root": Collection.get_first_root_node(),
        "collection": Collection.get_first_root_node().add_child(name="Verslagen"),
        "document": SiteDocument.objects.create(title="Verslag", file="verslag.txt"),
        "person": person,
        "group": Group.objects.create(name="proef"),
        "site": Site.objects.get(),
        "task": dead,
        "invoice": invoice,
        "late": late,
        "held": held,
        "overpaid": overpaid,
        "asked": asked,
        "paid_late": paid_late,
        "dunning": Dunning.load(),
        "chargerules": ChargeRules.load(),
        **automatic(invoice.customer),
        "outbox": in_outbox,
        "customer": invoice.customer,
        "abroad": abroad(is_confirmed=False),
        "bankfile": bank_lines,
        "line": bank_lines.entries.get(amount=60),
        "recalled": bank_lines.entries.get(amount=-9),
        "aside": bank_lines.entries.get(amount=70),
        "issuer": Issuer.objects.get(),
        "vat": VatTreatment.objects.get(slug="exempt"),
        "stripe": StripeEvent.objects.create(
            event_id="evt_1", type="customer.created", payload={"id": "evt_1"}, received_at=now
        ),
        "activity": activity,
        "signup": signup,
        "keep": keep,
        "drop": drop,
        "hidden": Organisation.objects.create(name="Stil", is_listed=False),
        "tier": Tier.objects.all()[0],
        "band": SizeBand.objects.all()[0],
        "subscription": subscription,
        "kpi": Kpi.objects.all()[0],
        "plannedactivity": PlannedActivity.objects.all()[0],
        "growthtarget": GrowthTarget.objects.all()[0],
        "revenuetarget": RevenueTarget.objects.all()[0],
        "workpackageweight": WorkPackageWeight.objects.all()[0],
    }


def automatic(customer: Customer) -> Things:
    """A saved card, and what is planned with it."""
    now, today = timezone.now(), timezone.localdate()
    means = PaymentMeans.objects.create(
        customer=customer,
        stripe_id="pm_1",
        kind="card",
        last4="4242",
        agreed_at=now,
        saved_at=now,
    )
    day = today + timedelta(days=30)
    plan = AutomaticPayment.objects.create(
        invoice=issue(customer=customer, at=now), means=means, charge_on=day, next_on=day, planned_at=now
    )
    return {"means": means, "plan": plan}


def memberships() -> Things:
    """A membership in each state that something may be done to."""
    today, now = timezone.localdate(), timezone.now()
    Tier.objects.filter(slug="cultivate").update(needs_approval=True)
    applied = join(today, tier="cultivate", number="0999888767")
    waiting = join(today, number="0999777655")
    unpaid, resigned, running, overran = (join(today, number=number) for number in NUMBERS)
    for membership in (unpaid, resigned, running, overran):
        invoice = start_charge(membership).invoice
        assert invoice is not None
        pay_invoice(invoice, today)
    fall_past_due(membership=unpaid, at=now, by=None)
    Membership.objects.filter(pk=overran.pk).update(status="grace", lapses_on=today, lapse_held_on=today)
    resign_membership(membership=resigned, because="budget", at=now, by=None)
    return {
        "applied": applied,
        "waiting": waiting,
        "running": running,
        "employer": running.organisation,
        "colleague": Affiliation.objects.create(organisation=running.organisation, user=make_user()),
        "unpaid": unpaid,
        "overran": overran,
        "resigned": resigned,
        "lifecycle": Lifecycle.load(),
    }
