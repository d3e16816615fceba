"""The kind of the form is held against that by which we know the organisation: each has its own prices."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from billing.models import Invoice
from home.models import HomePage
from membership.models import Application, Charge, Membership, Organisation, Tier
from membership.operations.organisations import merge_organisations
from membership.queries import is_held, next_terms
from tests.desk import many, words_of
from tests.factories.billing import fill_in_issuer
from tests.membership.life import FIRST, join, live, mails, member, pay_all
from tests.membership.rejoining import applied, contact_of, edit, fill_in, lapsed, passed_on
from tests.membership.test_joining import pay
from tests.membership.test_viewsets import staff

pytestmark = pytest.mark.django_db
TOWN = Organisation.Kind.LOCAL_GOVERNMENT


@pytest.fixture(autouse=True)
def _site(home: HomePage) -> None:
    """Pages need a site, invoices an issuer."""
    fill_in_issuer()


def test_a_former_member_that_joins_as_another_kind_waits_until_staff_put_it_right() -> None:
    town = lapsed(kind=TOWN)
    assert passed_on(fill_in(contact_of(town)))
    assert not Invoice.objects.exists()
    waiting = applied(town)
    assert waiting.application.kind == "company"
    (asked,) = mails("approval_wanted")
    assert "Aangevraagd als: bedrijf. Lantaarnwerk is bij ons bekend als: lokaal bestuur" in asked.text

    treasurer = staff("finance")
    page = treasurer.get(f"/admin/memberships/inspect/{waiting.pk}/").content.decode()
    assert "Aangevraagd als: bedrijf" in page
    refused = treasurer.post(f"/admin/memberships/approve/{waiting.pk}/", follow=True).content.decode()
    assert "bekend als een andere soort organisatie: lokaal bestuur" in refused
    chosen = many("approve", waiting, model="membership/membership")
    told = treasurer.get(chosen)
    assert "bekend als een andere soort organisatie: lokaal bestuur" in words_of(told)
    waiting.refresh_from_db()
    assert (waiting.status, Invoice.objects.count()) == ("applied", 0)

    assert edit(treasurer, town, kind="company").status_code == 302
    assert (
        "Aangevraagd als" not in treasurer.get(f"/admin/memberships/inspect/{waiting.pk}/").content.decode()
    )
    treasurer.post(f"/admin/memberships/approve/{waiting.pk}/")
    pay(Invoice.objects.get())
    waiting.refresh_from_db()
    assert waiting.status == "active"
    assert next_terms([waiting]), "it can be renewed"


def test_the_same_kind_goes_on_at_once() -> None:
    town = lapsed(kind=TOWN)
    assert not passed_on(fill_in(contact_of(town), tier="inform", kind=TOWN))
    assert Invoice.objects.count() == 1


def test_paid_for_who_is_known_as_another_kind_by_then_it_is_held(client: Client) -> None:
    assert not passed_on(fill_in(client))
    town = lapsed(kind=TOWN)
    pay(Invoice.objects.get())
    waiting = Application.objects.get().membership
    assert (waiting.status, is_held(waiting), town.memberships.filter(status="active").exists()) == (
        "applied",
        True,
        False,
    )
    (asked,) = mails("approval_wanted")
    assert "Aangevraagd als: bedrijf" in asked.text
    assert "is betaald, maar het lidmaatschap is niet gestart" in asked.text
    assert len(mails("application_held")) == 1
    treasurer = staff("finance")
    treasurer.post(f"/admin/memberships/approve/{waiting.pk}/")
    assert Membership.objects.get(pk=waiting.pk).status == "applied"
    edit(treasurer, town, kind="company")
    treasurer.post(f"/admin/memberships/approve/{waiting.pk}/")
    waiting.refresh_from_db()
    assert (waiting.status, waiting.organisation) == ("active", town)
    assert Invoice.objects.count() == 1


def test_staff_give_no_member_a_kind_without_a_price_at_its_tier_or_the_next() -> None:
    membership = member(timezone.localdate())
    organisation, treasurer = membership.organisation, staff("finance")
    refused = edit(treasurer, organisation, kind=TOWN)
    assert "een formule waarvoor er bij deze soort organisatie geen prijs is: Connect" in words_of(refused)
    organisation.refresh_from_db()
    assert organisation.kind == "company"
    assert edit(treasurer, organisation, city="Brugge").status_code == 302, "all else can change"

    inform = Tier.objects.get(slug="inform")
    Membership.objects.update(tier=inform)
    Charge.objects.update(tier=inform)
    Membership.objects.update(next_tier=Tier.objects.get(slug="cultivate"))
    assert "geen prijs is: Cultivate" in words_of(edit(treasurer, organisation, kind=TOWN))
    Membership.objects.update(next_tier=None)
    assert edit(treasurer, organisation, kind=TOWN).status_code == 302
    Membership.objects.update(status="lapsed", tier=Tier.objects.get(slug="connect"))
    assert edit(treasurer, organisation, kind="other").status_code == 302, "nothing of it is renewed"


def test_a_missing_price_is_told_once_and_holds_up_no_other() -> None:
    broken, other = member(), join(FIRST, number="0999888767")
    pay_all(FIRST)
    Organisation.objects.filter(pk=broken.organisation_id).update(kind=TOWN)  # as it was done before
    assert broken.ends_on
    live(FIRST, broken.ends_on + timedelta(days=3), step=20)  # a failure would be raised
    (told,) = mails("price_missing")
    assert told.recipient == "facturen@demo.example"
    for words in ("lokaal bestuur, Connect", f"/admin/memberships/inspect/{broken.pk}/"):
        assert words in told.text
    other.refresh_from_db()
    assert other.ends_on
    assert other.ends_on > broken.ends_on
    treasurer = staff("finance")
    page = f"/admin/memberships/inspect/{broken.pk}/"
    assert "er geen prijs (lokaal bestuur)" in words_of(treasurer.get(page))
    assert edit(treasurer, broken.organisation, kind="company").status_code == 302
    live(broken.ends_on + timedelta(days=3), broken.ends_on + timedelta(days=4))
    broken.refresh_from_db()
    assert broken.ends_on == other.ends_on
    assert "geen prijs" not in words_of(treasurer.get(page))


def test_merged_the_kind_of_who_was_a_member_stays() -> None:
    keep = Organisation.objects.create(name="Lantaarnwerk bv", kind="other")
    membership = member(timezone.localdate())
    by = User.objects.create_user("penning@demo.example")
    merge_organisations(keep=keep, drop=membership.organisation, at=timezone.now(), by=by)
    keep.refresh_from_db()
    assert keep.kind == "company"
    drop = Organisation.objects.create(name="Lantaarnwerk nv", kind="other")
    merge_organisations(keep=keep, drop=drop, at=timezone.now(), by=by)
    keep.refresh_from_db()
    assert keep.kind == "company"
