"""A whole life as staff read it on the membership's page: when, what, amount, day, why, and who did it."""

import html
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.users.models import UserProfile

from accounts.models import User
from billing.models import Invoice, Payment, Reversal
from billing.operations.invoices import credit_invoice, record_payment
from billing.operations.pro_formas import withdraw_pro_forma
from billing.operations.reversals import follow_money, write_reversal
from membership.models import Application, Lifecycle, Membership, Tier
from membership.operations.changes import (
    announce_tier,
    resign_membership,
    upgrade_membership,
    withdraw_resignation,
)
from membership.operations.ending import extend_grace
from membership.operations.joining import approve_application
from membership.operations.profile import change_size
from membership.queries import upgrade_quote
from tests.factories.billing import fill_in_issuer
from tests.membership.life import FIRST, join, live, morning, pay_all
from tests.membership.test_viewsets import staff

pytestmark = pytest.mark.django_db


def rows(client: Client, membership: Membership, language: str) -> Iterator[tuple[str, ...]]:
    """The lines of the history in a language, as they stand on the page."""
    UserProfile.objects.update_or_create(
        user=User.objects.get(is_staff=True), defaults={"preferred_language": language}
    )
    page = client.get(f"/admin/memberships/inspect/{membership.pk}/").content.decode()
    table = page.rpartition("<tbody>")[2].partition("</tbody>")[0]
    for row in re.findall("<tr>(.*?)</tr>", table, re.DOTALL):
        yield tuple(
            html.unescape(cell).replace("\N{NO-BREAK SPACE}", " ")
            for cell in re.findall("<td>(.*?)</td>", row)
        )


def live_a_life() -> Membership:
    """Applied and approved, paid, upgraded, grown, not paid, given time, paid, resigned, back, and gone."""
    Tier.objects.filter(slug="connect").update(needs_approval=True)
    membership = join(FIRST)
    desk = User.objects.get(is_staff=True)
    approve_application(membership=membership, at=morning(FIRST + timedelta(days=1)), by=desk)
    start = FIRST + timedelta(days=2)
    pay_all(start)
    contact = User.objects.get(email="noor@lantaarnwerk.example")
    membership.refresh_from_db()
    cultivate = Tier.objects.get(slug="cultivate")
    quote = upgrade_quote(membership=membership, tier=cultivate, at=morning(date(2027, 6, 1)))
    upgrade_membership(
        membership=membership, tier=cultivate, quoted=quote.amount, at=morning(date(2027, 6, 1)), by=contact
    )
    pay_all(date(2027, 6, 2))
    announce_tier(
        membership=membership, tier=Tier.objects.get(slug="connect"), at=morning(date(2027, 9, 1)), by=contact
    )
    change_size(membership=membership, employees=60, at=morning(date(2027, 9, 2)), by=contact)
    ends_on = date(2028, 3, 2)
    live(ends_on - timedelta(days=62), ends_on + timedelta(days=33))
    membership.refresh_from_db()
    extend_grace(
        membership=membership, days=30, reason="Betaalt in april.", at=morning(date(2028, 4, 4)), by=desk
    )
    pay_all(date(2028, 4, 10))
    resign_membership(
        membership=membership, because="budget", note="Te duur.", at=morning(date(2028, 5, 1)), by=contact
    )
    withdraw_resignation(membership=membership, at=morning(date(2028, 5, 2)), by=contact)
    resign_membership(
        membership=membership, because="merged", at=morning(date(2028, 5, 3)), by=contact, is_by_link=True
    )
    live(date(2029, 3, 3), date(2029, 3, 3))
    membership.refresh_from_db()
    assert membership.status == "resigned"
    return membership


LIFE = {
    "nl": [
        ("1 maart 2027", "Vroeg een lidmaatschap aan", "Connect, 1.000,00 euro", "Noor Lanterman"),
        ("2 maart 2027", "Aanvraag goedgekeurd", "", "finance@demo.example"),
        ("3 maart 2027", "Lidmaatschap gestart", "tot en met 2 maart 2028", "het platform"),
        (
            "1 juni 2027",
            "Overgestapt naar een hogere formule",
            "Connect → Cultivate, 1.508,20 euro",
            "Noor Lanterman",
        ),
        (
            "1 september 2027",
            "Andere formule aangekondigd voor het volgende jaar",
            "Cultivate → Connect, na 2 maart 2028",
            "Noor Lanterman",
        ),
        ("2 september 2027", "Aantal medewerkers gewijzigd", "25 → 60", "Noor Lanterman"),
        (
            "2 januari 2028",
            "Verlenging per e-mail aangekondigd",
            "1.500,00 euro, 60 dagen voor het einde",
            "het platform",
        ),
        (
            "1 februari 2028",
            "Volgend jaar gefactureerd",
            "Connect, 1.500,00 euro, vanaf 3 maart 2028",
            "het platform",
        ),
        (
            "1 februari 2028",
            "Verlenging per e-mail aangekondigd",
            "1.500,00 euro, 30 dagen voor het einde",
            "het platform",
        ),
        (
            "24 februari 2028",
            "Verlenging per e-mail aangekondigd",
            "1.500,00 euro, 7 dagen voor het einde",
            "het platform",
        ),
        (
            "3 maart 2028",
            "Nieuw lidmaatschapsjaar begonnen",
            "Connect, tot en met 2 maart 2029",
            "het platform",
        ),
        (
            "3 maart 2028",
            "Achterstallig: een factuur is niet op tijd betaald",
            "vervalt op 2 mei 2028 als niet alles betaald is, factuur 2028-00001",
            "het platform",
        ),
        (
            "2 april 2028",
            "In de ledenzone kan enkel nog gelezen worden",
            "factuur 2028-00001",
            "het platform",
        ),
        (
            "4 april 2028",
            "Respijt verlengd",
            "30 dagen langer, vervalt op 1 juni 2028 als niet alles betaald is, Betaalt in april.",
            "finance@demo.example",
        ),
        (
            "10 april 2028",
            "Alles is betaald: opnieuw actief",
            "factuur 2028-00001",
            "het platform",
        ),
        (
            "1 mei 2028",
            "Lidmaatschap opgezegd tegen het einde van het jaar",
            "tot en met 2 maart 2029, Budget",
            "Noor Lanterman",
        ),
        ("2 mei 2028", "Opzegging ingetrokken", "", "Noor Lanterman"),
        (
            "3 mei 2028",
            "Lidmaatschap opgezegd tegen het einde van het jaar",
            "tot en met 2 maart 2029, Fusie, overname of stopzetting van de organisatie, "
            "met de link in een e-mail",
            "Noor Lanterman",
        ),
        ("3 maart 2029", "Opgezegd lidmaatschap geëindigd", "", "het platform"),
    ],
    "en": [
        ("1 March 2027", "Applied for a membership", "Connect, €1,000.00", "Noor Lanterman"),
        ("2 March 2027", "Application approved", "", "finance@demo.example"),
        ("3 March 2027", "Membership started", "until 2 March 2028", "the platform"),
        ("1 June 2027", "Moved to a higher tier", "Connect → Cultivate, €1,508.20", "Noor Lanterman"),
        (
            "1 September 2027",
            "Another tier announced for the next term",
            "Cultivate → Connect, after 2 March 2028",
            "Noor Lanterman",
        ),
        ("2 September 2027", "Number of employees changed", "25 → 60", "Noor Lanterman"),
        (
            "2 January 2028",
            "Renewal announced by e-mail",
            "€1,500.00, 60 days before the end",
            "the platform",
        ),
        ("1 February 2028", "Next term invoiced", "Connect, €1,500.00, from 3 March 2028", "the platform"),
        (
            "1 February 2028",
            "Renewal announced by e-mail",
            "€1,500.00, 30 days before the end",
            "the platform",
        ),
        (
            "24 February 2028",
            "Renewal announced by e-mail",
            "€1,500.00, 7 days before the end",
            "the platform",
        ),
        ("3 March 2028", "Next term began", "Connect, until 2 March 2029", "the platform"),
        (
            "3 March 2028",
            "Past due: an invoice was not paid in time",
            "lapses on 2 May 2028 unless all is paid, invoice 2028-00001",
            "the platform",
        ),
        ("2 April 2028", "The member zone became read-only", "invoice 2028-00001", "the platform"),
        (
            "4 April 2028",
            "Grace period extended",
            "30 days more, lapses on 1 June 2028 unless all is paid, Betaalt in april.",
            "finance@demo.example",
        ),
        ("10 April 2028", "All is paid: active again", "invoice 2028-00001", "the platform"),
        (
            "1 May 2028",
            "Membership cancelled, to end with its term",
            "until 2 March 2029, Budget",
            "Noor Lanterman",
        ),
        ("2 May 2028", "Cancellation withdrawn", "", "Noor Lanterman"),
        (
            "3 May 2028",
            "Membership cancelled, to end with its term",
            "until 2 March 2029, Merger, takeover or closure of the organisation, by the link in an e-mail",
            "Noor Lanterman",
        ),
        ("3 March 2029", "Membership ended as cancelled", "", "the platform"),
    ],
}


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_life_stands_on_the_page_line_by_line(language: str) -> None:
    fill_in_issuer()
    client = staff("finance")
    found = [
        (when.partition(",")[0], what, details, who)
        for when, what, details, who in rows(client, live_a_life(), language)
    ]
    assert found[::-1] == LIFE[language]


@pytest.mark.parametrize(
    ("language", "lapsed"),
    [
        ("nl", ("Lidmaatschap vervallen", "factuur 2028-00001", "het platform")),
        ("en", ("Membership lapsed", "invoice 2028-00001", "the platform")),
    ],
)
def test_the_end_of_who_does_not_pay_stands_there_too(language: str, lapsed: tuple[str, ...]) -> None:
    fill_in_issuer()
    client = staff("finance")
    membership = join(FIRST)
    pay_all(FIRST)
    live(date(2028, 1, 30), date(2028, 5, 28), step=17)
    last = next(rows(client, membership, language))
    assert last[1:] == lapsed


def test_who_was_forgotten_is_named_no_more() -> None:
    fill_in_issuer()
    client = staff("finance")
    membership = join(FIRST)
    assert list(rows(client, membership, "en"))[-1][3] == "Noor Lanterman"
    Application.objects.update(first_name="", last_name="", email="")
    assert list(rows(client, membership, "en"))[-1][3] == "the platform"


def credit(client: Client, number: str, reason: str) -> None:
    """Credit all that is left of an invoice by the desk's form, as it stands."""
    url = f"/admin/billing/invoices/credit/{Invoice.objects.get(number=number).pk}/"
    form = client.get(url).context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    assert client.post(url, {**sent, "reason": reason}).status_code == 302


@pytest.mark.parametrize(
    ("language", "waived", "closed"),
    [
        ("nl", "Wat vervallen was, is kwijtgescholden: opnieuw actief", "Aanvraag afgesloten"),
        ("en", "What was overdue is waived: active again", "Application closed"),
    ],
)
def test_what_the_treasurer_credits_names_the_invoice_the_reason_and_the_treasurer(
    language: str, waived: str, closed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_in_issuer()
    monkeypatch.setattr(timezone, "now", lambda: morning(date(2028, 4, 10)))
    client, word = staff("finance"), {"nl": "factuur", "en": "invoice"}[language]
    membership = join(FIRST)
    pay_all(FIRST)
    live(date(2028, 1, 30), date(2028, 4, 10), step=17)
    number = Invoice.objects.latest("pk").number
    credit(client, number, "Overmacht.")
    assert next(rows(client, membership, language))[1:] == (
        waived,
        f"{word} {number}, Overmacht.",
        "finance@demo.example",
    )
    applied = join(date(2028, 4, 10), number="0999888767")
    credit(client, Invoice.objects.get(reference=f"membership:{applied.pk}").number, "Vergissing.")
    assert next(rows(client, applied, language))[1:] == (closed, "Vergissing.", "finance@demo.example")


def test_the_author_travels_with_what_billing_tells_where_no_request_knows_it() -> None:
    fill_in_issuer()
    client, desk = staff("finance"), User.objects.get(is_staff=True)
    membership = join(FIRST)
    first = Invoice.objects.get()
    words: dict[str, Any] = {"method": "transfer", "received_on": FIRST, "external_reference": "1"}
    record_payment(invoice=first, amount=first.gross, **words, at=morning(FIRST), by=desk)
    assert next(rows(client, membership, "en"))[1:] == (
        "Membership started",
        "until 29 February 2028",
        "finance@demo.example",
    )
    live(date(2028, 1, 30), date(2028, 4, 10), step=17)
    renewal = Invoice.objects.latest("pk")
    credit_invoice(invoice=renewal, reason="Overmacht.", at=morning(date(2028, 4, 11)), by=desk)
    assert next(rows(client, membership, "en"))[3] == "finance@demo.example"

    Lifecycle.objects.update_or_create(pk=1, defaults={"asks_payment_first": True})
    asked = join(date(2028, 4, 11), number="0999888767")
    pro_forma = Invoice.documents.get(reference=f"membership:{asked.pk}")
    withdraw_pro_forma(pro_forma=pro_forma, reason="Dubbel.", at=morning(date(2028, 4, 12)), by=desk)
    assert next(rows(client, asked, "en"))[1:] == ("Application closed", "Dubbel.", "finance@demo.example")


def test_money_that_goes_back_says_why_it_is_past_due() -> None:
    fill_in_issuer()
    client = staff("finance")
    membership = join(FIRST)
    pay_all(FIRST)
    payment = Payment.objects.get()
    late = date(2027, 6, 1)
    write_reversal(
        payment,
        kind=Reversal.Kind.DISPUTE,
        amount=payment.amount,
        method="stripe",
        returned_on=late,
        key="dispute",
        status=Reversal.Status.DONE,
        by=None,
        at=morning(late),
    )
    follow_money(payment.invoice, at=morning(late), by=None, reason="Terugvordering")
    what, details, who = next(rows(client, membership, "nl"))[1:]
    assert what == "Achterstallig: een factuur is niet op tijd betaald"
    assert details.endswith(f"factuur {payment.invoice.number}, Terugvordering")
    assert who == "het platform"


def test_who_joins_again_logged_in_is_the_author_of_the_application() -> None:
    fill_in_issuer()
    client = staff("finance")
    contact = User.objects.create_user("ander@lantaarnwerk.example", first_name="An", last_name="Maes")
    membership = join(FIRST, by=contact)
    assert next(rows(client, membership, "nl"))[3] == "An Maes"
