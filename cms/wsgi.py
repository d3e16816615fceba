"""The WSGI entry point that gunicorn loads."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.production")

application = get_wsgi_application()

from cms.checks import refuse_to_start  # noqa: E402  (the apps must be loaded)

refuse_to_start()

# All that is loaded stays: the collector need not walk through it again, which takes a tenth of a second at
# some visitor's cost, and the pages of memory stay shared between the processes.
gc.collect()
gc.freeze()
