"""The mails about accounts, in the language of the person who gets them."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse, translate_url
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User

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
    "totp_activated": _("An authenticator app was added to your account"),
    "totp_deactivated": _("The authenticator app was removed from your account"),
    "webauthn_added": _("A passkey was added to your account"),
    "webauthn_removed": _("A passkey was removed from your account"),
}
"""What allauth reports to the owner of an account afterwards: one message, with these words."""


def send_account_email(*, name: str, to: str, context: dict[str, Any]) -> None:
    """Mail one of the messages about an account to an address, known or not."""
    user = User.objects.filter(email__iexact=to).first()
    language = user.language if user else translation.get_language() or settings.LANGUAGE_CODE
    if "password_reset_url" in context:
        context = {**context, "password_reset_url": translate_url(context["password_reset_url"], language)}
    folder = "account_changed" if name in CHANGES else MESSAGES.get(name, name)
    with translation.override(language):
        words: dict[str, Any] = {
            **context,
            "user": user,
            "email": to,
            "change": CHANGES.get(name),
            "site_name": settings.WAGTAIL_SITE_NAME,
            "log_in_url": absolute("account_login"),
            "reset_url": absolute("account_reset_password"),
            "code_url": f"{absolute('account_request_login_code')}?{urlencode({'email': to})}",
        }
        place = f"emails/accounts/{folder}"
        subject = " ".join(render_to_string(f"{place}/subject.txt", words).split())
        EmailMultiAlternatives(subject, render_to_string(f"{place}/body.txt", words).strip(), to=[to]).send()


def absolute(name: str) -> str:
    """Return the full address of one of our pages, in the language that is active."""
    return f"{settings.SITE_URL}{reverse(name)}"
