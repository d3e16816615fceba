"""What a form costs before anybody has typed in it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cms.stamp import get_stamp
from home.models import HomePage
from tests.journeys.form_table import FORMS
from tests.journeys.test_bad_input import undone, world_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.usefixtures("memory")]
FORM_QUERIES = 10


def test_every_form_opens_with_few_queries(home: HomePage) -> None:
    dear, shown = {}, 0
    for case in FORMS:
        world = world_of(home, "nl")
        with undone(world.client):
            get_stamp().bump()
            address = case.open(world)
            words = case.good if case.method == "get" else {}
            world.client.get(address, words)
            with CaptureQueriesContext(connection) as queries:
                answer = world.client.get(address, words)
        assert answer.status_code in (200, 302, 405), case.name
        shown += answer.status_code == 200
        if len(queries) > FORM_QUERIES:
            dear[case.name] = [query["sql"][:150] for query in queries]
    assert not dear
    assert shown > len(FORMS) / 2
