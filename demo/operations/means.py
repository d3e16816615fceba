"""A saved card in the demo: one member pays its renewals automatically, by the stand-in for Stripe."""

from datetime import datetime, timedelta
from time import time

from django.conf import settings

from accounts.models import User
from billing.gateways.stripe import SavedMeans
from billing.models import Customer
from billing.operations.means import keep_means
from demo.stand_in.store import FileStore
from demo.stand_in.stripe_account import StripeStandIn
from membership.models import Organisation

WHOSE = "connect@demo.example"
"""A main contact who can log in to the demo."""


def load_means(*, at: datetime) -> str:
    """Save a card that works for the organisation of one of the log-ins, at the stand-in and here."""
    person = User.objects.get(email=WHOSE)
    organisation = Organisation.objects.filter(affiliations__user=person).select_related("customer").first()
    if organisation is None or organisation.customer is None:
        return "no saved card"
    customer = organisation.customer
    number = f"cus_demo{customer.pk}"
    stand_in = StripeStandIn(
        kept=FileStore(settings.DATA_DIR / "private" / "demo-stripe"),
        page_url=str,
        now=time,
        secret_key="",
        webhook_secret="",
    )
    stand_in.kept[number] = {"id": number, "object": "customer", "name": customer.name}
    means, _mandate = stand_in.make_means("card", number)
    Customer.objects.filter(pk=customer.pk).update(stripe_id=number)
    card = stand_in.kept[means]["card"]
    keep_means(
        customer=customer,
        saved=SavedMeans(
            id=means,
            kind="card",
            customer=number,
            brand=card["brand"],
            last4=card["last4"],
            expires_year=card["exp_year"],
            expires_month=card["exp_month"],
            country=card["country"],
        ),
        agreed_by=person,
        agreed_at=at - timedelta(days=40),
        at=at - timedelta(days=40),
    )
    return "a saved card"
