"""A worker that is killed between payment and start leaves neither; the next one does both, once."""

import pytest
from django.utils import timezone

from billing.models import Invoice, Payment
from cms.models import OutgoingMail
from membership import receivers
from membership.models import Affiliation, Membership
from tests.factories.billing import fill_in_issuer
from tests.membership.life import groups, join, pay_all


class Killed(BaseException):
    """What no code catches, as the end of a process."""


def kill(**words: object) -> None:
    raise Killed


@pytest.mark.django_db(transaction=True)
def test_payment_and_start_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    fill_in_issuer()
    today = timezone.localdate()
    membership = join(today)
    with monkeypatch.context() as broken:
        broken.setattr(receivers, "start_membership", kill)
        with pytest.raises(Killed):
            pay_all(today)
    membership.refresh_from_db()
    assert membership.status == Membership.Status.AWAITING_PAYMENT
    assert not Payment.objects.exists()
    assert Invoice.objects.get().is_open
    for _time in range(2):
        pay_all(today)
    membership.refresh_from_db()
    assert membership.status == Membership.Status.ACTIVE
    assert Payment.objects.count() == Affiliation.objects.count() == 1
    assert OutgoingMail.objects.filter(template="accounts/welcome").count() == 1
    assert groups() == {"inform", "connect"}
