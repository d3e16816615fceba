"""More time for many unpaid members, and many applications approved: told to the day and the cent first."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import ModelLogEntry, Site

from accounts.models import User
from billing.models import Invoice
from cms.models import OutgoingMail
from membership.models import Lifecycle, Membership, Organisation, Tier
from membership.operations.ladder import fall_past_due
from tests.desk import chosen_on, confirm, day, hidden_on, many, person, words_of
from tests.factories.billing import confirm_vat_number, fill_in_issuer
from tests.membership.life import join, pay_all

pytestmark = pytest.mark.django_db
NUMBERS = ("0999666543", "0999555431", "0999444319", "0999101384")
LIST = "/admin/memberships/"


@pytest.fixture
def treasurer(client: Client, site: Site) -> User:
    user = person("finance")
    client.force_login(user)
    fill_in_issuer()
    return user


def unpaid(count: int) -> list[Membership]:
    """Members whose bank took back what they paid."""
    today, made = timezone.localdate(), []
    for number in NUMBERS[:count]:
        membership = join(today, number=number)
        pay_all(today)
        fall_past_due(membership=membership, at=timezone.now(), by=None)
        membership.refresh_from_db()
        made.append(membership)
    return made


def applied(count: int, **words: Any) -> list[Membership]:
    Tier.objects.filter(slug="cultivate").update(needs_approval=True)
    return [join(timezone.localdate(), tier="cultivate", number=each, **words) for each in NUMBERS[:count]]


def address(action: str, *rows: Any, **query: str) -> str:
    return many(action, *rows, model="membership/membership", **query)


def test_grace_of_many_is_extended_after_the_day_of_each_was_told(client: Client, treasurer: User) -> None:
    first, second, third = unpaid(3)
    Membership.objects.filter(pk=second.pk).update(
        status="grace", lapses_on=timezone.localdate() + timedelta(days=9)
    )
    Membership.objects.filter(pk=third.pk).update(status="active", lapses_on=None)
    second.refresh_from_db()
    url = address("extend", first, second, third)
    asked = client.get(url)
    page = words_of(asked)
    assert "2 onbetaalde lidmaatschappen mogen langer lopen" in page
    assert f"zonder betaling vervalt het op {day(first.lapses_on)}." in page
    assert "achterstallig of in respijt is, niet voor: actief." in page
    assert "Bekijken welke dag dat is" in page
    typed = {"days": "40", "reason": "Vakantie", "chosen": chosen_on(asked)}
    told = client.post(url, typed)
    page = words_of(told)
    assert "2 onbetaalde lidmaatschappen vervallen 40 dagen later." in page
    days = Lifecycle.load().grace_days
    for membership in (first, second):
        assert membership.lapses_on
        after = membership.lapses_on + timedelta(days=40)
        words = f"vervalt het op {day(after)} in plaats van op {day(membership.lapses_on)}."
        assert words in page
        read_only = day(after - timedelta(days=days))
        if membership == second:
            assert (
                f"De ledenzone, waarin men nu alleen kan lezen, staat weer volledig open tot {read_only}."
                in page
            )
        else:
            assert f"Vanaf {read_only} kan men in de ledenzone enkel nog lezen." in page
    assert not ModelLogEntry.objects.filter(action="membership.extend").exists(), "nothing is done yet"
    mails = OutgoingMail.objects.count()
    sealed = {**typed, **hidden_on(told)}
    assert sealed["confirmed"] == "40"
    said = words_of(client.post(url, sealed, follow=True))
    assert "2 lidmaatschappen mogen langer lopen." in said
    for membership in (first, second):
        fresh = Membership.objects.get(pk=membership.pk)
        assert membership.lapses_on
        assert fresh.lapses_on == membership.lapses_on + timedelta(days=40)
        assert fresh.status == "past_due"
    assert OutgoingMail.objects.count() == mails, "nobody gets an e-mail"
    again = words_of(client.post(url, sealed, follow=True))
    assert again.count("Er is intussen iets gewijzigd.") == 1
    assert first.lapses_on
    assert Membership.objects.get(pk=first.pk).lapses_on == first.lapses_on + timedelta(days=40)
    lines = ModelLogEntry.objects.filter(action="membership.extend", user=treasurer)
    assert [line.data["why"] for line in lines] == ["Vakantie"] * 2


def test_other_days_than_those_told_are_told_first(client: Client, treasurer: User) -> None:
    membership = unpaid(1)[0]
    url = address("extend", membership)
    typed = {"days": "10", "reason": "Vakantie", "chosen": chosen_on(client.get(url))}
    told = client.post(url, typed)
    page = words_of(client.post(url, {**typed, **hidden_on(told), "days": "20"}))
    assert "vervalt 20 dagen later." in page
    page = words_of(client.post(url, {**typed, **hidden_on(told), "days": "1"}))
    assert "1 onbetaald lidmaatschap vervalt 1 dag later." in page
    membership.refresh_from_db()
    assert not ModelLogEntry.objects.filter(action="membership.extend").exists()
    for odd in ("", "0", "-1", "366", "veel", "1.5"):
        answer = client.post(url, {**typed, **hidden_on(told), "days": odd})
        assert answer.status_code == 200
        assert "error" in answer.content.decode(), odd
        assert chosen_on(answer) == typed["chosen"]
    assert not ModelLogEntry.objects.filter(action="membership.extend").exists()


def test_a_day_that_has_passed_all_the_same_is_left_out(client: Client, treasurer: User) -> None:
    membership = unpaid(1)[0]
    Membership.objects.update(status="grace", lapses_on=timezone.localdate() - timedelta(days=10))
    url = address("extend", membership)
    typed = {"days": "5", "reason": "Vakantie", "chosen": chosen_on(client.get(url))}
    page = words_of(client.post(url, typed))
    assert "Die dag is al voorbij." in page
    assert "Terug naar de lijst" in page


def test_applications_are_approved_with_what_each_is_asked(client: Client, treasurer: User) -> None:
    first, second, other = applied(3)
    Membership.objects.filter(pk=other.pk).update(status="closed")
    application = second.application
    application.pays_online = True
    application.save()
    url = address("approve", "all", tier=str(first.tier_id))
    page = words_of(client.get(url))
    assert "een factuur van 3.000,00 euro, exclusief btw, naar noor@lantaarnwerk.example." in page
    assert "een uitnodiging tot betaling van 3.000,00 euro, exclusief btw" in page
    assert (
        "2 aanvragen worden goedgekeurd: in totaal wordt 6.000,00 euro, exclusief btw, per e-mail gevraagd."
        in page
    )
    assert "Dit lidmaatschap wacht niet op goedkeuring: aanvraag gesloten." in page
    assert "2 aanvragen zijn goedgekeurd" in confirm(client, url)
    kinds = {each.reference: each.kind for each in Invoice.documents.all()}
    assert sorted(kinds.values()) == ["invoice", "pro_forma"]
    assert Membership.objects.filter(status="awaiting_payment").count() == 2
    assert ModelLogEntry.objects.filter(action="membership.approve", user=treasurer).count() == 2


def test_an_application_whose_vat_number_is_not_confirmed_is_left_out(
    client: Client, treasurer: User
) -> None:
    fine, waits = applied(2)
    details = {**waits.application.details, "country": "NL", "vat_number": "NL123456782B90"}
    type(waits.application).objects.filter(pk=waits.application.pk).update(details=details)
    url = address("approve", fine, waits)
    page = words_of(client.get(url))
    assert "Het btw-nummer NL123456782B90 is nog niet bevestigd. Kijk bij de klant." in page
    assert "1 aanvraag wordt goedgekeurd" in page
    sent = f"{chosen_on(client.get(url))},{waits.pk}=0:invoice"
    said = words_of(client.post(url, {"chosen": sent}, follow=True))
    assert "1 aanvraag is goedgekeurd" in said
    assert "NL123456782B90" in said
    assert Membership.objects.get(pk=waits.pk).status == "applied"
    confirm_vat_number(fine.organisation.customer or _customer(details))
    assert "1 aanvraag is goedgekeurd" in confirm(client, address("approve", waits))


def _customer(details: dict[str, str]) -> Any:
    from billing.models import Customer

    return Customer.objects.create(**details)


def test_a_paid_application_is_left_out_while_another_member_has_its_number_and_starts_after(
    client: Client, treasurer: User
) -> None:
    today = timezone.localdate()
    for _number in range(2):
        join(today)
        Membership.objects.update(applied_at=timezone.now() - timedelta(days=1))
    pay_all(today)
    member, held = Membership.objects.order_by("pk")
    assert (member.status, held.status) == ("active", "applied")
    url = address("approve", held)
    page = words_of(client.get(url))
    assert "Het ondernemingsnummer is van Lantaarnwerk, dat al lid is. (1)" in page
    sent = {"chosen": f"{held.pk}=0:invoice"}
    assert "dat al lid is." in words_of(client.post(url, sent, follow=True))
    assert Membership.objects.get(pk=held.pk).status == "applied"
    Organisation.objects.filter(pk=held.organisation_id).update(enterprise_number=NUMBERS[0])
    told = words_of(client.get(url))
    assert "wat te betalen was, is betaald: het begint meteen." in told
    assert "1 aanvraag wordt goedgekeurd; er wordt niets per e-mail gevraagd." in told
    count = Invoice.documents.count()
    assert "1 aanvraag is goedgekeurd" in confirm(client, url)
    assert Membership.objects.get(pk=held.pk).status == "active"
    assert Invoice.documents.count() == count, "nothing is asked twice"


def test_the_price_that_was_told_is_the_one_asked(client: Client, treasurer: User) -> None:
    membership = applied(1)[0]
    url = address("approve", membership)
    chosen = chosen_on(client.get(url))
    membership.charges.update(yearly_fee=1)
    assert "Er is intussen iets gewijzigd." in words_of(client.post(url, {"chosen": chosen}, follow=True))
    assert Membership.objects.get().status == "applied"


def test_who_only_reads_may_do_nothing(client: Client, treasurer: User) -> None:
    membership = applied(1)[0]
    client.force_login(person("board"))
    assert "data-bulk-action" not in client.get(LIST).content.decode()
    for action in ("extend", "approve"):
        assert client.get(address(action, membership)).status_code == 302
        assert client.post(address(action, membership), {"chosen": f"{membership.pk}="}).status_code == 302
    assert Membership.objects.get().status == "applied"


def test_the_pages_ask_the_same_however_many_rows_are_chosen(client: Client, treasurer: User) -> None:
    for action, rows in (("extend", unpaid(4)), ("approve", None)):
        chosen = rows or _made_anew()
        counts = []
        for some in (chosen[:1], chosen[:1], chosen):
            with CaptureQueriesContext(connection) as queries:
                client.get(address(action, *some))
            counts.append(len(queries))
        assert counts[1] == counts[2] <= 25, action


def _made_anew() -> list[Membership]:
    """Applications of whom two others, each with the number of a member, are told apart from the rest."""
    Membership.objects.update(status="closed", lapses_on=None)
    Organisation.objects.update(is_confirmed=False)
    made = applied(4)
    for each in made[:3]:
        holder = Organisation.objects.create(
            name="Houder", enterprise_number=each.organisation.enterprise_number, is_confirmed=True
        )
        Membership.objects.create(organisation=holder, tier=each.tier, applied_at=timezone.now())
    return made
