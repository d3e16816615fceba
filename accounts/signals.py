"""What the accounts app tells others. Each is sent inside the transaction, with ids."""

from django.dispatch import Signal

address_changed = Signal()
"""Staff gave a person another address to log in with: `user_id`. Where it is the person, allauth tells."""
