"""Every form that a visitor or a member may send, as one table: what is right in it and what is wrong."""

from allauth.mfa.models import Authenticator

from billing.models import CheckoutAttempt
from events.models import Signup
from membership.models import Affiliation
from newsletters.models import Subscription
from newsletters.operations.subscriptions import CONFIRM_PURPOSE, LEAVE_PURPOSE
from tests.factories.accounts import PASSWORD
from tests.journeys.forms import (
    ADDRESS,
    NO_DOMAIN,
    ONE_BUTTON,
    FormCase,
    at,
    confirm_address,
    confirm_login_code,
    contact,
    invitation_link,
    newsletter,
    newsletter_link,
    own,
    own_pay,
    passkey,
    pay_link,
    place_link,
    reset_from_key,
    second_factor,
    set_password,
    sign_up,
)
from tests.journeys.join_form_table import JOINING
from tests.journeys.link_form_table import BEHIND_LINKS
from tests.journeys.own_form_table import OF_MAIN_CONTACTS

SHOWS_ONLY = "shows and changes nothing"
ENDS = "the third wrong code ends the attempt"
OWN_ROW = "changes one's own row and mails nobody"

ATTENDEE = {
    "first_name": "Noor",
    "last_name": "Peeters",
    "organisation": "Brug bv",
    "organisation_kind": "company",
}
NEW_PASSWORD = "een-nieuw-wachtwoord-27"

VISITORS = (
    FormCase(
        "contact",
        ("home.models.contact.ContactPage",),
        contact,
        {"naam": "Noor", "adres": ADDRESS, "over": "lid", "woorden": "Dag!"},
        wrong=(*(("adres", text) for text in NO_DOMAIN), ("naam", ""), ("over", "niets")),
        limit=30,
    ),
    FormCase(
        "sign up",
        ("events.forms.SignupForm", "events:sign_up"),
        sign_up,
        {**ATTENDEE, "email": ADDRESS},
        wrong=(
            *(("email", text) for text in NO_DOMAIN),
            ("first_name", ""),
            ("last_name", "x" * 101),
            ("organisation_kind", "none"),
            ("organisation_kind", ""),
        ),
        limit=5,
        rows=Signup.objects.count,
    ),
    FormCase(
        "change a place",
        ("events.forms.PlaceForm", "events:place"),
        place_link("events:place"),
        ATTENDEE,
        wrong=(("first_name", ""), ("organisation", "x" * 151), ("organisation_kind", "none")),
        unlimited=OWN_ROW,
    ),
    FormCase("cancel a place", ("events:release",), place_link("events:release"), unlimited=ONE_BUTTON),
    *JOINING,
    FormCase(
        "join colleagues",
        ("membership.forms.people.AskToJoinForm", "membership:ask"),
        at("membership:ask"),
        {"email": ADDRESS},
        wrong=tuple(("email", text) for text in (*NO_DOMAIN, "")),
        limit=5,
    ),
    FormCase(
        "accept an invitation",
        ("membership.forms.people.AcceptForm", "membership:accept"),
        invitation_link,
        {"first_name": "Noor", "last_name": "Peeters"},
        wrong=(("first_name", ""), ("last_name", "x" * 101)),
        unlimited=ONE_BUTTON,
        rows=Affiliation.objects.count,
    ),
    FormCase(
        "newsletter",
        ("newsletters.forms.SubscribeForm", "newsletters:subscribe"),
        newsletter,
        {"email": ADDRESS, "consent": "on"},
        wrong=(*(("email", text) for text in NO_DOMAIN), ("consent", "")),
        limit=5,
        rows=Subscription.objects.count,
    ),
    FormCase(
        "confirm the newsletter",
        ("newsletters:confirm",),
        newsletter_link("newsletters:confirm", CONFIRM_PURPOSE),
        unlimited=ONE_BUTTON,
    ),
    FormCase(
        "leave the newsletter",
        ("newsletters:leave",),
        newsletter_link("newsletters:leave", LEAVE_PURPOSE),
        unlimited=ONE_BUTTON,
    ),
    FormCase(
        "pay by link",
        ("billing.forms.means.SaveMeansForm", "billing:invoice_pay"),
        pay_link,
        unlimited=ONE_BUTTON,
        rows=CheckoutAttempt.objects.count,
    ),
    FormCase("search", ("search",), at("search"), {"q": "stad"}, method="get", unlimited=SHOWS_ONLY),
)

LOGGING_IN = (
    FormCase(
        "log in",
        ("accounts.forms.LoginForm", "account_login"),
        at("account_login"),
        {"login": ADDRESS, "password": "een-verkeerd-wachtwoord"},
        wrong=(*(("login", text) for text in NO_DOMAIN), ("login", ""), ("password", "")),
        secret=("password",),
        limit=5,
    ),
    FormCase(
        "ask for a code",
        ("accounts.forms.RequestLoginCodeForm", "account_request_login_code"),
        at("account_request_login_code"),
        {"email": ADDRESS},
        wrong=tuple(("email", text) for text in (*NO_DOMAIN, "")),
        limit=3,
        anew=True,
    ),
    FormCase(
        "type the code",
        ("accounts.forms.ConfirmLoginCodeForm", "account_confirm_login_code"),
        confirm_login_code,
        {"code": "0000-0000"},
        wrong=(("code", ""), ("code", "0000-0000")),
        unlimited=ENDS,
    ),
    FormCase(
        "ask to reset the password",
        ("accounts.forms.ResetPasswordForm", "account_reset_password"),
        at("account_reset_password"),
        {"email": ADDRESS},
        wrong=tuple(("email", text) for text in (*NO_DOMAIN, "")),
        limit=5,
    ),
    FormCase(
        "choose a new password",
        ("accounts.forms.ResetPasswordKeyForm", "account_reset_password_from_key"),
        reset_from_key,
        {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
        wrong=(("password1", ""), ("password2", "anders-dan-het-eerste-9")),
        secret=("password1", "password2"),
        limit=20,
    ),
    FormCase(
        "type the second factor",
        ("accounts.forms.AuthenticateForm", "mfa_authenticate"),
        second_factor,
        {"code": "000000"},
        wrong=(("code", ""), ("code", "000000")),
        limit=5,
    ),
    FormCase(
        "log in with a passkey",
        ("mfa_login_webauthn",),
        at("mfa_login_webauthn"),
        {"credential": "{}"},
        limit=10,
    ),
)

MEMBERS = (
    FormCase(
        "one's details",
        ("accounts.forms.DetailsForm", "account"),
        own("account"),
        {"first_name": "Noor", "last_name": "Peeters", "language": "nl"},
        wrong=(("first_name", ""), ("last_name", "x" * 101), ("language", "fr")),
        unlimited=OWN_ROW,
    ),
    FormCase(
        "have oneself erased",
        ("accounts.forms.ErasureForm", "account_erase"),
        own("account_erase"),
        {"is_sure": "on"},
        wrong=(("is_sure", ""),),
        unlimited=ONE_BUTTON,
    ),
    FormCase(
        "throw away what was kept",
        ("account_throw_away_kept",),
        own("account_throw_away_kept"),
        unlimited=ONE_BUTTON,
    ),
    FormCase("log out", ("account_logout",), own("account_logout"), unlimited=ONE_BUTTON),
    FormCase(
        "change the address",
        ("accounts.forms.AddEmailForm", "account_email"),
        own("account_email"),
        {"email": ADDRESS, "action_add": "1"},
        wrong=tuple(("email", text) for text in (*NO_DOMAIN, "")),
        limit=1,
    ),
    FormCase(
        "confirm the address",
        ("accounts.forms.ConfirmEmailVerificationCodeForm", "account_email_verification_sent"),
        confirm_address,
        {"code": "0000-0000"},
        wrong=(("code", ""), ("code", "0000-0000")),
        unlimited=ENDS,
    ),
    FormCase(
        "change the password",
        ("accounts.forms.ChangePasswordForm", "account_change_password"),
        own("account_change_password"),
        {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
        wrong=(
            ("oldpassword", "een-verkeerd-wachtwoord"),
            ("password1", ""),
            ("password2", "anders-dan-het-eerste-9"),
        ),
        secret=("oldpassword", "password1", "password2"),
        limit=5,
    ),
    FormCase(
        "set a password",
        ("accounts.forms.SetPasswordForm", "account_set_password"),
        set_password,
        {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
        wrong=(("password1", ""), ("password2", "anders-dan-het-eerste-9")),
        secret=("password1", "password2"),
        limit=5,
    ),
    FormCase(
        "show that it is you",
        ("accounts.forms.ReauthenticateForm", "account_reauthenticate"),
        own("account_reauthenticate"),
        {"password": "een-verkeerd-wachtwoord"},
        wrong=(("password", ""), ("password", "een-verkeerd-wachtwoord")),
        secret=("password",),
        limit=5,
    ),
    FormCase(
        "show it with the app",
        ("accounts.forms.ReauthenticateWithCodeForm", "mfa_reauthenticate"),
        own("mfa_reauthenticate", with_app=True),
        {"code": "000000"},
        wrong=(("code", ""), ("code", "000000")),
        limit=5,
    ),
    FormCase(
        "add an app",
        ("accounts.forms.ActivateTOTPForm", "mfa_activate_totp"),
        own("mfa_activate_totp"),
        {"code": "000000"},
        wrong=(("code", ""), ("code", "000000")),
        limit=5,
    ),
    FormCase(
        "remove the app",
        ("allauth.mfa.totp.forms.DeactivateTOTPForm", "mfa_deactivate_totp"),
        own("mfa_deactivate_totp", with_app=True),
        unlimited=ONE_BUTTON,
    ),
    FormCase(
        "make recovery codes",
        ("allauth.mfa.recovery_codes.forms.GenerateRecoveryCodesForm", "mfa_generate_recovery_codes"),
        own("mfa_generate_recovery_codes", with_app=True),
        unlimited=OWN_ROW,
    ),
    FormCase(
        "add a passkey",
        ("accounts.forms.AddPasskeyForm", "mfa_add_webauthn"),
        own("mfa_add_webauthn"),
        {"name": "Mijn telefoon", "credential": "{}"},
        secret=("credential",),
        unlimited=OWN_ROW,
    ),
    FormCase(
        "rename a passkey",
        ("accounts.forms.RenamePasskeyForm", "mfa_edit_webauthn"),
        passkey("mfa_edit_webauthn"),
        {"name": "Mijn telefoon"},
        wrong=(("name", ""),),
        unlimited=OWN_ROW,
    ),
    FormCase(
        "remove a passkey",
        ("mfa_remove_webauthn",),
        passkey("mfa_remove_webauthn"),
        unlimited=ONE_BUTTON,
        rows=Authenticator.objects.count,
    ),
    FormCase(
        "show it with a passkey",
        ("mfa_reauthenticate_webauthn",),
        own("mfa_reauthenticate_webauthn"),
        {"credential": "{}"},
        secret=("credential",),
        unlimited=OWN_ROW,
    ),
    FormCase(
        "pay as a person",
        ("billing:own_invoice_pay",),
        own_pay,
        {"saves_means": "on"},
        unlimited=ONE_BUTTON,
        rows=CheckoutAttempt.objects.count,
    ),
)

FORMS = (*VISITORS, *BEHIND_LINKS, *LOGGING_IN, *MEMBERS, *OF_MAIN_CONTACTS)
