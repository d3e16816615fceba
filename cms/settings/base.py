"""What development, tests and production share. Differences stand in their own modules."""

from cms.settings.accounts import *
from cms.settings.env import BASE_DIR, DATA_DIR, env
from cms.settings.files import *
from cms.settings.headers import ADMIN_DIRECTIVES as ADMIN_DIRECTIVES
from cms.settings.headers import PERMISSIONS_POLICY as PERMISSIONS_POLICY
from cms.settings.headers import public_policy

IS_PRODUCTION = False
"""Whether to refuse everything of the demo (cms.checks)."""

INSTALLED_APPS = [
    # Ours, from the highest to the lowest: templates and static files of a higher app win.
    "reporting",
    "home",
    "extranet",
    "newsletters",
    "matchmaking",
    "events",
    "membership",
    "billing",
    "accounts",
    "cms",
    # Wagtail
    "wagtail_localize",
    "wagtail_localize.locales",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "accounts.apps.BackOfficeUsersConfig",  # wagtail.users, with our user form
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    # Django and packages
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "django_tasks",
    "django_tasks_db",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
]

MIDDLEWARE = [
    "cms.maintenance.MaintenanceMiddleware",
    "cms.page_cache.middleware.PageCacheMiddleware",  # first: a hit costs next to nothing
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cms.headers.SecurityHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "cms.redirects.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.KeptPostMiddleware",
    "accounts.middleware.BackOfficeMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "cms.redirects.RedirectMiddleware",
    "cms.views.errors.NotFoundMiddleware",
]

ROOT_URLCONF = "cms.urls"
WSGI_APPLICATION = "cms.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
FORM_RENDERER = "cms.forms.SiteRenderer"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["site"]
CRISPY_TEMPLATE_PACK = "site"

# The database: SQLite with write-ahead log and immediate transactions, or what DATABASE_URL says.
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:  # a log-in to PostgreSQL takes longer than most requests: connections are kept, ten minutes at most
    DATABASES["default"].setdefault("CONN_MAX_AGE", 600)
    DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.validators.PersonalPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]

# Languages: Dutch first. Each message catalogue lives in the app that owns the words.
LANGUAGE_CODE = "nl"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("nl", "Nederlands"), ("en", "English")]
WAGTAILADMIN_PERMITTED_LANGUAGES = [("nl", "Nederlands"), ("en", "English")]
WAGTAIL_I18N_ENABLED = True
# A page sent to be translated is a draft until somebody publishes it: else it is live in the wrong language.
WAGTAILLOCALIZE_SYNC_LIVE_STATUS_ON_TRANSLATE = False
TIME_ZONE = "Europe/Brussels"
WAGTAIL_USER_TIME_ZONES = ["Europe/Brussels"]
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = ["cms.formats"]

WAGTAIL_PRIVATE_PAGE_OPTIONS = {"SHARED_PASSWORD": False}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# Work that leaves the process is a row in the database, written in the same transaction.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# One cache for all processes: counters of attempts must be shared.
REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cms_cache"}
    )
}

MAINTENANCE = env.bool("MAINTENANCE", default=False)

PAGE_CACHE_BYTES = env.int("PAGE_CACHE_BYTES", default=32 * 1024 * 1024)
"""What each process may keep of whole pages for visitors without a session; 0 switches it off."""

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 30  # seconds; a task must end well within its lease
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Smart Cities Vlaanderen <team@demo.example>")

SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")
"""Scheme and host that mails, calendars and feeds put before a path. No trailing slash."""
WAGTAIL_SITE_NAME = "Smart Cities Vlaanderen"
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "cms.search.backend"}}
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ALLOW_UNICODE_SLUGS = False
WAGTAIL_DATE_FORMAT = "%d/%m/%Y"
WAGTAILREDIRECTS_AUTO_CREATE = True

# To the console, where the service's manager keeps it; never with a token.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"hide tokens": {"()": "cms.logfilter.HideTokens"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "filters": ["hide tokens"], "formatter": "line"},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "cms": {"level": "INFO"},
    },
}

# A client can forge the headers of a proxy: only production behind one believes them.
TRUST_PROXY_HEADERS = False
TRUSTED_PROXY_COUNT = 1
CSRF_FAILURE_VIEW = "cms.protection.refused"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_WEBHOOK_SECRET = env.str("STRIPE_WEBHOOK_SECRET", default="")
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="https://api.stripe.com")
CONTENT_SECURITY_POLICY = {"DIRECTIVES": public_policy(STRIPE_API_BASE)}
MAILCHIMP_API_KEY = env.str("MAILCHIMP_API_KEY", default="")
MAILCHIMP_API_BASE = env.str("MAILCHIMP_API_BASE", default="")
MAILCHIMP_AUDIENCE_ID = env.str("MAILCHIMP_AUDIENCE_ID", default="")
MAILCHIMP_WEBHOOK_SECRET = env.str("MAILCHIMP_WEBHOOK_SECRET", default="")

PEPPOL_ACCESS_POINT = env.str("PEPPOL_ACCESS_POINT", default="outbox")
PEPPOL_API_KEY = env.str("PEPPOL_API_KEY", default="")
PEPPOL_API_BASE = env.str("PEPPOL_API_BASE", default="https://api.storecove.com/api/v2")
PEPPOL_LEGAL_ENTITY_ID = env.int("PEPPOL_LEGAL_ENTITY_ID", default=0)

VIES_API_BASE = env.str("VIES_API_BASE", default="")
VIES_PROOF_DAYS = env.int("VIES_PROOF_DAYS", default=30)

STYLE_GUIDE = False
"""Whether /styleguide/ shows the components: while DEBUG is on, or where a tool asks for it."""
