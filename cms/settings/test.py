"""The suite: development settings, quick where speed changes nothing that is tested."""

import atexit
import shutil
import tempfile
from pathlib import Path

from cms.settings.dev import *
from cms.settings.dev import STORAGES

DEBUG = False
STYLE_GUIDE = True  # to be looked at
SITE_URL = WAGTAILADMIN_BASE_URL = "http://testserver"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
DATA_DIR = Path(tempfile.mkdtemp(prefix="platform-test-"))
atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)
atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)
PAGE_CACHE_BYTES = 0  # tests of the cache switch it on
MEDIA_ROOT = DATA_DIR / "media"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir()
# Tests of the bucket start one of their own.
AWS_STORAGE_BUCKET_NAME = AWS_S3_ENDPOINT_URL = AWS_S3_REGION_NAME = ""
AWS_ACCESS_KEY_ID = AWS_SECRET_ACCESS_KEY = ""
STORAGES = {
    **STORAGES,
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(DATA_DIR / "private"), "base_url": "/private/"},
    },
    "renditions": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(MEDIA_ROOT), "base_url": "/media/"},
    },
}
# No test reaches Stripe, or the demo's stand-in, unless it says so.
STRIPE_SECRET_KEY = STRIPE_WEBHOOK_SECRET = ""
STRIPE_API_BASE = "https://api.stripe.com"
# No test reaches an access point, unless it says so.
PEPPOL_ACCESS_POINT, PEPPOL_API_KEY, PEPPOL_LEGAL_ENTITY_ID = "outbox", "", 0
# No test asks VIES, unless it says so.
VIES_API_BASE, VIES_PROOF_DAYS = "", 30
