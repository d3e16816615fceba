"""`make serve` as an operator starts it: production settings from the environment, nothing in the database.

On SQLite the database is migrated already: PostgreSQL shows that it need not be.
Then the same with its server behind a proxy that ends TLS.
"""

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPConnection
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

import psycopg
import pytest

from tests.database import migrated_file, migrated_template
from tests.journeys.production_site import PASSWORD
from tools.postgres import free_port
from tools.run import SERVER

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS_TO_START, SECONDS_TO_MAIL = 120, 60
HOST = "platform.voorbeeld.example"
LOG_IN = "/nl/account/login/"


@dataclass
class Site:
    """The running platform: its address, what was made in it, and what it printed."""

    address: str
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What a browser would see."""

    status: int
    headers: dict[str, str]
    text: str
    address: str


class Visitor:
    """A browser with cookies of its own."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))

    def get(
        self, path: str, data: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Ask for a path, or send a form to it; redirects are followed."""
        body = urlencode(data).encode() if data is not None else None
        request = Request(self.site.address + path, body, {"Origin": self.site.address, **(headers or {})})
        try:
            with self.opener.open(request, timeout=30) as response:
                return self._read(response)
        except HTTPError as error:
            with error:
                return self._read(error)

    def _read(self, response: Any) -> Answer:
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, headers, response.read().decode("utf-8", "replace"), response.url)

    def log_in(self, name: str) -> "Visitor":
        """Log in with e-mail and password."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(LOG_IN).text)
        assert token
        fields = {"login": f"{name}@voorbeeld.example", "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
        answer = self.get(LOG_IN, fields)
        assert answer.status == 200
        assert urlsplit(answer.address).path != LOG_IN
        return self


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database without content, of the kind that the suite runs on."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        file = tmp_path_factory.mktemp("production") / "db.sqlite3"
        shutil.copyfile(migrated_file(), file)
        yield f"sqlite:///{file}"
        return
    name = f"production_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{migrated_template(url)}"')
    yield urlsplit(url)._replace(path=f"/{name}").geturl()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def site(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The platform, started on that database and then filled."""
    folder, port = tmp_path_factory.mktemp("data"), free_port()
    made = Site(f"http://127.0.0.1:{port}", folder / "serve.log")
    environment = made.environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": database,
        "DATA_DIR": str(folder),
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": made.address,
        "EMAIL_URL": "consolemail://",
        "DEFAULT_FROM_EMAIL": "info@voorbeeld.example",
        "STRIPE_SECRET_KEY": "sk_test_nothing",
        "STRIPE_WEBHOOK_SECRET": "whsec_nothing",
        "MAILCHIMP_WEBHOOK_SECRET": "niet-te-raden",
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
        "PYTHONUNBUFFERED": "1",
    }
    with made.log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "tools.run", "--production"],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=out,
        )
    try:
        wait_until_healthy(made, process)
        filled = subprocess.run(
            [sys.executable, "-m", "tests.journeys.production_site"],
            cwd=ROOT,
            env={**environment, "DJANGO_SETTINGS_MODULE": "cms.settings.production"},
            capture_output=True,
            text=True,
        )
        assert filled.returncode == 0, filled.stderr
        made.made = json.loads(filled.stdout)
        yield made
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def wait_until_healthy(site: Site, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        assert process.poll() is None, site.log.read_text()
        try:
            if Visitor(site).get("/healthz").status == 200:
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"nothing answers:\n{site.log.read_text()}")


@dataclass(frozen=True)
class Proxied:
    """A server that stands behind a proxy, asked as that proxy would ask it. Redirects are not followed."""

    port: int

    def ask(
        self,
        path: str,
        *,
        host: str = HOST,
        scheme: str = "",
        form: dict[str, str] | None = None,
        cookie: str = "",
    ) -> tuple[int, Message, str]:
        """Return status, headers and text. `scheme` is what the visitor spoke to the proxy."""
        http = HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"X-Forwarded-Host": host, "Cookie": cookie, "Origin": f"https://{HOST}"}
        if scheme:
            headers["X-Forwarded-Proto"] = scheme
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = None if form is None else urlencode(form)
        http.request("GET" if form is None else "POST", path, body, headers)
        answer = http.getresponse()
        text = answer.read().decode()
        http.close()
        return answer.status, answer.headers, text


@pytest.fixture(scope="module")
def proxied(site: Site) -> Iterator[Proxied]:
    """A second server on the same data, told that a proxy stands before it."""
    environment = site.environment | {
        "DJANGO_SETTINGS_MODULE": "cms.settings.production",
        "ALLOWED_HOSTS": HOST,
        "SITE_URL": f"https://{HOST}",
        "TRUST_PROXY_HEADERS": "true",
    }
    port, log = free_port(), site.log.with_name("proxied.log")
    with log.open("w") as out:
        process = subprocess.Popen(
            [*SERVER, "--bind", f"127.0.0.1:{port}", "--workers", "1"],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=out,
        )
    try:
        server, deadline = Proxied(port), time.monotonic() + SECONDS_TO_START
        while True:
            assert process.poll() is None, log.read_text()
            try:
                assert server.ask("/healthz")[0] == 200, "the proxy's own question needs no TLS"
                break
            except OSError:
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.2)
        yield server
    finally:
        process.terminate()
        process.wait(30)


def same_page(answer: Answer, address: str) -> tuple[int, str, dict[str, str]]:
    """What an answer betrays, the address itself and the moment aside."""
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in ("date", "expires", "content-length")
    }
    text = answer.text
    for form in (address, address.replace("/", "%2F"), address.replace("/", "%252F")):
        text = text.replace(form, "ADDRESS")
    return answer.status, re.sub(r'(csrfmiddlewaretoken" value=")\w+', r"\1", text), headers


def test_the_site_answers_with_its_static_files_and_nothing_of_the_demo(site: Site) -> None:
    visitor = Visitor(site)
    home = visitor.get("/")
    assert (home.status, urlsplit(home.address).path) == (200, "/nl/")
    sheet = re.search(r'href="(/static/[^"]+\.css)"', home.text)
    assert sheet
    style = visitor.get(sheet[1])
    assert (style.status, style.headers["content-type"].split(";")[0]) == (200, "text/css")
    assert "immutable" in style.headers["cache-control"]
    for path in ("/styleguide/", "/nl/demo/mail/", "/demo/stripe/", "/private/raamnota.txt"):
        assert visitor.get(path).status == 404, path


def test_a_document_does_not_exist_for_whoever_may_not_read_it(site: Site) -> None:
    address, never = site.made["document"], "/documents/99999/raamnota.txt"
    may = Visitor(site).log_in("hoog")
    answer = may.get(address)
    assert (answer.status, answer.text) == (200, "alleen voor cultivate")
    assert "no-store" in answer.headers["cache-control"]
    assert "Raamnota" in may.get("/nl/ledenzone/bibliotheek/").text
    assert "Raamnota" in may.get("/nl/zoeken/?q=raamnota").text
    for visitor in (Visitor(site), Visitor(site).log_in("laag"), Visitor(site).log_in("vervallen")):
        refused = same_page(visitor.get(address), address)
        assert refused == same_page(visitor.get(never), never)
        assert refused[0] == 404
        assert LOG_IN in refused[1] or "/nl/account/logout/" in refused[1]
        for path in (
            "/nl/ledenzone/bibliotheek/",
            "/nl/zoeken/?q=raamnota",
            "/sitemap.xml",
            "/nl/nieuws.atom",
        ):
            assert "Raamnota" not in visitor.get(path).text, path
        for path in (f"/media/{site.made['file']}", f"/private/{site.made['file']}"):
            assert visitor.get(path).status == 404, path


def test_staff_need_a_second_factor_and_members_find_no_back_office(site: Site) -> None:
    stranger = Visitor(site).get("/admin/")
    assert urlsplit(stranger.address).path == LOG_IN
    assert Visitor(site).log_in("hoog").get("/admin/").status == 404
    staff = Visitor(site).log_in("staf").get("/admin/pages/")
    assert not urlsplit(staff.address).path.startswith("/admin/")
    assert "totp" in staff.text


def test_headers_of_a_proxy_are_not_believed_and_webhooks_ask_for_proof(site: Site) -> None:
    forged = {"X-Forwarded-Host": "kwaad.example", "X-Forwarded-Proto": "https"}
    assert "kwaad.example" not in Visitor(site).get("/nl/", headers=forged).text
    assert Visitor(site).get("/nl/", headers={"Host": "kwaad.example"}).status == 400
    for path in ("/webhooks/stripe/", "/webhooks/mailchimp/geraden/"):
        assert Visitor(site).get(path, {"type": "subscribe"}).status in (400, 403, 404), path


def test_behind_a_proxy_only_tls_is_answered_and_only_for_its_own_host(proxied: Proxied) -> None:
    for _first_made_then_kept in range(2):
        status, headers, text = proxied.ask("/nl/", scheme="https")
        assert status == 200
        assert f'<link rel="canonical" href="https://{HOST}/nl/">' in text
        assert "max-age=31536000" in headers["Strict-Transport-Security"]
        for scheme, path in (("", "/nl/"), ("http", "/nl/"), ("http", "/nl/?a=b")):
            status, headers, _text = proxied.ask(path, scheme=scheme)
            assert (status, headers["Location"]) == (301, f"https://{HOST}{path}")
        for scheme in ("https", "http"):
            for host in ("kwaad.example", f"{HOST}.kwaad.example"):
                assert proxied.ask("/nl/", scheme=scheme, host=host)[0] == 400


def test_behind_a_proxy_every_cookie_is_for_tls_only(proxied: Proxied) -> None:
    status, headers, text = proxied.ask(LOG_IN, scheme="https")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text)
    assert status == 200
    assert token
    [cookie] = headers.get_all("Set-Cookie", [])
    assert cookie.startswith("csrftoken=")
    assert "; Secure" in cookie
    form = {"login": "hoog@voorbeeld.example", "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    status, headers, _text = proxied.ask(LOG_IN, scheme="https", form=form, cookie=cookie.partition(";")[0])
    assert status == 302
    cookies = headers.get_all("Set-Cookie", [])
    assert any(one.startswith("sessionid=") and "; HttpOnly" in one for one in cookies)
    assert [one for one in cookies if "; Secure" not in one] == []


def test_the_worker_sends_the_mail_of_whoever_has_joined(site: Site) -> None:
    deadline = time.monotonic() + SECONDS_TO_MAIL
    while time.monotonic() < deadline:
        if "To: hoog@voorbeeld.example" in site.log.read_text():
            return
        time.sleep(1)
    pytest.fail(f"no mail left:\n{site.log.read_text()[-3000:]}")
