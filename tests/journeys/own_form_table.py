"""The forms by which a main contact changes the membership and the people of the organisation."""

from billing.models import Invoice
from membership.models import Invitation
from tests.journeys.forms import (
    ADDRESS,
    NO_DOMAIN,
    ONE_BUTTON,
    SUCCESSOR,
    FormCase,
    a_colleague,
    a_domain,
    an_invitation,
    its_organisation,
    own_membership,
    the_last_main_contact,
)

OF_MAIN_CONTACTS = (
    FormCase(
        "a higher tier",
        ("membership.forms.changes.UpgradeForm", "membership:own_upgrade"),
        own_membership("membership:own_upgrade"),
        {"choice": "cultivate:2000.00"},
        wrong=(("choice", ""), ("choice", "cultivate:1.00"), ("choice", "none")),
        unlimited=ONE_BUTTON,
        rows=Invoice.objects.count,
    ),
    FormCase(
        "the tier of the next year",
        ("membership.forms.changes.TierForm", "membership:own_next_tier"),
        own_membership("membership:own_next_tier"),
        {"tier": "inform"},
        wrong=(("tier", ""), ("tier", "none"), ("tier", "999999")),
        limit=5,
    ),
    FormCase(
        "resign",
        ("membership.forms.changes.ResignForm", "membership:own_resign"),
        own_membership("membership:own_resign"),
        {"because": "budget", "note": "Te duur"},
        wrong=(("because", ""), ("because", "none"), ("note", "x" * 501)),
        unlimited=ONE_BUTTON,
    ),
    FormCase(
        "stay a member",
        ("membership.views.own_form.SureForm", "membership:own_stay"),
        own_membership("membership:own_stay", is_resigned=True),
        unlimited=ONE_BUTTON,
    ),
    FormCase(
        "invite a colleague",
        ("membership.forms.people.InviteForm", "membership:own_invite"),
        own_membership("membership:own_invite", of=its_organisation),
        {"email": ADDRESS, "role": "colleague", "language": "nl"},
        wrong=(
            *(("email", text) for text in (*NO_DOMAIN, "")),
            ("role", "none"),
            ("role", ""),
            ("language", "fr"),
        ),
        limit=30,
        rows=Invitation.objects.count,
    ),
    FormCase(
        "invite again",
        ("membership:own_resend",),
        own_membership("membership:own_resend", of=an_invitation),
        limit=30,
    ),
    FormCase(
        "withdraw an invitation",
        ("membership:own_withdraw",),
        own_membership("membership:own_withdraw", of=an_invitation),
        unlimited=ONE_BUTTON,
    ),
    FormCase(
        "change a role",
        ("membership.forms.people.RoleForm", "membership:own_role"),
        own_membership("membership:own_role", of=a_colleague),
        {"role": "billing"},
        wrong=(("role", ""), ("role", "none")),
        limit=30,
    ),
    FormCase(
        "remove a colleague",
        ("membership:own_remove",),
        own_membership("membership:own_remove", of=a_colleague),
        unlimited=ONE_BUTTON,
    ),
    FormCase(
        "leave as the last main contact",
        ("membership.forms.people.SuccessorForm",),
        own_membership("membership:own_remove", of=the_last_main_contact),
        {"successor": str(SUCCESSOR)},
        wrong=(("successor", ""), ("successor", "none"), ("successor", "999999")),
        unlimited=ONE_BUTTON,
    ),
    FormCase(
        "let colleagues join",
        ("membership:own_allow_domain",),
        own_membership("membership:own_allow_domain", of=its_organisation),
        limit=30,
    ),
    FormCase(
        "let nobody join",
        ("membership:own_forbid_domain",),
        own_membership("membership:own_forbid_domain", of=a_domain),
        unlimited=ONE_BUTTON,
    ),
)
