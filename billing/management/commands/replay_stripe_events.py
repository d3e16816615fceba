"""Applies again what Stripe told and could not be applied."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from billing.models import StripeEvent
from billing.operations.stripe_events import apply_event


class Command(BaseCommand):
    """`manage.py replay_stripe_events [evt_...]`: the named messages, or all that wait, oldest first."""

    help = "Apply messages of Stripe that were not applied yet; what was applied stays as it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the names of messages."""
        parser.add_argument("events", nargs="*", metavar="evt_...", help="only these messages")

    def handle(self, *args: Any, events: list[str], **options: Any) -> None:
        """Apply each by itself, so that one that fails holds up no other."""
        waiting = StripeEvent.objects.filter(applied_at__isnull=True).order_by("received_at", "pk")
        if events:
            waiting = waiting.filter(event_id__in=events)
        for event in waiting:
            try:
                outcome = apply_event(event=event, at=timezone.now()).outcome
            except Exception as error:
                outcome = f"failed: {type(error).__name__}: {error}"
            self.stdout.write(f"{event.event_id} {event.type}: {outcome}")
