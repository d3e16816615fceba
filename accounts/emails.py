"""The mails about accounts, in the language of the person who gets them."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse, translate_url
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cms.emails import queue_email

MESSAGES = {
    "login_code": "code",
    "email_confirmation": "code",
    "email_confirmation_signup": "code",
    "password_reset_key": "password_reset",
}
"""allauth's message and the folder in templates/emails/accounts/ that holds ours, where the names differ."""

CHANGES = {
    "email_changed": _("Your e-mail address was changed"),
    "email_confirm": _("Your e-mail address was confirmed"),
    "email_deleted": _("An e-mail address was removed from your account"),
    "password_changed": _("Your password was changed"),
    "password_reset": _("Your password was changed"),
    "password_set": _("A password was added to your account"),
    "recovery_codes_generated": _("New recovery codes were made for your account"),
    "second_factor_removed": _("Two-step log-in was switched off for your account"),
    "totp_activated": _("An authenticator app was added to your account"),
    "totp_deactivated": _("The authenticator app was removed from your account"),
    "webauthn_added": _("A passkey was added to your account"),
    "webauthn_removed": _("A passkey was removed from your account"),
}
"""What the owner of an account is told afterwards: one message, with these words."""


def send_account_email(*, name: str, to: str, context: dict[str, Any]) -> None:
    """Queue one of the messages about an account to an address, known or not."""
    user = User.objects.filter(email__iexact=to).first()
    language = user.language if user else translation.get_language() or settings.LANGUAGE_CODE
    words = {**context, "user": user, "email": to, "change": CHANGES.get(name)}
    if "password_reset_url" in words:
        words["password_reset_url"] = translate_url(words["password_reset_url"], language)
    with translation.override(language):
        words["reset_days"] = settings.PASSWORD_RESET_TIMEOUT // (24 * 60 * 60)
        words["log_in_url"] = absolute("account_login")
        words["reset_url"] = absolute("account_reset_password")
        words["code_url"] = f"{absolute('account_request_login_code')}?{urlencode({'email': to})}"
    message = "account_changed" if name in CHANGES else MESSAGES.get(name, name)
    queue_email(template=f"accounts/{message}", to=to, language=language, context=words)


def absolute(name: str) -> str:
    """Return the full address of one of our pages, in the language that is active."""
    return f"{settings.SITE_URL}{reverse(name)}"
