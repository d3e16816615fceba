"""Values in the back office, by the kind of their field."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import models
from django.utils import translation

from cms.details import say_value
from tests.desk import plain


@pytest.mark.parametrize(
    ("name", "value", "dutch", "english"),
    [
        ("ended_at", None, "–", "–"),
        ("brand", "", "–", "–"),
        ("is_copy", True, "Ja", "Yes"),
        ("is_copy", False, "Nee", "No"),
        (
            "saved_at",
            datetime(2026, 7, 1, 15, 32, tzinfo=UTC),
            "1 juli 2026, 17.32 uur",
            "1 July 2026, 17:32",
        ),
        ("valid_from", date(2026, 7, 1), "1 juli 2026", "1 July 2026"),
        ("yearly_fee", Decimal("1210.50"), "1.210,50 euro", "€1,210.50"),
        ("vat_rate", Decimal("21.00"), "21 %", "21%"),
        ("expires_year", 2031, "2031", "2031"),
        ("amount_eur", 300000, "300.000", "300,000"),
        ("payload", {"paid": True, "by": None}, '{"paid": true, "by": null}', '{"paid": true, "by": null}'),
    ],
)
def test_a_value_is_said_as_people_write_it(name: str, value: Any, dutch: str, english: str) -> None:
    field: models.Field[Any, Any] = models.CharField(name=name)
    for language, said in (("nl", dutch), ("en", english)):
        with translation.override(language):
            assert plain(say_value(value, field)) == said
