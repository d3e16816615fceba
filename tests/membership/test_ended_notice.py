from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.models import User
from billing.models import Issuer
from membership.models import Affiliation, Membership
from tests.html import problems_of
from tests.membership.test_pages import add_member

pytestmark = pytest.mark.django_db
SAYS = {
    "nl": "Het lidmaatschap van Lantaarn &amp; Werk liep tot en met 30\xa0juni\xa02026",
    "en": "The membership of Lantaarn &amp; Werk ran up to and including 30\xa0June\xa02026",
}


@pytest.fixture
def member(client: Client) -> Affiliation:
    person = User.objects.create_user("noor@lantaarnwerk.example")
    client.force_login(person)
    return Affiliation.objects.create(organisation=add_member("Lantaarn & Werk"), user=person)


def end(affiliation: Affiliation) -> None:
    affiliation.organisation.memberships.update(
        status=Membership.Status.LAPSED, starts_on=date(2025, 7, 1), ends_on=date(2026, 6, 30)
    )


def account_page(client: Client, language: str = "nl") -> str:
    with override(language):
        response = client.get(reverse("account"))
    assert problems_of(response.content.decode()) == []
    return response.content.decode()


@pytest.mark.parametrize("language", ["nl", "en"])
def test_who_belongs_to_a_former_member_reads_when_it_ended_and_how_to_join_again(
    member: Affiliation, client: Client, language: str
) -> None:
    with override(language):
        join = f'href="{reverse("membership:join")}"'
    before = account_page(client, language)
    end(member)
    after = account_page(client, language)
    assert SAYS[language] not in before
    assert SAYS[language] in after
    assert after.count(join) == before.count(join) + 1


def test_the_notice_names_the_address_of_the_association_once_it_has_one(
    member: Affiliation, client: Client
) -> None:
    end(member)
    assert "mailto:" not in account_page(client)
    issuer = Issuer.load()
    issuer.email = "team@demo.example"
    issuer.save()
    assert '<a href="mailto:team@demo.example">team@demo.example</a>' in account_page(client)


@pytest.mark.parametrize("why", ["left", "also of a member", "joining again"])
def test_nothing_is_said_to_who_left_or_has_another_membership(
    member: Affiliation, client: Client, why: str
) -> None:
    end(member)
    if why == "left":
        member.ended_at = timezone.now()
        member.save()
    elif why == "also of a member":
        Affiliation.objects.create(organisation=add_member("Ander lid"), user=member.user)
    else:
        again = member.organisation.memberships.get()
        again.pk, again.status = None, Membership.Status.AWAITING_PAYMENT
        again.save()
    assert SAYS["nl"] not in account_page(client)
