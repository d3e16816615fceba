"""By no door of the back office a member loses its last main contact, or a history who it tells of."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import ProtectedError
from django.test import Client
from django.utils import timezone
from wagtail.users.models import UserProfile

from accounts.models import User
from membership.models import Affiliation, Membership, Organisation
from membership.operations.access import reconcile_access
from membership.operations.people import LastMainContact, remove_colleague
from tests.desk import person, words_of
from tests.factories.accounts import make_user
from tests.membership.life import groups_of

pytestmark = pytest.mark.django_db
MAIN, BILLING, COLLEAGUE = Affiliation.Role.MAIN_CONTACT, Affiliation.Role.BILLING, Affiliation.Role.COLLEAGUE


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(person("administrator"))
    return client


def add(
    organisation: Organisation, role: str, user: User | None = None, *, ended: bool = False
) -> Affiliation:
    added: Affiliation = Affiliation.objects.create(
        organisation=organisation,
        user=user or make_user(),
        role=role,
        ended_at=timezone.now() if ended else None,
    )
    return added


def edit(client: Client, user: User, **fields: str) -> str:
    """Save the page of a person, whose account is closed unless `is_active` is given."""
    sent = {"email": user.email, "first_name": "Nora", "last_name": user.last_name, "language": user.language}
    return words_of(client.post(f"/admin/users/edit/{user.pk}/", sent | fields, follow=True))


def bulk(client: Client, action: str, *users: User, **fields: str) -> str:
    url = f"/admin/bulk/accounts/user/{action}/?" + "&".join(f"id={user.pk}" for user in users)
    return words_of(client.post(url, fields, follow=True))


def test_whom_a_history_names_is_not_deleted_and_reads_what_to_do_instead(
    admin: Client, member: Membership, place: Affiliation
) -> None:
    former, free = add(member.organisation, COLLEAGUE, ended=True).user, make_user()
    for user in (place.user, former):
        url = f"/admin/users/delete/{user.pk}/"
        for answer in (admin.get(url), admin.post(url)):
            said = words_of(answer)
            assert f"{user} kan niet verwijderd worden" in said
            assert f"{user}, Lantaarnwerk, " in said
            assert "Mijn gegevens" in said
            assert "0 keer" not in said
            assert "Ja, verwijder" not in said
        with pytest.raises(ProtectedError):
            user.delete()
    assert Affiliation.objects.count() == 2
    assert "kan niet" not in words_of(admin.get(f"/admin/users/delete/{free.pk}/"))
    admin.post(f"/admin/users/delete/{free.pk}/")
    assert not User.objects.filter(pk=free.pk).exists()


def test_of_many_only_those_whom_no_history_names_are_deleted(admin: Client, place: Affiliation) -> None:
    free, others = make_user(), [make_user() for _number in range(3)]
    url = f"/admin/bulk/accounts/user/delete/?id={place.user.pk}&id={free.pk}"
    said = words_of(admin.get(url))
    assert f"{place.user} kan niet verwijderd worden" in said
    assert str(free) in said
    bulk(admin, "delete", place.user, free)
    assert User.objects.filter(pk=place.user.pk).exists()
    assert not User.objects.filter(pk=free.pk).exists()
    assert User.objects.filter(pk__in=[each.pk for each in others]).count() == 3


@pytest.mark.parametrize(("language", "said"), [("nl", "Maak eerst"), ("en", "first make somebody else")])
def test_the_account_of_the_last_main_contact_of_a_member_stays_open(
    admin: Client, member: Membership, place: Affiliation, language: str, said: str
) -> None:
    administrator = User.objects.get(email="administrator@demo.example")
    UserProfile.objects.update_or_create(user=administrator, defaults={"preferred_language": language})
    user = place.user
    colleague = add(member.organisation, COLLEAGUE)
    add(member.organisation, MAIN, make_user(is_active=False))
    answer = edit(admin, user)
    assert said in answer
    assert "Lantaarnwerk" in answer
    assert (
        "Nora"
        in admin.post(
            f"/admin/users/edit/{user.pk}/",
            {"email": user.email, "first_name": "Nora", "last_name": "x", "language": "nl"},
        ).content.decode()
    ), "what was typed is kept"
    user.refresh_from_db()
    assert (user.is_active, user.first_name) == (True, "Noor")
    assert said in bulk(admin, "set_active_state", user, colleague.user, mark_as_active="False")
    assert User.objects.filter(pk__in=[user.pk, colleague.user.pk], is_active=True).count() == 2
    edit(admin, user, is_active="on")
    edit(admin, colleague.user)
    assert not User.objects.get(pk=colleague.user.pk).is_active, "nobody needs a colleague"


def test_with_another_main_contact_or_without_a_membership_it_is_closed(
    admin: Client, member: Membership, place: Affiliation
) -> None:
    second = add(member.organisation, MAIN).user
    said = bulk(admin, "set_active_state", place.user, second, mark_as_active="False")
    assert said.count("laatste hoofdcontact") == 2, "not both at once"
    edit(admin, place.user)
    assert not User.objects.get(pk=place.user.pk).is_active
    assert "laatste hoofdcontact" in edit(admin, second)
    Membership.objects.update(status="lapsed")
    bulk(admin, "set_active_state", second, mark_as_active="False")
    assert not User.objects.get(pk=second.pk).is_active
    bulk(admin, "set_active_state", second, mark_as_active="True")
    assert User.objects.get(pk=second.pk).is_active


@pytest.mark.parametrize("into_member", [True, False])
def test_merged_organisations_keep_the_higher_role_and_the_history(
    client: Client, member: Membership, place: Affiliation, into_member: bool
) -> None:
    """Who is main contact of one and colleague of the other stays main contact, whichever stays."""
    other = Organisation.objects.create(name="Lantaarn Werk", is_confirmed=True)
    boss, payer, newcomer = place.user, make_user(), make_user()
    add(other, COLLEAGUE, boss)
    add(member.organisation, COLLEAGUE, payer)
    add(other, BILLING, payer)
    add(other, MAIN, newcomer)
    keep, drop = (member.organisation, other) if into_member else (other, member.organisation)
    client.force_login(person("finance"))
    url = f"/admin/organisations/merge/{drop.pk}/"
    assert "de hoogste rol" in words_of(client.post(url, {"keep": keep.pk}))
    client.post(url, {"keep": keep.pk, "confirmed": "1"})
    places = Affiliation.objects.filter(organisation=keep)
    now = dict(places.filter(ended_at__isnull=True).values_list("user", "role"))
    assert now == {boss.pk: MAIN, payer.pk: BILLING, newcomer.pk: MAIN}
    ended = places.filter(ended_at__isnull=False).order_by("pk")
    assert {(each.user_id, each.role) for each in ended} == {(boss.pk, COLLEAGUE), (payer.pk, COLLEAGUE)}
    assert groups_of(newcomer.email) == {"inform", "connect"}, "at once, not in the night"
    assert reconcile_access(timezone.now()) == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_ways_out_at_once_one_stays(member: Membership, place: Affiliation) -> None:
    """One main contact is removed in the moment in which the account of the other is closed."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one write at a time")
    second = add(member.organisation, MAIN)
    administrator = make_user(is_superuser=True)
    start, outcomes = threading.Barrier(2), []

    def close() -> None:
        client = Client()
        client.force_login(administrator)
        client.get("/admin/")
        start.wait()
        edit(client, second.user)

    def leave() -> None:
        start.wait()
        try:
            remove_colleague(affiliation=place, at=timezone.now(), by=None)
        except LastMainContact as refused:
            outcomes.append(refused)

    def run(deed: Callable[[], None]) -> None:
        try:
            deed()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in (close, leave)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    acting = Affiliation.objects.filter(role=MAIN, ended_at__isnull=True, user__is_active=True)
    assert acting.count() == 1
