"""The treasurer's lists of bank lines and files: upload with its outcome, and what is done with one line."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries
from wagtail.models import Site

from accounts.models import User
from billing.bank.statements import FileRefused, Reason
from billing.models import BankEntry, BankFile, Invoice, Issuer, Payment
from billing.viewsets.bank_refusals import WORDS, say_refusal
from cms.operations.roles import load_roles
from tests.factories.bank import bank_file, entry
from tests.factories.billing import CustomerFactory, fill_in_issuer, issue

pytestmark = pytest.mark.django_db
LINES, FILES = "/admin/billing/bank-lines/", "/admin/billing/bank-files/"
UPLOAD = f"{FILES}upload/"


def person(role: str) -> User:
    load_roles()
    user = User.objects.create_user(f"{role}@demo.example", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def treasurer(client: Client, site: Site) -> User:
    user = person("finance")
    client.force_login(user)
    fill_in_issuer()
    return user


@pytest.fixture
def invoice(site: Site) -> Invoice:
    return issue()


def upload(client: Client, content: bytes, name: str = "afschrift.xml", **fields: Any) -> Any:
    return client.post(UPLOAD, {"file": SimpleUploadedFile(name, content)}, **fields)


def text_of(response: Any) -> str:
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def test_an_upload_shows_what_came_of_it(client: Client, treasurer: User, invoice: Invoice) -> None:
    form = text_of(client.get(UPLOAD))
    assert 'enctype="multipart/form-data"' in form
    assert "eindsaldo" in form
    content = bank_file(
        entry(1210, structured=invoice.structured_communication, reference="1"),
        entry(50, text="gift", reference="2"),
        entry(-8, text="kosten", reference="3"),
    )
    page = text_of(upload(client, content, follow=True))
    assert "3 nieuwe lijnen. 1 is verwerkt." in page
    rows = re.findall(r"status=(\w+)\">.*?</th>" + r"<td[^>]*>(.*?)</td>" * 4, page)
    assert rows == [
        ("waiting", "1", "50,00 euro", "1", "-8,00 euro"),
        ("settled", "1", "1.210,00 euro", "0", "0,00 euro"),
    ]
    assert Payment.objects.get().recorded_by == BankFile.objects.get().uploaded_by == treasurer
    again = text_of(upload(client, content, follow=True))
    assert "voegt niets toe" in again
    assert (BankEntry.objects.count(), Payment.objects.count()) == (3, 1)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (bank_file(entry(5), entry(6))[:-300], "afgebroken"),
        (bank_file(entry(5), closing="7.00"), "Regel 8: Het bestand klopt niet: beginsaldo 1.000,00 euro"),
        (bank_file(entry(5, currency="USD")), "Regel 9: De munt is USD"),
        (
            bank_file(entry(5), iban="BE68539007547034"),
            "Regel 6: Het bestand gaat over",
        ),
        (b'<!DOCTYPE d [<!ENTITY a "ha">]><d>&a;</d>', "een DTD of entiteiten"),
        (b"0000024112612305        00000000", "CODA"),
        (bank_file(entry(5), version="09"), "camt.053.001.09"),
    ],
)
def test_a_file_that_is_refused_says_why_beside_the_field(
    client: Client, treasurer: User, content: bytes, said: str
) -> None:
    response = upload(client, content)
    assert response.status_code == 200
    assert said in text_of(response)
    assert "niets uit dit bestand overgenomen" in text_of(response)
    assert not BankFile.objects.exists()
    assert upload(client, bank_file(entry(5))).status_code == 302


def test_nothing_and_a_file_without_an_account_of_ours_are_refused(client: Client, treasurer: User) -> None:
    assert "error" in text_of(client.post(UPLOAD, {}))
    assert client.post(UPLOAD, {"file": SimpleUploadedFile("leeg.xml", b"")}).status_code == 200
    Issuer.objects.update(iban="")
    assert "Vul eerst het IBAN" in text_of(upload(client, bank_file(entry(5))))
    assert not BankFile.objects.exists()


def test_every_reason_has_words_in_both_languages() -> None:
    assert set(WORDS) == set(Reason)
    words: dict[str, Any] = {
        **dict.fromkeys(("found", "known", "ours", "element"), "x<b>"),
        **dict.fromkeys(("opening", "booked", "closing", "difference"), Decimal("1.00")),
    }
    for reason in Reason:
        with translation.override("en"):
            english = say_refusal(FileRefused(reason, 12, **words))
        with translation.override("nl"):
            dutch = say_refusal(FileRefused(reason, 12, **words))
        assert ("12" in english, "12" in dutch, english != dutch) == (True, True, True)


def test_each_role_sees_and_does_its_own(client: Client, invoice: Invoice, treasurer: User) -> None:
    upload(client, bank_file(entry(50, text="gift")))
    line, file = BankEntry.objects.get(), BankFile.objects.get()
    reads = [LINES, FILES, f"{LINES}inspect/{line.pk}/", f"{FILES}inspect/{file.pk}/"]
    acts = [UPLOAD, f"{LINES}match/", f"{LINES}assign/{line.pk}/", f"{LINES}set-aside/{line.pk}/"]
    found = {}
    for role in ("finance", "administrator", "board", "editor"):
        client.force_login(treasurer if role == "finance" else person(role))
        found[role] = [
            sum(client.get(address).status_code == 200 for address in part) for part in (reads, acts)
        ]
        if role == "board":
            assert UPLOAD not in text_of(client.get(LINES))
            assert "assign/" not in text_of(client.get(reads[2]))
    assert found == {"finance": [4, 4], "administrator": [4, 4], "board": [4, 0], "editor": [0, 0]}


def test_a_line_is_assigned_from_a_likely_invoice(client: Client, treasurer: User, invoice: Invoice) -> None:
    upload(client, bank_file(entry(1300, text=f"factuur {invoice.number}")))
    line = BankEntry.objects.get()
    page = text_of(client.get(f"{LINES}inspect/{line.pk}/"))
    address = f"{LINES}assign/{line.pk}/?invoice={invoice.pk}"
    assert address in page
    assert "genoemd in de mededeling" in page
    form = client.get(address).context["form"]
    assert [form[name].value() for name in ("invoice", "amount", "seen")] == [
        invoice.number,
        Decimal("1210.00"),
        Decimal("0.00"),
    ]
    words = {"invoice": invoice.communication, "amount": "1300,00", "seen": "0.00", "reason": "gebeld"}
    for wrong in (
        {"invoice": "2026-99999"}, {"invoice": ""}, {"amount": "1300,01"}, {"amount": "0"},
        {"amount": "veel"}, {"reason": ""}, {"reason": "x" * 301}, {"seen": "nul"},
    ):  # fmt: skip
        answer = client.post(address, words | wrong)
        assert answer.status_code == 200
        assert "gebeld" in text_of(answer) or "reason" in wrong
    assert not Payment.objects.exists()
    again = client.post(address, words)
    assert "90,00 euro zou te veel zijn" in text_of(again)
    assert not Payment.objects.exists(), "what is too much is asked once more"
    words |= {"confirmed": again.context["form"]["confirmed"].value()}
    assert client.post(address, words | {"amount": "1299,00"}).status_code == 200
    assert "Daarvan is 90,00 euro te veel" in text_of(client.post(address, words, follow=True))
    assert client.post(address, words).status_code == 302
    assert Payment.objects.get().surplus == 90
    page = text_of(client.get(f"{LINES}inspect/{line.pk}/"))
    assert "gebeld" in page
    assert "met de hand" in page


def test_a_line_that_changed_meanwhile_is_left_alone(
    client: Client, treasurer: User, invoice: Invoice
) -> None:
    upload(client, bank_file(entry(100)))
    line = BankEntry.objects.get()
    words = {"invoice": invoice.number, "amount": "50,00", "seen": "0.00", "reason": "deel"}
    typed = client.post(f"{LINES}assign/{line.pk}/", words)
    assert invoice.name in text_of(typed)
    assert not Payment.objects.exists(), "the page did not name the invoice yet"
    address = f"{LINES}assign/{line.pk}/?invoice={invoice.pk}"
    assert client.post(address, words).status_code == 302
    assert "intussen gewijzigd" in text_of(client.post(address, words, follow=True))
    assert Payment.objects.get().amount == 50


def test_a_line_is_set_aside_and_put_back(client: Client, treasurer: User) -> None:
    upload(client, bank_file(entry(-8, text="kosten")))
    line = BankEntry.objects.get()
    assert client.post(f"{LINES}set-aside/{line.pk}/", {"reason": ""}).status_code == 200
    page = text_of(client.post(f"{LINES}set-aside/{line.pk}/", {"reason": "bankkosten"}, follow=True))
    assert "bankkosten" in page
    assert client.get(f"{LINES}set-aside/{line.pk}/").status_code == 302
    asked = text_of(client.get(f"{LINES}take-back/{line.pk}/"))
    assert "ongedaan maken" in asked, "money that went out is assigned to no invoice"
    page = text_of(client.post(f"{LINES}take-back/{line.pk}/", {"reason": "toch niet"}, follow=True))
    assert "toch niet" in page
    client.post(f"{FILES}set-aside/{line.file_id}/", {"reason": "alles"})
    line.refresh_from_db()
    assert (line.status, line.reason) == ("set_aside", "alles")


def test_the_list_filters_searches_adds_up_and_exports(client: Client, treasurer: User) -> None:
    assert UPLOAD in text_of(client.get(LINES)), "an empty list says what to do"
    content = bank_file(
        entry("1210.50", text="=HYPERLINK(1)", name="Lantaarnwerk", reference="1"),
        entry("-8.00", text="kosten", name="Voorbeeldbank", iban="", reference="2"),
        entry("-2.00", text="kosten", name="", iban="", reference="4"),
        entry("60.00", structured="123456789002", name="Onbekend", iban="BE71096123456769", reference="3"),
    )
    upload(client, content)
    page = text_of(client.get(LINES))
    for line in BankEntry.objects.all():
        assert f"{LINES}inspect/{line.pk}/" in page
    assert re.findall(r'<dd class="w-h3">([^<]+)</dd>', page) == [
        "1.270,50 euro",
        "-10,00 euro",
        "1.270,50 euro",
    ]
    for query, names in (
        ({"direction": "out"}, {"Voorbeeldbank"}),
        ({"direction": "in"}, {"Lantaarnwerk", "Onbekend"}),
        ({"status": "settled"}, set()),
        ({"booked_on_from": "2026-11-25"}, set()),
        ({"q": "+++123/4567/89002+++"}, {"Onbekend"}),
        ({"q": "1.210,50"}, {"Lantaarnwerk"}),
        ({"q": "8.00"}, {"Voorbeeldbank"}),
        ({"q": "BE71 0961 2345 6769"}, {"Onbekend"}),
        ({"q": "lantaarn"}, {"Lantaarnwerk"}),
    ):
        found = text_of(client.get(LINES, query))
        assert {name for name in ("Lantaarnwerk", "Voorbeeldbank", "Onbekend") if name in found} == names, (
            query
        )
    for odd in ('"><script>', "\0", " ", "x" * 10_000, "9" * 40, "9" * 40 + ",00"):
        assert client.get(LINES, {"q": odd}).status_code == 200
    export = client.get(f"{LINES}?export=csv").getvalue().decode()
    assert "'=HYPERLINK(1)" in export
    assert "1210.50" in export
    for address in (f"{LINES}?export=xlsx", f"{FILES}?export=csv", f"{FILES}?export=xlsx"):
        assert client.get(address).status_code == 200


def test_pages_take_the_same_queries_whatever_their_length(
    client: Client, treasurer: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    customer = CustomerFactory.create()
    for _number in range(15):
        issue(customer=customer)
    entries = [entry(1210, text=f"gift {number}", reference=str(number)) for number in range(30)]
    upload(client, bank_file(*entries))
    line = BankEntry.objects.all()[0]
    for address in (LINES, FILES, f"{LINES}inspect/{line.pk}/", f"{FILES}inspect/{line.file_id}/"):
        client.get(address)
        with django_assert_max_num_queries(30):
            assert client.get(address).status_code == 200


def test_the_pages_are_valid(client: Client, treasurer: User, invoice: Invoice) -> None:
    upload(client, bank_file(entry(1300, text=f"factuur {invoice.number}", is_reversal=True), entry(-5)))
    credit = BankEntry.objects.get(amount__gt=0)
    client.post(f"{LINES}set-aside/{BankEntry.objects.get(amount__lt=0).pk}/", {"reason": "kosten"})
    for address in (
        f"{LINES}inspect/{credit.pk}/", f"{FILES}inspect/{credit.file_id}/", UPLOAD,
        f"{LINES}assign/{credit.pk}/",
    ):  # fmt: skip
        page = client.get(address).content.decode()
        main = re.search(r"<main.*?</main>", page, re.S)
        assert main
        assert "{{" not in main[0]
    assert "draait een eerdere verrichting terug" in text_of(client.get(f"{LINES}inspect/{credit.pk}/"))
