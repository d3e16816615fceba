"""How allauth behaves in this house: no open sign-up, our mails, our words, encrypted secrets."""

import base64
import hashlib
import time
from typing import Any, ClassVar

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.emails import send_account_email


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are opened by a membership or by staff, never by a stranger's form."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is not active at the moment."),
        "duplicate_email": _("This is your e-mail address already."),
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "email_taken": _("This e-mail address cannot be used."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": _("This code is not right. Check it, or ask for a new one."),
        "incorrect_password": _("This password is not right."),
        "invalid_password_reset": _("This link does not work any more."),
        "too_many_login_attempts": _("Too many attempts. Wait a few minutes and try again."),
        "rate_limited": _("Too many attempts. Wait a few minutes and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up here: an account comes with a membership or from staff."""
        return False

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Log in, and let the session of who may enter the back office end the same day."""
        super().login(request, user)
        set_session_age(request)

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """Lead to the home page in the language that the person was reading."""
        return f"/{get_language()}/"

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who logged in during the last quarter of an hour need not show again that it is them."""
        log_ins = get_authentication_records(self.request, self.request.user)
        if log_ins and time.time() - log_ins[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send one of allauth's messages with our template of the same name."""
        send_account_email(name=template_prefix.rsplit("/", 1)[-1], to=email, context=context)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps are kept encrypted with a key made from SECRET_KEY."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right. Check it and try the newest one."),
        "unverified_email": _("Confirm your e-mail address before you set up two-step log-in."),
        "cannot_generate_recovery_codes": _("Add an authenticator app or a passkey first."),
    }

    def encrypt(self, text: str) -> str:
        """Return the text as a token that only this installation reads."""
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Read a token back, also one that was written with an older SECRET_KEY."""
        return _fernet().decrypt(encrypted_text.encode()).decode()

    def build_totp_svg(self, url: str) -> str:
        """Draw the QR code as an inline SVG: allauth's data: image is not allowed by our CSP."""
        return str(segno.make(url, error="m").svg_inline(scale=5, border=4, light="#fff", dark="#000"))

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        """Number the passkeys of a person who gives them no name."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("Passkey %(number)s") % {"number": number}

    def _get_site_name(self) -> str:
        return str(settings.WAGTAIL_SITE_NAME)


def set_session_age(request: HttpRequest) -> None:
    """Give the session of the person who just logged in its length."""
    if request.user.is_authenticated:
        is_staff = request.user.has_perm("wagtailadmin.access_admin")
        request.session.set_expiry(settings.STAFF_SESSION_AGE if is_staff else settings.SESSION_COOKIE_AGE)


def _fernet() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        [
            Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"second factor {key}".encode()).digest()))
            for key in keys
        ]
    )
