"""What the events app tells others. Each is sent inside the transaction, with ids."""

from django.dispatch import Signal

place_confirmed = Signal()
"""Someone has a place: `signup_id`, `activity_id`."""
place_released = Signal()
"""A place became free because its holder cancelled: `signup_id`, `activity_id`."""
activity_cancelled = Signal()
"""An activity does not take place: `activity_id`."""
