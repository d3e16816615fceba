"""What production refuses to start with."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from pytest_django import Settings

from cms import checks
from tools.run import INCOMPLETE

pytestmark = pytest.mark.one_database
ROOT = Path(__file__).resolve().parents[2]
SECRET = "".join(chr(48 + number) for number in range(60))


@pytest.fixture
def production(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings that production accepts."""
    settings.IS_PRODUCTION = True
    settings.STYLE_GUIDE = False
    monkeypatch.setattr(apps, "is_installed", lambda app: False)
    settings.SECRET_KEY = SECRET
    settings.DEFAULT_FROM_EMAIL = "Slimme steden <info@voorbeeld.example>"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    return settings


def ids() -> set[str]:
    found = checks.check_nothing_of_the_demo(None) + checks.check_outside_services(None)
    found += checks.check_bucket(None) + checks.check_access_point(None) + checks.check_vies(None)
    return {str(fault.id) for fault in found}


def test_good_settings_pass(production: Settings) -> None:
    assert ids() == set()
    production.STRIPE_API_BASE = "http://127.0.0.1:12111"  # to try production out on one's own machine
    assert ids() == set()


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("DEBUG", True, "cms.E012"),
        ("STYLE_GUIDE", True, "cms.E013"),
        ("EMAIL_BACKEND", "demo.mailbox.EmailBackend", "cms.E014"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "cms.W015"),
        ("STRIPE_API_BASE", "http://localhost:8000/demo/stripe", "cms.E016"),
        ("DEFAULT_FROM_EMAIL", "Slimme steden <team@demo.example>", "cms.E021"),
        ("DEFAULT_FROM_EMAIL", "Slimme steden", "cms.E021"),
        ("STRIPE_SECRET_KEY", "sk_test_1", "cms.E027"),
        ("SECRET_KEY", "short", "cms.E017"),
        ("SECRET_KEY", "a" * 80, "cms.E017"),
        ("SECRET_KEY", f"django-insecure-{SECRET}", "cms.E017"),
    ],
)
def test_each_fault_is_named(production: Settings, name: str, value: Any, fault: str) -> None:
    setattr(production, name, value)
    assert ids() == {fault}
    production.IS_PRODUCTION = False
    assert ids() == set()


def test_the_demo_app_is_refused(production: Settings) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apps, "is_installed", lambda app: app == "demo")
        assert ids() == {"cms.E011"}


@pytest.mark.parametrize(
    ("base", "key", "faults"),
    [
        ("https://api.stripe.com", "sk_live_1", set()),
        ("https://api.stripe.com/", "rk_live_1", set()),
        ("http://127.0.0.1:12111", "sk_test_1", set()),
        ("http://localhost:12111", "", set()),
        ("http://[::1]:12111", "sk_test_1", set()),
        ("http://127.0.0.1:12111", "sk_live_1", {"cms.E002"}),
        ("http://127.0.0.1:12111", "rk_live_1", {"cms.E002"}),
        ("https://api.stripe.com.evil.example", "", {"cms.E001"}),
        ("http://api.stripe.com", "", {"cms.E001"}),
        ("http://127.0.0.1.nip.io", "", {"cms.E001"}),
        ("https://localhost@evil.example", "sk_live_1", {"cms.E001", "cms.E002"}),
        ("", "", {"cms.E001"}),
    ],
)
def test_stripe_is_spoken_to_at_stripe_or_on_this_machine(
    settings: Settings, base: str, key: str, faults: set[str]
) -> None:
    settings.STRIPE_API_BASE, settings.STRIPE_SECRET_KEY = base, key
    assert ids() == faults


@pytest.mark.parametrize(
    ("base", "faults"),
    [
        ("", set()),
        ("https://us19.api.mailchimp.com/3.0", set()),
        ("http://127.0.0.1:4010", set()),
        ("http://us19.api.mailchimp.com", {"cms.E003"}),
        ("https://mailchimp.example", {"cms.E003"}),
    ],
)
def test_mailchimp_is_spoken_to_at_mailchimp_or_on_this_machine(
    settings: Settings, base: str, faults: set[str]
) -> None:
    settings.MAILCHIMP_API_BASE = base
    assert ids() == faults


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({}, set()),
        ({"PEPPOL_API_BASE": "http://127.0.0.1:9/api/v2"}, set()),
        ({"PEPPOL_API_BASE": "https://api.storecove.com.evil.example/"}, {"cms.E024"}),
        ({"PEPPOL_API_BASE": "http://api.storecove.com/api/v2"}, {"cms.E024"}),
        ({"PEPPOL_API_KEY": ""}, {"cms.E023"}),
        ({"PEPPOL_LEGAL_ENTITY_ID": 0}, {"cms.E023"}),
        ({"PEPPOL_ACCESS_POINT": "pigeon"}, {"cms.E022"}),
        ({"PEPPOL_ACCESS_POINT": "outbox", "PEPPOL_API_KEY": ""}, set()),
    ],
)
def test_an_access_point_is_known_whole_and_at_its_own_address(
    settings: Settings, changes: dict[str, Any], faults: set[str]
) -> None:
    settings.PEPPOL_ACCESS_POINT = "storecove"
    settings.PEPPOL_API_KEY, settings.PEPPOL_LEGAL_ENTITY_ID = "key", 7
    for name, value in changes.items():
        setattr(settings, name, value)
    assert ids() == faults


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({}, set()),
        ({"VIES_API_BASE": "https://ec.europa.eu/taxation_customs/vies/rest-api"}, set()),
        ({"VIES_API_BASE": "http://127.0.0.1:9"}, set()),
        ({"VIES_API_BASE": "http://ec.europa.eu/"}, {"cms.E025"}),
        ({"VIES_API_BASE": "https://ec.europa.eu.evil.example/"}, {"cms.E025"}),
        ({"VIES_PROOF_DAYS": 0}, {"cms.E026"}),
    ],
)
def test_vies_is_asked_at_its_own_address(
    settings: Settings, changes: dict[str, Any], faults: set[str]
) -> None:
    for name, value in changes.items():
        setattr(settings, name, value)
    assert ids() == faults


WHOLE_BUCKET = {
    "AWS_STORAGE_BUCKET_NAME": "platform-files",
    "AWS_S3_REGION_NAME": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
}


@pytest.mark.parametrize("missing", WHOLE_BUCKET)
def test_half_a_bucket_is_refused_in_production(production: Settings, missing: str) -> None:
    for name, value in WHOLE_BUCKET.items():
        setattr(production, name, value)
    assert ids() == set()
    setattr(production, missing, "")
    assert [fault.msg for fault in checks.check_bucket(None)] == [
        f"For files in a bucket, {missing} must be set too."
    ]
    production.AWS_S3_ENDPOINT_URL = "https://files.example.be"
    assert ids() == (set() if missing == "AWS_S3_REGION_NAME" else {"cms.E019"})
    production.IS_PRODUCTION = False
    assert ids() == set()


def test_the_address_of_a_bucket_says_how_to_speak_to_it(production: Settings) -> None:
    for name, value in {**WHOLE_BUCKET, "AWS_S3_ENDPOINT_URL": "files.example.be:9000"}.items():
        setattr(production, name, value)
    assert ids() == {"cms.E020"}
    production.AWS_S3_ENDPOINT_URL = "http://minio:9000"
    assert ids() == set()


def test_a_database_with_demo_log_ins_is_refused_in_production(db: None, production: Settings) -> None:
    users: Any = get_user_model().objects
    users.create_user("treasurer@demo.example")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connections, "close_all", lambda: None)
        with pytest.raises(ImproperlyConfigured, match="people of the demo"):
            checks.refuse_to_start()
        production.IS_PRODUCTION = False
        checks.refuse_to_start()


def test_the_web_server_does_not_start_on_a_fault(tmp_path: Path) -> None:
    """A fresh process with the real production settings, as gunicorn loads them."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "cms.settings.production",
        "DATA_DIR": str(tmp_path),
        "ALLOWED_HOSTS": "localhost",
        "SITE_URL": "http://localhost",
        "DATABASE_URL": "sqlite://:memory:",
        "EMAIL_URL": "smtp://localhost",
        "DEFAULT_FROM_EMAIL": "info@voorbeeld.example",
        "SECRET_KEY": SECRET,
    }
    bucket = {"AWS_STORAGE_BUCKET_NAME": "platform-files", "AWS_ACCESS_KEY_ID": "key"}
    for added, starts, reason in (
        ({}, True, ""),
        (WHOLE_BUCKET, True, ""),
        ({"SECRET_KEY": "short"}, False, "SECRET_KEY needs 50 random characters"),
        (bucket, False, "AWS_S3_REGION_NAME and AWS_SECRET_ACCESS_KEY must be set too"),
    ):
        run = _load(environment | added)
        assert (run.returncode == 0) is starts, run.stderr
        assert reason in run.stderr
    for name in ("SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "DATABASE_URL", "EMAIL_URL"):
        run = _load({each: value for each, value in environment.items() if each != name})
        assert run.returncode
        assert f"{INCOMPLETE}Set the {name} environment variable" in run.stderr


def _load(environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-W", "ignore", "-c", "import cms.wsgi"]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
