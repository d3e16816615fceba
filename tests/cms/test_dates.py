from datetime import UTC, datetime

import pytest
from django.utils.translation import override

from cms.dates import say_period

# Winter and summer: Brussels is one hour ahead of UTC, then two.
WINTER = datetime(2026, 12, 3, 13, 0, tzinfo=UTC), datetime(2026, 12, 3, 16, 0, tzinfo=UTC)
DAYS = datetime(2026, 7, 6, 7, 0, tzinfo=UTC), datetime(2026, 7, 8, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "period", "words"),
    [
        ("nl", WINTER, "donderdag 3 december 2026, 14.00 - 17.00 uur"),
        ("en", WINTER, "Thursday 3 December 2026, 14:00 to 17:00"),
        ("nl", DAYS, "maandag 6 juli 2026, 9.00 uur tot woensdag 8 juli 2026, 17.30 uur"),
        ("en", DAYS, "Monday 6 July 2026, 09:00 to Wednesday 8 July 2026, 17:30"),
    ],
)
def test_a_period_is_said_as_people_say_it(
    language: str, period: tuple[datetime, datetime], words: str
) -> None:
    with override(language):
        assert say_period(*period) == words
