"""Gives each entry of the periodic work something to do, on top of the demo."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.utils import timezone
from django_tasks.base import TaskResultStatus as Status
from django_tasks_db.models import DBTaskResult
from wagtail.models import Page

from accounts.models import User
from billing.models import AutomaticPayment, CheckoutAttempt, Customer, Issuer, PaymentMeans, Reversal
from cms.models import Attempt, OutgoingMail, SearchEntry
from cms.operations.links import create_link
from cms.roles import EDITOR
from events.models import Activity
from membership.models import Invitation, Membership, Organisation
from membership.queries import start_charge
from newsletters.models import Subscription
from tests.cms import slow_task
from tests.factories.billing import CustomerFactory, ask, issue
from tests.membership.life import join, pay_invoice

HOUR = timedelta(hours=1)
MONTHS = timedelta(days=60)
YEARS = timedelta(days=3 * 365)


def make_something_due(at: datetime) -> None:
    """Leave what time leaves behind, and break by hand what is mended daily."""
    ago = at - YEARS
    Page.objects.filter(slug="gedragscode").update(expire_at=at - HOUR)
    for status in (Status.RUNNING, Status.SUCCESSFUL):  # lost by its worker; done long ago
        slow_task.fail.enqueue("for the queue")
        DBTaskResult.objects.filter(status=Status.READY).update(
            status=status, started_at=ago, finished_at=None if status == Status.RUNNING else ago
        )
    for queued_at in (ago, at - MONTHS):  # that it went is forgotten; only to whom
        OutgoingMail.objects.create(
            template="home/contact",
            language="nl",
            recipient="noor@demo.example",
            subject="Dag",
            queued_at=queued_at,
        )
    activity = Activity.objects.order_by("ends_at")[0]
    create_link(target=activity, purpose="place", at=ago, expires_at=ago + HOUR)
    Group.objects.get(name=EDITOR).permissions.clear()
    Attempt.objects.create(scope="sign-up", source="somebody", starts_at=ago, ends_at=ago + HOUR)
    SearchEntry.objects.filter(pk=SearchEntry.objects.values("pk")[:1]).update(access="nobody")
    Session.objects.create(session_key="over", session_data="", expire_date=ago)
    Activity.objects.filter(signups__isnull=False).update(starts_at=ago, ends_at=ago + HOUR)
    User.objects.filter(affiliations__isnull=False)[0].groups.clear()
    Subscription.objects.create(email="nooit@demo.example", language="nl", requested_at=ago, changed_at=ago)
    Invitation.objects.create(
        organisation=Organisation.objects.all()[0],
        email="nooit@demo.example",
        language="nl",
        invited_at=ago,
        expires_at=ago + HOUR,
    )
    join(timezone.localdate(at) - timedelta(days=100), number="0999300136")  # and never paid
    join(timezone.localdate(at) - timedelta(days=100), number="")  # without a number staff approve it
    invoice = start_charge(join(timezone.localdate(at), number="0999300235")).invoice
    assert invoice
    pay_invoice(invoice, timezone.localdate(at))
    Reversal.objects.create(  # of which Stripe never heard
        payment=invoice.payments.get(),
        kind=Reversal.Kind.REFUND,
        amount=1,
        of_surplus=0,
        method="stripe",
        returned_on=timezone.localdate(at),
        status=Reversal.Status.QUEUED,
        key="desk:due",
        recorded_at=at - HOUR,
        asked_at=at - HOUR,
    )
    CheckoutAttempt.objects.create(  # of which Stripe's message never came
        invoice=invoice,
        number=9,
        amount=1,
        session_id="cs_test_due",
        status=CheckoutAttempt.Status.OPEN,
        created_at=ago,
        expires_at=ago,
    )
    make_automatic_payments_due(CustomerFactory.create(), at)
    Customer.objects.filter(pk=invoice.customer_id).update(country="NL", vat_number="NL999999004B01")
    issuer = Issuer.objects.values("iban").get()
    pro_forma = ask(at=at)
    Issuer.objects.update(iban="")  # when the money comes, no invoice can be made
    pay_invoice(pro_forma, timezone.localdate(at))
    Issuer.objects.update(**issuer)
    late = Membership.objects.filter(status=Membership.Status.ACTIVE)[:1]
    Membership.objects.filter(pk__in=late.values("pk")).update(
        status=Membership.Status.PAST_DUE, lapses_on=timezone.localdate(at)
    )


def make_automatic_payments_due(customer: Customer, at: datetime) -> None:
    """Leave one that is to be announced, and one whose day has come."""
    today = timezone.localdate(at)
    means = PaymentMeans.objects.create(
        customer=customer, stripe_id="pm_due", kind="card", last4="4242", agreed_at=at, saved_at=at
    )
    silent, due = (issue(customer=customer, at=at - timedelta(days=30)) for _number in range(2))
    words: dict[str, Any] = {"means": means, "charge_on": today, "next_on": today, "planned_at": at}
    AutomaticPayment.objects.create(invoice=silent, **words)
    AutomaticPayment.objects.create(
        invoice=due,
        announced_at=at - timedelta(days=10),
        announced_amount=due.gross,
        not_before=today - timedelta(days=3),
        **words,
    )
