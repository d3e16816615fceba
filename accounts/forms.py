"""allauth's forms with our labels, one's own details, and people in the back office."""

from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.core import context
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from wagtail.users.forms import UserCreationForm, UserEditForm

from accounts.adapters import set_session_age
from accounts.models import User
from accounts.operations.people import keep_address
from cms.forms import LineField, refuse_hidden_signs

LONGEST_NAME = 100
TOO_OFTEN = ("too_many_login_attempts", "rate_limited")
"""What allauth calls its refusals of who tries too often."""

# Said by allauth's forms themselves; named here so that our catalogue carries them.
gettext_noop("You must type the same password each time.")


class Plain:
    """Labels say what a field is; a placeholder that repeats the label disappears while one types."""

    labels: ClassVar[dict[str, Any]] = {
        "login": _("E-mail address"),
        "email": _("E-mail address"),
        "password": _("Password"),
        "oldpassword": _("Current password"),
        "password1": _("New password"),
        "password2": _("Repeat the new password"),
        "code": _("Code"),
        "name": _("Name of the passkey"),
        "passwordless": _("Log in with this passkey alone"),
    }
    help_texts: ClassVar[dict[str, Any]] = {"password": "", "oldpassword": ""}
    missing: ClassVar[dict[str, Any]] = {
        "login": _("Enter your e-mail address."),
        "email": _("Enter your e-mail address."),
        "password": _("Enter your password."),
        "oldpassword": _("Enter your current password."),
        "password1": _("Enter a new password."),
        "password2": _("Repeat the new password."),
        "code": _("Enter the code."),
        "name": _("Enter a name for the passkey."),
    }
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.help_texts.get(name, field.help_text)
            if name in self.missing:
                field.error_messages["required"] = self.missing[name]

    def add_error(self, field: str | None, error: Any) -> None:
        """Say of the form as a whole that it was tried too often: what stands in a field is not wrong."""
        is_limit = getattr(error, "code", None) in TOO_OFTEN
        super().add_error(None if is_limit else field, error)  # type: ignore[misc]  # the form beside it has it


class OneTimeCode(Plain):
    """A code of digits: a phone shows its digits and offers the code from the mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update({"inputmode": "numeric", "autocomplete": "one-time-code"})


class LoginForm(Plain, account.LoginForm):
    """E-mail address and password."""

    def clean(self) -> dict[str, Any] | None:
        """Say beside the address that both do not go together: which of them is wrong, nobody may know."""
        try:
            data: dict[str, Any] | None = super().clean()
        except forms.ValidationError as refused:
            self.add_error("login", refused)
            return None
        return data

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        """Log in; allauth sets the length of the session last, so ours is set again."""
        response: HttpResponse = super().login(request, redirect_url)
        set_session_age(request)
        return response


class AddEmailForm(Plain, account.AddEmailForm):
    labels: ClassVar[dict[str, Any]] = {"email": _("New e-mail address")}


class ChangePasswordForm(Plain, account.ChangePasswordForm):
    pass


class SetPasswordForm(Plain, account.SetPasswordForm):
    pass


class ResetPasswordForm(Plain, account.ResetPasswordForm):
    """Asks for the address, which the page after it repeats: a typing error is then seen."""

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Mail the link, and keep the address as it was typed."""
        request.session["password_reset_address"] = self.cleaned_data["email"]
        return str(super().save(request, **kwargs))


class ResetPasswordKeyForm(Plain, account.ResetPasswordKeyForm):
    pass


class RequestLoginCodeForm(Plain, account.RequestLoginCodeForm):
    """Asks for the address; the link in the mail of welcome fills it in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].initial = context.request.GET.get("email", "")


class ConfirmLoginCodeForm(OneTimeCode, account.ConfirmLoginCodeForm):
    pass


class ConfirmEmailVerificationCodeForm(OneTimeCode, account.ConfirmEmailVerificationCodeForm):
    pass


class ReauthenticateForm(Plain, account.ReauthenticateForm):
    pass


class AuthenticateForm(OneTimeCode, mfa.AuthenticateForm):
    help_texts: ClassVar[dict[str, Any]] = {
        "code": _("Six digits from your authenticator app, or one of your recovery codes.")
    }


class ReauthenticateWithCodeForm(OneTimeCode, mfa.ReauthenticateForm):
    help_texts = AuthenticateForm.help_texts


class ActivateTOTPForm(OneTimeCode, totp.ActivateTOTPForm):
    help_texts: ClassVar[dict[str, Any]] = {"code": _("The six digits that the app shows now.")}


class AddPasskeyForm(Plain, webauthn.AddWebAuthnForm):
    name = LineField(max_length=LONGEST_NAME, required=False)
    help_texts: ClassVar[dict[str, Any]] = {
        "passwordless": _("You then need no password: your fingerprint, face or PIN is enough.")
    }


class RenamePasskeyForm(Plain, webauthn.EditWebAuthnForm):
    name = LineField(max_length=LONGEST_NAME)


class DetailsForm(forms.ModelForm):
    """One's own name and language."""

    class Meta:
        model = User
        fields = ("first_name", "last_name", "language")
        field_classes = {"first_name": LineField, "last_name": LineField}
        help_texts = {"language": _("The language of your e-mails.")}
        error_messages = {
            "first_name": {"required": _("Enter your first name.")},
            "last_name": {"required": _("Enter your last name.")},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, purpose in (("first_name", "given-name"), ("last_name", "family-name")):
            self.fields[name].required = True
            self.fields[name].widget.attrs["autocomplete"] = purpose


class ErasureForm(forms.Form):
    """The last question before everything is forgotten."""

    is_sure = forms.BooleanField(
        label=_("Erase my data. I know that this cannot be undone."),
        error_messages={"required": _("Tick this box if you are sure. Nothing has been erased.")},
    )


class PersonForm:
    """Keeps the address to log in with equal to the one that staff typed.

    Nobody makes a superuser here: an administrator could hand out more than the role has.
    """

    instance: User
    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first_name", "last_name"):
            self.fields[name].validators.append(refuse_hidden_signs)
        if "is_superuser" in self.fields:
            self.fields["is_superuser"].disabled = True
            self.fields["is_superuser"].help_text = _("Given on the server only: manage.py createsuperuser.")

    def clean_email(self) -> str:
        """Keep addresses in lower case; one that another person has is refused."""
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Another person has this e-mail address already."))
        return email

    def save(self, commit: bool = True) -> User:
        """Save the person and the address."""
        if not self.instance.pk:
            self.instance.set_unusable_password()
        parent: Any = super()
        user: User = parent.save(commit)
        if commit:
            keep_address(user=user)
        return user


class PersonCreationForm(PersonForm, UserCreationForm):
    class Meta(UserCreationForm.Meta):
        fields = UserCreationForm.Meta.fields | {"language"}


class PersonEditForm(PersonForm, UserEditForm):
    class Meta(UserEditForm.Meta):
        fields = UserEditForm.Meta.fields | {"language"}
