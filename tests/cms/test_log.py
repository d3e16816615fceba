"""The log: what a line says, what it costs, and what it refuses."""

import pytest
from django.utils import timezone
from wagtail.models import ModelLogEntry

from accounts.models import User
from cms.log import record
from cms.models import Term
from tests.statements import at_most

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_a_line_costs_one_statement_and_says_who_did_what() -> None:
    person = User.objects.create_user("noor@demo.example")
    term, other = Term.objects.all()[:2]
    record(term, "cms.retry_task", at=NOW)
    with at_most(1):
        record(other, "cms.retry_task", by=person, data={"count": 2}, at=NOW)
    line = ModelLogEntry.objects.for_instance(other).get()
    assert (line.label, line.action, line.data) == (str(other), "cms.retry_task", {"count": 2})
    assert (line.user, line.timestamp) == (person, NOW)
    assert ModelLogEntry.objects.for_instance(term).get().user is None


def test_an_action_without_a_name_and_a_thing_that_is_not_saved_are_refused() -> None:
    with pytest.raises(ValueError, match="knows no action"):
        record(Term.objects.all()[0], "cms.unheard_of", at=NOW)
    with pytest.raises(ValueError, match="before it is saved"):
        record(Term(), "cms.retry_task", at=NOW)
    assert not ModelLogEntry.objects.exists()
