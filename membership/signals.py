"""What the membership app tells others. Each is sent inside the transaction, with ids."""

from django.dispatch import Signal

membership_started = Signal()
"""A membership is paid and runs: `membership_id`, `organisation_id`."""
membership_changed = Signal()
"""Its tier, its term or how it is paid changed while it runs: `membership_id`, `organisation_id`."""
membership_ended = Signal()
"""A membership lapsed or was resigned: `membership_id`, `organisation_id`."""
organisations_merging = Signal()
"""Two organisations become one: what points at `drop_id` must point at `keep_id` from now on."""
