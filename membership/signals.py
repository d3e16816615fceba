"""What the membership app tells others. Each is sent inside the transaction, with ids."""

from django.dispatch import Signal

membership_started = Signal()
"""A membership is paid and runs: `membership_id`, `organisation_id`."""
organisations_merging = Signal()
"""Two organisations become one: what points at `drop_id` must point at `keep_id` from now on."""
