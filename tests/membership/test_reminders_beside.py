"""A member who does not pay hears of the membership from one side and of the invoice from the other."""

from datetime import date, timedelta

import pytest

from billing.models import Invoice
from cms.models import OutgoingMail
from membership.models import Membership
from tests.factories.billing import fill_in_issuer
from tests.membership.life import FIRST, join, live, member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _issuer() -> None:
    fill_in_issuer()


def told_after(days: dict[int, str], start: date) -> None:
    """Compare which mails left on which day."""
    later = OutgoingMail.objects.filter(queued_at__date__gt=start).order_by("queued_at", "pk")
    mails = later.exclude(template="billing/invoice")  # the credit note of what is not owed any more
    found = [((mail.queued_at.date() - start).days, mail.template) for mail in mails]
    assert dict(found) == days
    assert len(found) == len(days), "never two on one day"


def test_a_member_is_told_by_membership_on_the_day_and_reminded_by_billing_afterwards() -> None:
    membership = member()
    due_on = membership.ends_on
    assert due_on
    live(due_on - timedelta(days=30), due_on)
    live(due_on + timedelta(days=1), due_on + timedelta(days=62))
    assert Membership.objects.get().status == "lapsed"
    told_after(
        {
            1: "membership/past_due",
            7: "billing/reminder",
            21: "billing/second_reminder",
            31: "membership/grace",
            35: "billing/final_notice",
            61: "membership/ended",
        },
        due_on,
    )
    final = OutgoingMail.objects.get(template="billing/final_notice")
    for body in (final.text, final.html):
        plain = body.replace("\N{NO-BREAK SPACE}", " ")
        assert "eindigt het lidmaatschap van Lantaarnwerk op 30 april 2028" in plain, (
            "as the mail about grace said"
        )
        assert "bestuur" not in plain.split("Hoe betalen?")[0]


def test_after_a_standstill_nobody_gets_a_final_notice_with_the_first_word() -> None:
    membership = member()
    due_on = membership.ends_on
    assert due_on
    live(due_on - timedelta(days=30), due_on - timedelta(days=29))
    late = due_on + timedelta(days=40)
    live(late, late)
    templates = OutgoingMail.objects.filter(queued_at__date=late).values_list("template", flat=True)
    assert list(templates) == ["membership/past_due"]


def test_an_application_is_reminded_until_it_is_closed() -> None:
    join(FIRST)
    live(FIRST, FIRST + timedelta(days=70))
    assert Membership.objects.get().status == "closed"
    templates = OutgoingMail.objects.filter(template__startswith="billing/").order_by("pk")
    assert [
        mail.template for mail in templates if "reminder" in mail.template or "notice" in mail.template
    ] == [
        "billing/reminder",
        "billing/second_reminder",
    ]
    assert Invoice.objects.exclude(kind="credit_note").get().status == "credited"
