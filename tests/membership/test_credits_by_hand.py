"""The treasurer credits an invoice in full: the page says what follows, and who applied does not read why."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.models import Site

from billing.models import Invoice
from cms.models import OutgoingMail
from membership.models import Charge, Membership
from membership.operations.changes import resign_membership
from membership.operations.terms import invoice_renewals
from tests.billing.test_desk import person
from tests.factories.billing import fill_in_issuer
from tests.membership.life import join, mails, member

pytestmark = pytest.mark.django_db
REASON = "Wanbetaler: staat op de lijst van Els."


@pytest.fixture
def treasurer(client: Client, site: Site) -> Client:
    client.force_login(person("finance"))
    fill_in_issuer()
    return client


def invoice_of(membership: Membership, purpose: str = "start") -> Invoice:
    invoice = Charge.objects.get(membership=membership, purpose=purpose, voided_at__isnull=True).invoice
    assert invoice
    return Invoice.objects.get(pk=invoice.pk)


def says(client: Client, invoice: Invoice) -> list[str]:
    """What the page tells before anything is credited."""
    said: list[str] = client.get(f"/admin/billing/invoices/credit/{invoice.pk}/").context["what_happens"]
    return said


def says_of_member(client: Client, invoice: Invoice) -> list[str]:
    return [line for line in says(client, invoice) if "Lantaarnwerk" in line]


def credit(client: Client, invoice: Invoice) -> Any:
    address = f"/admin/billing/invoices/credit/{invoice.pk}/"
    form = client.get(address).context["form"]
    words = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    return client.post(address, {**words, "reason": REASON}, follow=True)


def test_who_applied_does_not_read_why_and_the_page_says_that_the_application_closes(
    treasurer: Client,
) -> None:
    membership = join(timezone.localdate())
    invoice = invoice_of(membership)
    assert says_of_member(treasurer, invoice) == [
        "De aanvraag van Lantaarnwerk wordt dan afgesloten: wie ze deed, krijgt een e-mail, zonder de reden."
    ]
    page = credit(treasurer, invoice).content.decode()
    membership.refresh_from_db()
    assert membership.status == "closed"
    (mail,) = mails("application_closed")
    assert "We hebben de aanvraag afgesloten" in mail.text
    assert "niet ontvangen" not in mail.text
    assert "creditnota" in mail.text
    assert REASON in page, "the history of the invoice says it"
    for each in OutgoingMail.objects.all():
        assert "Els" not in each.text, each.template


@pytest.mark.parametrize("fare", ["stays", "cancels", "engaged"])
def test_the_page_says_that_a_term_which_has_not_begun_is_invoiced_anew(treasurer: Client, fare: str) -> None:
    membership = member(timezone.localdate() - timedelta(days=345))
    assert membership.ends_on
    assert says_of_member(treasurer, invoice_of(membership)) == []
    if fare == "engaged":
        membership.engaged_until = membership.ends_on + timedelta(days=365)
        membership.save()
    assert invoice_renewals(timezone.now()) == 1
    renewal = invoice_of(membership, "renewal")
    begins = "Het lidmaatschapsjaar van Lantaarnwerk is nog niet begonnen: "
    anew = (
        f"{begins}het wordt dan binnen een dag opnieuw gefactureerd."
        if fare == "engaged"
        else f"{begins}wordt het lidmaatschap niet eerst opgezegd, dan wordt het binnen een dag opnieuw "
        "gefactureerd."
    )
    assert says_of_member(treasurer, renewal) == [anew]
    credit(treasurer, renewal)
    if fare == "cancels":
        resign_membership(membership=membership, because="budget", at=timezone.now(), by=None)
    assert invoice_renewals(timezone.now()) == (0 if fare == "cancels" else 1)
    membership.refresh_from_db()
    assert membership.status == "active"
    if fare == "stays":
        Membership.objects.update(
            status="grace", lapses_on=membership.ends_on, lapse_held_on=membership.ends_on
        )
        assert says_of_member(treasurer, invoice_of(membership, "renewal")) == []
