"""Who types the number of an organisation that we know, without acting for it, learns and blocks nothing."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from billing.models import Invoice
from cms.models import OutgoingMail
from home.models import HomePage
from membership.models import Affiliation, Membership, Tier
from membership.operations.waiting import remind_of_applications
from tests.factories.billing import fill_in_issuer
from tests.membership.life import FIRST, join, live, mails, morning, pay_all
from tests.membership.rejoining import applied, contact_of, fill_in, lapsed, passed_on
from tests.membership.test_joining import pay
from tests.membership.test_viewsets import staff

pytestmark = pytest.mark.django_db
STRANGER = {"email": "ander@demo.example", "first_name": "An", "name": "Lantaarnwerk nv"}
DESK = "facturen@demo.example"


@pytest.fixture(autouse=True)
def _site(home: HomePage) -> None:
    """Pages need a site, invoices an issuer."""
    fill_in_issuer()


def sent_to(address: str) -> list[tuple[str, str, str]]:
    found = OutgoingMail.objects.filter(recipient=address).order_by("pk")
    return [(each.template, each.subject, each.text) for each in found]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_mailbox_and_screen_tell_a_member_and_a_former_member_not_apart(language: str) -> None:
    organisation = lapsed("baas@lantaarnwerk.example")
    told = []
    address = f"/{language}/{'word-lid' if language == 'nl' else 'join'}/"
    for status in ("lapsed", "active"):
        organisation.memberships.filter(status="lapsed").update(status=status)
        answers = [fill_in(Client(), address=address, **STRANGER) for _time in range(2)]
        told.append(
            (
                [(answer.status_code, answer["Location"]) for answer in answers],
                Client().get(answers[0]["Location"]).content,
                sent_to(STRANGER["email"]),
            )
        )
        assert {each[0] for each in sent_to("baas@lantaarnwerk.example")} == {"membership/second_request"}
        OutgoingMail.objects.all().delete()
        organisation.memberships.filter(status="applied").update(status="closed")
    assert told[0] == told[1]
    ((template, _subject, text),) = told[0][2]
    assert template == "membership/request_passed_on"
    assert "Lantaarnwerk nv" in text, "what was typed, not what we know"
    assert "/l/" not in text


def test_a_former_member_goes_on_whoever_applied_before() -> None:
    organisation = lapsed()
    assert passed_on(fill_in(Client(), **STRANGER))
    strangers = applied(organisation)
    assert not passed_on(fill_in(contact_of(organisation)))
    strangers.refresh_from_db()
    assert strangers.status == "closed"
    pay(Invoice.objects.get())
    assert organisation.memberships.filter(status="active").count() == 1
    page = staff("finance").get(f"/admin/memberships/inspect/{strangers.pk}/").content.decode()
    assert "Iemand die voor de organisatie optreedt, heeft opnieuw een aanvraag ingediend." in page
    assert [template for template, *_words in sent_to(STRANGER["email"])] == ["membership/request_passed_on"]


def test_who_logs_in_and_sends_the_same_once_more_goes_on() -> None:
    organisation = lapsed()
    assert passed_on(fill_in(Client()))
    contact = contact_of(organisation)
    answers = [fill_in(contact) for _time in range(2)]
    assert not any(map(passed_on, answers))
    assert Invoice.objects.count() == 1
    assert sorted(organisation.memberships.values_list("status", flat=True)) == [
        "awaiting_payment",
        "closed",
        "lapsed",
    ]


def test_who_logs_in_and_sends_the_same_at_a_tier_that_is_approved_first_applies_once() -> None:
    organisation = lapsed()
    Tier.objects.filter(slug="cultivate").update(needs_approval=True)
    assert passed_on(fill_in(Client(), tier="cultivate"))
    contact = contact_of(organisation)
    for _time in range(3):
        fill_in(contact, tier="cultivate")
    assert sorted(organisation.memberships.values_list("status", flat=True)) == [
        "applied",
        "closed",
        "lapsed",
    ]
    assert len(mails("application_received")) == 1
    assert len(mails("approval_wanted")) == 2, "the stranger's, and the one that counts"


def test_another_contact_whose_application_gives_way_is_mailed() -> None:
    organisation = lapsed()
    Tier.objects.filter(slug="cultivate").update(needs_approval=True)
    assert passed_on(fill_in(contact_of(organisation), tier="cultivate"))
    waiting = applied(organisation)
    other = User.objects.create_user("facturen@lantaarnwerk.example")
    Affiliation.objects.create(organisation=organisation, user=other, role="billing")
    client = Client()
    client.force_login(other)
    assert not passed_on(fill_in(client, email="facturen@lantaarnwerk.example"))
    waiting.refresh_from_db()
    assert waiting.status == "closed"
    (told,) = mails("application_declined")
    assert told.recipient == "noor@lantaarnwerk.example"


@pytest.mark.parametrize("status", ["awaiting_payment", "active", "held"])
def test_what_staff_approved_or_what_is_paid_gives_no_way(status: str) -> None:
    organisation = lapsed()
    fill_in(Client(), **STRANGER)
    waiting = applied(organisation)
    staff("finance").post(f"/admin/memberships/approve/{waiting.pk}/")
    if status != "awaiting_payment":
        pay(Invoice.objects.get())
    if status == "held":
        Membership.objects.filter(pk=waiting.pk).update(status="applied")
    contact = Client()
    contact.force_login(User.objects.get(email="noor@lantaarnwerk.example"))
    assert passed_on(fill_in(contact, city="Aalst"))
    waiting.refresh_from_db()
    assert waiting.status == ("applied" if status == "held" else status)
    assert Invoice.objects.count() == 1


def test_a_colleague_is_no_contact_and_waits_for_staff() -> None:
    organisation = lapsed()
    Affiliation.objects.update(role="colleague")
    assert passed_on(fill_in(Client(), **STRANGER))
    assert passed_on(fill_in(contact_of(organisation)))
    assert applied(organisation).application.email == STRANGER["email"]


@pytest.mark.parametrize("has_account", [False, True], ids=["nobody", "who cannot log in"])
@pytest.mark.parametrize("is_member", [True, False])
def test_a_request_that_nobody_can_answer_is_the_associations(has_account: bool, is_member: bool) -> None:
    organisation = lapsed("baas@lantaarnwerk.example" if has_account else "")
    User.objects.filter(email="baas@lantaarnwerk.example").update(is_active=False)
    if is_member:
        organisation.memberships.update(status="active")
    for _time in range(2):
        assert passed_on(fill_in(Client(), **STRANGER))
    assert not sent_to("baas@lantaarnwerk.example")
    (told,) = sent_to(DESK)
    assert told[0] == f"membership/{'request_for_nobody' if is_member else 'approval_wanted'}"
    assert "An Lanterman (ander@demo.example)" in told[2]
    assert "geen hoofdcontact of facturatiecontact" in told[2]
    assert "optreedt, aangemeld was" not in told[2]
    if is_member:
        assert f"/admin/organisations/edit/{organisation.pk}/" in told[2]


def test_the_association_reads_who_acts_for_an_organisation_that_waits() -> None:
    Tier.objects.filter(slug="cultivate").update(needs_approval=True)
    fill_in(contact_of(lapsed()), tier="cultivate")
    (asked,) = mails("approval_wanted")
    assert "noor@lantaarnwerk.example, die voor de organisatie optreedt, aangemeld was" in asked.text
    assert "iedereen kan een ondernemingsnummer invullen" not in asked.text
    assert not mails("second_request"), "nobody is asked about what was done in person"
    assert len(mails("application_received")) == 1


def test_an_application_that_nobody_decides_is_brought_up_once_a_week() -> None:
    first, second = join(FIRST, number=""), join(FIRST + timedelta(days=3), number="", employees=30)
    paid = join(FIRST)
    pay_all(FIRST)
    live(FIRST, FIRST + timedelta(days=6))
    assert not mails("applications_wait")
    live(FIRST + timedelta(days=7), FIRST + timedelta(days=21), step=1)
    told = mails("applications_wait")
    assert [timezone.localdate(each.queued_at) - FIRST for each in told] == [
        timedelta(days=number) for number in (7, 14, 21)
    ], "FIRST is a Monday"
    assert {each.recipient for each in told} == {DESK}
    for each, number in zip(told, (1, 2, 2), strict=True):
        assert each.text.count("/admin/memberships/inspect/") == number
        assert f"/inspect/{first.pk}/" in each.text
        assert f"/inspect/{paid.pk}/" not in each.text
    assert f"/inspect/{second.pk}/" in told[1].text
    page = staff("finance").get(f"/admin/memberships/inspect/{first.pk}/").content.decode()
    assert page.count("Aan de vereniging gemeld dat de aanvraag nog wacht") == 3
    Membership.objects.filter(status="applied").update(status="closed")
    assert remind_of_applications(morning(FIRST + timedelta(days=28))) == 0
