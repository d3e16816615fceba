"""What production settings refuse to start with. Run by manage.py, and by the web server as it starts.

Settings of `cms.settings.production` have IS_PRODUCTION; elsewhere nothing is checked but the addresses of
outside services.
"""

import ipaddress
from collections.abc import Sequence
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, Tags, Warning, register, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

DEMO_DOMAIN = "@demo.example"
"""All log-ins of the demo have an address there, and one password that stands in its files."""
STRIPE = "https://api.stripe.com"
MAILCHIMP_DOMAIN = ".api.mailchimp.com"
ACCESS_POINTS = ("outbox", "storecove")
STORECOVE = "https://api.storecove.com/"
VIES = "https://ec.europa.eu/"
LIVE_KEYS = ("sk_live_", "rk_live_")
BUCKET = "AWS_STORAGE_BUCKET_NAME"
BUCKET_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
SILENT_MAIL = ("console", "dummy", "locmem", "filebased")
FEWEST_SECRET_CHARACTERS = 50

Apps = Sequence[AppConfig] | None


def is_loopback(address: str) -> bool:
    """Say whether a URL leads to this machine by its name or number."""
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@register(Tags.security)
def check_outside_services(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Refuse addresses of Stripe and Mailchimp that are neither theirs nor on this machine."""
    faults: list[CheckMessage] = []
    base = settings.STRIPE_API_BASE.rstrip("/")
    if base != STRIPE:
        if not is_loopback(base):
            faults.append(Error(f"STRIPE_API_BASE must be {STRIPE} or on the loopback.", id="cms.E001"))
        if settings.STRIPE_SECRET_KEY.startswith(LIVE_KEYS):
            faults.append(Error(f"A live key of Stripe goes to {STRIPE} only.", id="cms.E002"))
    if settings.IS_PRODUCTION and settings.STRIPE_SECRET_KEY and not settings.STRIPE_WEBHOOK_SECRET:
        told = "Without STRIPE_WEBHOOK_SECRET no payment by Stripe is ever confirmed: set both or neither."
        faults.append(Error(told, id="cms.E027"))
    base = settings.MAILCHIMP_API_BASE
    if base and not is_loopback(base):
        address = urlsplit(base)
        if address.scheme != "https" or not (address.hostname or "").endswith(MAILCHIMP_DOMAIN):
            faults.append(Error("MAILCHIMP_API_BASE must be Mailchimp's or on the loopback.", id="cms.E003"))
    return faults


@register(Tags.security)
def check_access_point(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Refuse an unknown access point, half the settings of one, and an address that is not its own."""
    chosen, base = settings.PEPPOL_ACCESS_POINT, settings.PEPPOL_API_BASE
    if chosen not in ACCESS_POINTS:
        return [Error(f"PEPPOL_ACCESS_POINT must be {' or '.join(ACCESS_POINTS)}.", id="cms.E022")]
    if chosen == "outbox":
        return []
    faults: list[CheckMessage] = []
    if missing := [
        name for name in ("PEPPOL_API_KEY", "PEPPOL_LEGAL_ENTITY_ID") if not getattr(settings, name)
    ]:
        faults.append(Error(f"To send by Peppol, {' and '.join(missing)} must be set too.", id="cms.E023"))
    if not base.startswith(STORECOVE) and not is_loopback(base):
        faults.append(
            Error(f"PEPPOL_API_BASE must begin with {STORECOVE} or be on the loopback.", id="cms.E024")
        )
    return faults


@register(Tags.security)
def check_vies(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Refuse an address of VIES that is not the Commission's, and proofs that hold for no day."""
    faults: list[CheckMessage] = []
    base = settings.VIES_API_BASE
    if base and not base.startswith(VIES) and not is_loopback(base):
        faults.append(Error(f"VIES_API_BASE must begin with {VIES} or be on the loopback.", id="cms.E025"))
    if settings.VIES_PROOF_DAYS < 1:
        faults.append(Error("VIES_PROOF_DAYS must be 1 or more.", id="cms.E026"))
    return faults


@register(Tags.security)
def check_nothing_of_the_demo(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Refuse the demo's parts, debugging, the style guide and a weak secret in production."""
    if not settings.IS_PRODUCTION:
        return []
    faults: list[CheckMessage] = []
    if apps.is_installed("demo"):
        faults.append(Error("The app `demo` must not be installed in production.", id="cms.E011"))
    if settings.DEBUG:
        faults.append(Error("DEBUG must be off in production.", id="cms.E012"))
    if settings.STYLE_GUIDE:
        faults.append(Error("The style guide must not be served in production.", id="cms.E013"))
    if "demo" in settings.EMAIL_BACKEND.split("."):
        faults.append(Error("The demo's mailbox shows every mail; set EMAIL_URL.", id="cms.E014"))
    elif any(word in settings.EMAIL_BACKEND for word in SILENT_MAIL):
        faults.append(Warning("No mail leaves: EMAIL_URL names no mail server.", id="cms.W015"))
    if urlsplit(settings.STRIPE_API_BASE).path.startswith("/demo/"):
        faults.append(Error("The demo's stand-in for payments takes no real money.", id="cms.E016"))
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    if "@" not in sender or sender.endswith(DEMO_DOMAIN):
        faults.append(Error("DEFAULT_FROM_EMAIL must be an address of your own.", id="cms.E021"))
    secret = settings.SECRET_KEY
    if len(secret) < FEWEST_SECRET_CHARACTERS or len(set(secret)) < 8 or secret.startswith("django-insecure"):
        faults.append(
            Error(f"SECRET_KEY needs {FEWEST_SECRET_CHARACTERS} random characters at least.", id="cms.E017")
        )
    return faults


@register(Tags.security)
def check_bucket(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Refuse half the settings of a bucket in production: files would land where nobody keeps them."""
    endpoint, region = "AWS_S3_ENDPOINT_URL", "AWS_S3_REGION_NAME"
    given = [name for name in (BUCKET, endpoint, region, *BUCKET_KEYS) if getattr(settings, name)]
    if not settings.IS_PRODUCTION or not given:
        return []
    faults: list[CheckMessage] = []
    needed = [BUCKET, *BUCKET_KEYS] if endpoint in given else [BUCKET, region, *BUCKET_KEYS]
    if missing := [name for name in needed if name not in given]:
        faults.append(
            Error(f"For files in a bucket, {' and '.join(missing)} must be set too.", id="cms.E019")
        )
    if endpoint in given and urlsplit(settings.AWS_S3_ENDPOINT_URL).scheme not in ("http", "https"):
        faults.append(Error(f"{endpoint} must begin with https:// or http://.", id="cms.E020"))
    return faults


@register(Tags.database)
def check_no_demo_users(
    app_configs: Apps, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse the demo's log-ins, whose password everybody may read, in a production database."""
    if not settings.IS_PRODUCTION or not databases:
        return []
    users = get_user_model()
    if users._meta.db_table not in connections["default"].introspection.table_names():
        return []  # not migrated yet
    if users._default_manager.filter(email__iendswith=DEMO_DOMAIN).exists():
        return [Error(f"The database holds people of the demo (at {DEMO_DOMAIN}).", id="cms.E018")]
    return []


def refuse_to_start() -> None:
    """Raise ImproperlyConfigured with all faults in one sentence each; called by the web server.

    The connection is closed again, so that no forked process inherits it.
    """
    found = run_checks(tags=[Tags.security])
    if settings.IS_PRODUCTION:
        found += run_checks(tags=[Tags.database], databases=["default"])
        connections.close_all()
    faults = [str(fault.msg) for fault in found if fault.is_serious() and str(fault.id).startswith("cms.")]
    if faults:
        raise ImproperlyConfigured(" ".join(faults))
