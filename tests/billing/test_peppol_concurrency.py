"""Many workers at one dispatch, on both databases, in real transactions."""

import pytest
from wagtail.models import ModelLogEntry, Site

from billing.operations import delivery, peppol
from billing.operations.delivery import AlreadyOnPeppol, send_peppol_again
from billing.operations.peppol import send_by_peppol
from cms.models import OutgoingMail
from tests.billing.sending import fresh, send
from tests.billing.test_concurrency import at_once
from tests.factories.billing import NOON
from tests.fakes.peppol import FakeAccessPoint

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_workers_send_and_mail_once(committed_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    point = FakeAccessPoint()
    for module in (delivery, peppol):
        monkeypatch.setattr(module, "access_point", lambda: point)
    dispatch = send()
    assert at_once(lambda _number: send_by_peppol(dispatch=dispatch, at=NOON)) == [None] * 20
    assert (fresh(dispatch).state, fresh(dispatch).external_id) == ("sent", f"guid-{dispatch.key}")
    assert len(point.sent) == 1
    assert OutgoingMail.objects.count() == 1
    lines = ModelLogEntry.objects.for_instance(dispatch.invoice).filter(action="billing.peppol")
    assert sorted(line.data["state"] for line in lines) == ["queued", "sent"]
    refused = at_once(lambda _number: send_peppol_again(invoice=dispatch.invoice, at=NOON, by=None))
    assert {type(refusal) for refusal in refused} == {AlreadyOnPeppol}
