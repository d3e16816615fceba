"""What the newsletter tells others, with ids, inside the transaction that made it so."""

from django.dispatch import Signal

subscription_changed = Signal()
"""Somebody confirmed or left: `subscription_id`, and `source` (`ConsentEvent.Source`), where it was done."""
