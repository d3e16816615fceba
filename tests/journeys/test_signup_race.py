"""A hundred people want twenty places at the same moment, half in Dutch and half in English."""

import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier
from urllib.parse import quote, urlencode, urlsplit

import pytest
from django.db import connection
from wagtail.models import Page

from events.models import Signup
from home.models import HomePage
from tests.factories.events import activity_of, announce

ROOT = Path(__file__).resolve().parent.parent.parent
PEOPLE, PLACES = 100, 20


def database_url() -> str:
    """The address of the database that this test uses, for a server in another process."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{quote(name)}").geturl()


@pytest.fixture
def server(transactional_db: None, tmp_path: Path) -> Iterator[int]:
    """Serve the platform by two processes of eight threads, and return the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "cms.wsgi", "--preload", "--workers=2", "--threads=8"]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "cms.settings.test",
        "DATABASE_URL": database_url(),
    }
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, f"--bind=127.0.0.1:{port}"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        for _time in range(240):
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, (tmp_path / "log").read_text()
            time.sleep(0.25)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def test_exactly_as_many_get_a_place_as_there_are(server: int, home: HomePage) -> None:
    page = announce(home, capacity=PLACES)
    activity = activity_of(page)
    forms = (f"/nl/agenda/{activity.pk}/inschrijven/", f"/en/events/{activity.pk}/sign-up/")
    full = (
        ("Deze activiteit is volzet", "De andere activiteiten bekijken"),
        ("This event is full", "See the other events"),
    )
    gun = Barrier(PEOPLE)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": f"http://127.0.0.1:{server}",
    }

    def ask(number: int) -> int:
        person = {
            "first_name": "Noor",
            "last_name": f"Claes {number}",
            "email": f"noor{number}@demo.example",
            "organisation": f"Brug {number % 7}",
            "organisation_kind": "company",
        }
        http = HTTPConnection("127.0.0.1", server, timeout=120)
        gun.wait(60)
        http.request("POST", forms[number % 2], urlencode(person), headers)
        answer = http.getresponse()
        text = answer.read().decode()
        http.close()
        if answer.status == 409:
            for words in full[number % 2]:
                assert words in text, f"person {number} is not told why, or where to go"
        return answer.status

    with ThreadPoolExecutor(PEOPLE) as pool:
        answers = Counter(pool.map(ask, range(PEOPLE)))
    assert answers == {302: PLACES, 409: PEOPLE - PLACES}
    confirmed = Signup.objects.filter(activity=activity, status=Signup.Status.CONFIRMED)
    assert confirmed.count() == PLACES
    assert set(confirmed.values_list("organisation__name_key", flat=True)) <= {f"brug {n}" for n in range(7)}
    for url, word in (
        (page.url, "Volzet"),
        (Page.objects.get(pk=page.get_translations().get().pk).url, "Full"),
    ):
        http = HTTPConnection("127.0.0.1", server, timeout=60)
        http.request("GET", url)
        assert word in http.getresponse().read().decode()
        http.close()
