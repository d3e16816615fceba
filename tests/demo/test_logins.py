from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from demo.data_files import read
from demo.operations.logins import PASSWORD, load_logins, log_ins
from membership.models import Organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> None:
    for row in read("organisations.toml")["organisation"]:
        if row["key"] in {person["organisation"] for person in log_ins()}:
            Organisation.objects.create(name=row["name"], kind=row["kind"])
    load_logins()


@pytest.mark.usefixtures("people")
def test_everybody_logs_in_with_one_click_and_without_a_code() -> None:
    for row in log_ins():
        client = Client()
        page = client.get("/nl/account/login/?next=/nl/account/data/download/")
        assert f'value="{row["email"]}"' in page.content.decode()
        fields = {"login": row["email"], "password": PASSWORD, "next": "/nl/account/data/download/"}
        assert client.post("/nl/account/login/", fields)["Location"] == "/nl/account/data/download/"
        assert client.get("/nl/account/data/download/").json()["account"]["first_name"] == row["first_name"]


@pytest.mark.usefixtures("people")
def test_staff_have_their_role_and_members_their_organisation() -> None:
    assert User.objects.get(email="penningmeester@demo.example").groups.get().name == "finance"
    member = User.objects.get(email="connect@demo.example")
    assert not member.is_staff
    assert member.affiliations.get().role == "main_contact"
    assert load_logins() == f"{User.objects.filter(email__endswith='@demo.example').count()} log-ins"


def test_the_command_prints_every_address_and_the_password() -> None:
    out = StringIO()
    call_command("demo_logins", stdout=out)
    for row in log_ins():
        assert row["email"] in out.getvalue()
    assert PASSWORD in out.getvalue()
