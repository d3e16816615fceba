"""The forms of joining: the choice, and what each kind of organisation is asked."""

from membership.models import Membership
from tests.journeys.forms import ADDRESS, NO_DOMAIN, FormCase, at, join

APPLICANT = {
    "name": "Lantaarnwerk",
    "enterprise_number": "BE 0999.101.384",
    "street": "Lampstraat 1",
    "postcode": "9000",
    "city": "Gent",
    "vat_number": "",
    "website": "",
    "billing_email": "",
    "po_number": "",
    "first_name": "Noor",
    "last_name": "Lanterman",
    "job_title": "",
    "email": ADDRESS,
    "code_of_conduct": "on",
}
WRONG_OF_APPLICANTS = (
    ("enterprise_number", "0999.101.385"),
    ("enterprise_number", "2999.101.384"),
    ("vat_number", "BE 0999.101.385"),
    ("street", ""),
    ("code_of_conduct", ""),
)

JOINING = (
    FormCase(
        "join",
        ("membership.forms.applying.CompanyForm", "membership:join"),
        join("company"),
        {**APPLICANT, "country": "BE"},
        wrong=(
            *WRONG_OF_APPLICANTS,
            ("country", "XX"),
            ("vat_number", "GB 980 7806 84"),
            ("website", "javascript:alert(1)"),
            ("billing_email", "boek@"),
            ("postcode", "x" * 11),
            *(("email", text) for text in NO_DOMAIN),
        ),
        limit=5,
        rows=Membership.objects.count,
    ),
    FormCase(
        "join as a local government",
        ("membership.forms.applying.LocalGovernmentForm",),
        join("local_government"),
        APPLICANT,
        wrong=WRONG_OF_APPLICANTS,
        limit=5,
        rows=Membership.objects.count,
    ),
    FormCase(
        "join as a knowledge institution",
        ("membership.forms.applying.KnowledgeInstitutionForm",),
        join("knowledge_institution"),
        {**APPLICANT, "country": "BE"},
        wrong=WRONG_OF_APPLICANTS,
        limit=5,
        rows=Membership.objects.count,
    ),
    FormCase(
        "join as another organisation",
        ("membership.forms.applying.OtherOrganisationForm",),
        join("other"),
        {**APPLICANT, "country": "BE", "enterprise_number": ""},
        wrong=WRONG_OF_APPLICANTS,
        limit=5,
        rows=Membership.objects.count,
    ),
    FormCase(
        "choose a membership",
        ("membership.forms.joining.ChoiceForm",),
        at("membership:join"),
        {"tier": "connect", "kind": "company", "employees": "25"},
        wrong=(
            ("tier", "none"),
            ("kind", "local_government"),
            ("employees", "-1"),
            ("employees", "veel"),
            ("employees", "9" * 30),
        ),
        method="get",
        unlimited="shows and changes nothing",
    ),
)
