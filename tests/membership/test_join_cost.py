"""What joining costs: the whole way from the form to the issued invoice is one request."""

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings
from wagtail.models import Site

from billing.models import Dispatch, Invoice
from membership.models import Lifecycle, MembershipPage
from tests.factories.billing import fill_in_issuer
from tests.membership.test_joining import ADDRESS, OWN, WORDS
from tests.queue import drain
from tests.statements import at_most

MOST_STATEMENTS = 30


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_set", [False, True], ids=["online", "by a setting"])
def test_from_form_to_pro_forma_takes_no_more(committed_site: Site, settings: Settings, is_set: bool) -> None:
    """Who pays first gets a pro forma: online, or by transfer where the association wants it."""
    fill_in_issuer()
    settings.STRIPE_SECRET_KEY = settings.STRIPE_WEBHOOK_SECRET = "sk_test_nothing"
    Lifecycle.objects.create(asks_payment_first=is_set)
    words = {**WORDS, "payment": "transfer" if is_set else "online"}
    first = {**words, "name": "Brugwerk", "enterprise_number": "0999.888.767"}
    assert Client().post(ADDRESS, first, headers=OWN).status_code == 302
    with at_most(MOST_STATEMENTS):
        answer = Client().post(ADDRESS, words, headers=OWN)
    assert answer.status_code == 302
    assert Invoice.documents.get(name=WORDS["name"]).is_pro_forma
    assert not Invoice.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_from_form_to_invoice_takes_thirty_statements(committed_site: Site) -> None:
    """In real transactions and of a process that has served before; by Peppol and mail, the dearest way."""
    fill_in_issuer()
    home = committed_site.root_page
    rules = home.add_child(instance=MembershipPage(title="Gedragscode", slug="gedragscode"))
    home.add_child(instance=MembershipPage(title="Lid worden", slug="lid-worden", code_of_conduct=rules))
    first = {**WORDS, "name": "Brugwerk", "enterprise_number": "0999.888.767"}
    assert Client().post(ADDRESS, first, headers=OWN).status_code == 302
    with at_most(MOST_STATEMENTS):
        answer = Client().post(ADDRESS, WORDS, headers=OWN)
    assert answer.status_code == 302
    invoice = Invoice.objects.get(name=WORDS["name"])
    waiting = Dispatch.objects.filter(invoice=invoice, state="queued")
    assert set(waiting.values_list("channel", flat=True)) == {"peppol", "mail"}
    drain()
    assert [invoice.number in message.subject for message in mail.outbox].count(True) == 1
