"""The demo app: a fictional association's life, to try the platform with."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    """Shows the demo's log-ins where one logs in, and a bank file where one uploads."""

    name = "demo"
    verbose_name = _("Demo")

    def ready(self) -> None:
        """Fill the registries with the demo's entries."""
        from cms.registries import Slot, Unshown, slots, unshown_tables
        from demo.slots import offer_bank_file, offer_log_ins

        slots.register(Slot("demo log-ins", "log-in", offer_log_ins))
        slots.register(Slot("demo bank file", "bank-upload", offer_bank_file))
        unshown_tables.register(Unshown("demo_storedmail", "the demo's mailbox, which no cache keeps"))
        unshown_tables.register(Unshown("demo_storedfile", "the demo's mailbox, which no cache keeps"))
