"""When a membership lapses, in a list."""

from typing import Any

from django.utils.translation import gettext as _

from billing.viewsets.ledger import DayColumn


class LapsesColumn(DayColumn):
    """The day on which it lapses; of one that is held, whose day is past, that it should have."""

    def get_value(self, instance: Any) -> str:
        """Return the day, the words, or nothing."""
        return _("Should have lapsed") if instance.lapse_held_on else super().get_value(instance)
