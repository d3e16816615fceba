"""Who took part in the demo's activities, and who will: invented people of the demo's organisations."""

from datetime import datetime, timedelta

from accounts.models import User
from demo.data_files import read
from events.models import Activity
from events.operations.activities import cancel_activity
from events.operations.signups import Attendee, record_signups
from membership.models import Organisation

FIRST_NAMES = ("Amber", "Bram", "Chloë", "Daan", "Elif", "Fien", "Gust", "Hanne", "Ilyas", "Jutta", "Kobe")
LAST_NAMES = ("Stoeprand", "Lantaarn", "Zebrapad", "Bushalte", "Dakgoot", "Fietspad", "Rotonde")
"""Plainly fictional: words of the street for family names."""


def load_signups(*, at: datetime) -> str:
    """Fill the places that the data file names, and call off what is cancelled in it."""
    organisations = list(Organisation.objects.filter(is_confirmed=True).order_by("pk"))
    editor = User.objects.filter(groups__name="editor").first()
    total = 0
    for number, row in enumerate(read("activities.toml")["activity"]):
        activity = Activity.objects.get(name_nl=row["name_nl"])
        people = [_person(number * 7 + place, organisations) for place in range(row["signups"])]
        signed_up_at = min(activity.starts_at, at) - timedelta(days=7)
        total += len(record_signups(activity=activity, attendees=people, at=signed_up_at))
        if row["state"] == "cancelled" and editor:
            cancel_activity(activity=activity, by=editor)
    return f"{total} sign-ups"


def _person(number: int, organisations: list[Organisation]) -> Attendee:
    """Return the same person for the same number; each belongs to one organisation."""
    organisation = organisations[number % len(organisations)]
    first_name = FIRST_NAMES[number % len(FIRST_NAMES)]
    last_name = LAST_NAMES[number % len(LAST_NAMES)]
    return Attendee(
        first_name=first_name,
        last_name=last_name,
        email=f"deelnemer{number}@demo.example",
        language="nl",
        organisation_name=organisation.name,
        organisation_kind=organisation.kind,
    )
