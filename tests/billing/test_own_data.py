"""What a person who is invoiced at their own address finds in their own data."""

import pytest
from django.utils import timezone
from wagtail.models import Site

from accounts.models import User
from billing.models import Dispatch
from billing.queries import personal_data_of
from tests.factories.billing import CustomerFactory, issue
from tests.queue import drain

pytestmark = pytest.mark.django_db


def test_it_says_by_which_way_an_invoice_went_out_and_where_to(site: Site) -> None:
    person = User.objects.create_user("noor@demo.example")
    customer = CustomerFactory.create(email="noor@demo.example")
    issue(customer=customer, is_mailed=True, at=timezone.now())
    issue(is_mailed=True, at=timezone.now())
    [invoice] = personal_data_of(person)["invoices"]
    on_its_way = {"by": "mail", "to": "noor@demo.example", "state": "queued", "sent_at": ""}
    assert on_its_way in invoice["sent"]
    drain()
    [invoice] = personal_data_of(person)["invoices"]
    mailed = Dispatch.objects.get(invoice__customer=customer, channel="mail")
    assert mailed.sent_at
    assert {**on_its_way, "state": "sent", "sent_at": mailed.sent_at.isoformat()} in invoice["sent"]
