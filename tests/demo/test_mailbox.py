"""The demo's mailbox: every mail can be read, its links followed, and nothing in it runs."""

from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail
from django.test import Client

from demo.models import StoredFile, StoredMail
from home.models import HomePage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mailbox(settings: Any) -> None:
    settings.EMAIL_BACKEND = "demo.mailbox.MailboxBackend"


def send(subject: str = "Uw inschrijving", to: str = "ann@demo.example") -> StoredMail:
    message = EmailMultiAlternatives(
        subject, "Zie http://testserver/nl/l/x/", to=[to], cc=["bob@demo.example"]
    )
    message.attach_alternative("<html><head></head><body><script>x</script>Dag</body></html>", "text/html")
    message.attach("uitnodiging.ics", "BEGIN:VCALENDAR", "text/calendar")
    message.attach("factuur.pdf", b"%PDF", "application/pdf")
    message.send()
    return StoredMail.objects.latest("pk")


def test_a_mail_is_listed_and_read_with_its_files(client: Client, home: HomePage) -> None:
    mail = send()
    listed = client.get("/nl/demo/mail/").content.decode()
    assert "Uw inschrijving" in listed
    assert "ann@demo.example, bob@demo.example" in listed
    shown = client.get(f"/nl/demo/mail/{mail.pk}/").content.decode()
    assert 'href="http://testserver/nl/l/x/"' in shown
    assert "sandbox=" in shown
    assert "<script>x" not in shown
    frame = client.get(f"/nl/demo/mail/{mail.pk}/html/")
    assert b'<base target="_top">' in frame.content
    assert "default-src 'none'" in frame["Content-Security-Policy"]
    assert "script" not in frame["Content-Security-Policy"]
    pdf = client.get(f"/nl/demo/mail/files/{StoredFile.objects.get(name='factuur.pdf').pk}/")
    assert (pdf.content, pdf["Content-Type"]) == (b"%PDF", "application/pdf")
    assert pdf["Content-Disposition"] == 'attachment; filename="factuur.pdf"'
    assert client.get("/nl/demo/mail/999999/").status_code == 404


def test_the_newest_stands_on_top_and_a_recipient_can_be_found(client: Client, home: HomePage) -> None:
    for number in range(30):
        send(f"Bericht {number:02}", f"p{number}@demo.example")
    first = client.get("/nl/demo/mail/").content.decode()
    assert "Bericht 29" in first
    assert "Bericht 04" not in first
    assert "Bericht 04" in client.get("/nl/demo/mail/?page=2").content.decode()
    found = client.get("/nl/demo/mail/?q=p7@demo").content.decode()
    assert "Bericht 07" in found
    assert "Bericht 08" not in found


def test_a_plain_mail_and_an_empty_box_are_shown(client: Client, home: HomePage) -> None:
    assert client.get("/nl/demo/mail/").status_code == 200
    send_mail("Plat", "tekst", None, ["ann@demo.example"])
    mail = StoredMail.objects.get()
    html = client.get(f"/nl/demo/mail/{mail.pk}/").content.decode()
    assert "iframe" not in html
    assert '<a href="/nl/demo/mail/">' in html


def test_a_line_break_in_a_header_is_refused() -> None:
    with pytest.raises(ValueError, match="newlines"):
        send("Dag\nBcc: all@demo.example")
    assert not StoredMail.objects.exists()
