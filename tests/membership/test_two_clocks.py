"""Several `run_due` at the same time: each member is announced, invoiced and ended once."""

from datetime import date

import pytest
from django.core.management import call_command

from billing.models import Invoice
from cms.models import OutgoingMail, PeriodicRun
from membership.models import Charge, Membership
from tests.billing.test_concurrency import at_once
from tests.factories.billing import fill_in_issuer
from tests.membership.life import member, morning

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_site")]
NUMBERS = ("0999101384", "0999666543", "0999555431")


def run_many(only: str, on: date) -> None:
    moment = morning(on).isoformat()
    outcomes = at_once(lambda number: call_command("run_due", f"--at={moment}", f"--only={only}"), threads=4)
    assert outcomes == [None] * 4
    assert PeriodicRun.objects.get(name=only).error == ""


def test_four_clocks_do_each_step_once() -> None:
    fill_in_issuer()
    for number in NUMBERS:
        member(number=number)
    run_many("renewal notices", date(2028, 1, 15))
    assert OutgoingMail.objects.filter(template="membership/renewal_notice").count() == 3
    run_many("renewal invoices", date(2028, 2, 1))
    assert Charge.objects.filter(purpose="renewal").count() == 3
    renewals = Invoice.objects.filter(year=2028).order_by("sequence").values_list("sequence", flat=True)
    assert list(renewals) == [1, 2, 3]
    run_many("terms of memberships", date(2028, 3, 1))
    assert {each.ends_on for each in Membership.objects.all()} == {date(2029, 2, 28)}
    run_many("overdue invoices", date(2028, 3, 20))
    assert OutgoingMail.objects.filter(template="membership/past_due").count() == 3
    run_many("unpaid memberships", date(2028, 6, 1))
    assert OutgoingMail.objects.filter(template="membership/ended").count() == 3
