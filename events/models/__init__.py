"""Activities and sign-ups are ledgers; pages only show them."""

from events.models.activity import Activity, ActivityFacts
from events.models.pages import ActivityPage, EventIndexPage, EventPage, FocusGroupPage, MasterclassPage
from events.models.signup import Signup

__all__ = [
    "Activity",
    "ActivityFacts",
    "ActivityPage",
    "EventIndexPage",
    "EventPage",
    "FocusGroupPage",
    "MasterclassPage",
    "Signup",
]
