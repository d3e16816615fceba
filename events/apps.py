"""The events app: what people take part in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    """Registers what the calendar has to find, and connects what the app does when it hears something."""

    name = "events"
    verbose_name = _("Events")

    def ready(self) -> None:
        """Connect the receivers and fill the kernel's registries."""
        from cms.registries import SearchKind, search_kinds
        from events import receivers  # noqa: F401  (connects)

        pages = ("events.EventPage", "events.FocusGroupPage", "events.MasterclassPage")
        search_kinds.register(SearchKind("event", _("Events"), pages))
