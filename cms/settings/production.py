"""`make serve`: everything from the environment, nothing guessed, nothing of the demo."""

from cms.settings.base import *
from cms.settings.base import STORAGES, env

DEBUG = False
IS_PRODUCTION = True
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
SITE_URL = env.str("SITE_URL").rstrip("/")
for _name in ("DATABASE_URL", "EMAIL_URL"):  # read in `base`, where they have a default to develop with
    env.str(_name)
WAGTAILADMIN_BASE_URL = SITE_URL
CSRF_TRUSTED_ORIGINS = [SITE_URL]

# Only behind a proxy that sets these headers itself; a client could forge them otherwise.
TRUST_PROXY_HEADERS = env.bool("TRUST_PROXY_HEADERS", default=False)
if TRUST_PROXY_HEADERS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True
    TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=1)
    ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT

REQUIRE_STAFF_MFA = True

IS_HTTPS = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = IS_HTTPS and TRUST_PROXY_HEADERS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked by the proxy itself, without TLS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
