"""Calls `manage.py run_due` each minute from one process that has loaded the platform once."""

import logging
import time

import django
from django.core.management import call_command
from django.db import close_old_connections

SECONDS = 60
logger = logging.getLogger("cms.periodic")


def main() -> None:
    """Run what is due, for ever; one failure is logged and the next minute tries again."""
    django.setup()
    while True:
        started = time.monotonic()
        close_old_connections()
        try:
            call_command("run_due")
        except Exception:
            logger.exception("run_due failed; it is called again in a minute")
        close_old_connections()
        time.sleep(max(1, SECONDS - (time.monotonic() - started)))


if __name__ == "__main__":
    main()
