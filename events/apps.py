"""The events app: what people take part in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class EventsConfig(AppConfig):
    """Registers what the calendar has to find, and connects what the app does when it hears something."""

    name = "events"
    verbose_name = _("Events")

    def ready(self) -> None:
        """Connect the receivers and fill the kernel's registries."""
        from cms import registries
        from cms.roles import ADMINISTRATOR, BOARD, EDITOR, EVENTS, MODERATOR
        from events import receivers  # noqa: F401  (connects)
        from events.operations.privacy import erase_person, forget_attendees
        from events.queries import past_pages, personal_data_of

        pages = ("events.EventPage", "events.FocusGroupPage", "events.MasterclassPage")
        registries.search_kinds.register(
            registries.SearchKind("event", _("Events"), _("Event"), pages, past_pages)
        )
        registries.due_work.register(
            registries.DueWork(gettext_noop("attendees of long ago"), forget_attendees)
        )
        registries.personal_data.register(registries.PersonalData("events", personal_data_of, erase_person))
        registries.lively_tables.register(
            registries.Lively(
                "events_signup", "written by whoever signs up; only pages that show activities count it"
            )
        )
        all_of_it = ("events.*_activity", "events.*_signup")
        reading = ("events.view_activity", "events.view_signup")
        registries.role_permissions.register(
            registries.RolePermissions(
                "events",
                {
                    EVENTS: (*all_of_it, "membership.view_organisation", "membership.change_organisation"),
                    ADMINISTRATOR: all_of_it,
                    MODERATOR: reading,
                    EDITOR: ("events.view_activity",),
                    BOARD: reading,
                },
                {EVENTS: "events.EventIndexPage"},
            )
        )
