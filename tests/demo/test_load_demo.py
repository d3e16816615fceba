"""The demo: what it holds, and every page type with its content: valid, bounded, in both languages."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.models import Page, get_page_models
from wagtail_localize.models import Translation

from accounts.models import User
from billing.documents import make_sheet
from billing.models import AutomaticPayment, Invoice, Issuer, PaymentMeans, Reversal
from billing.operations.means_mail import Announced
from billing.queries import with_open_amount
from cms.emails import render_email
from cms.models import Menu, PeriodicRun, SitePage, Term
from cms.operations.periodic import run_due_work
from cms.registries import due_work
from events.models import Activity, EventIndexPage, Signup
from extranet.models import LibraryPage
from home.models import NewsIndexPage, PeoplePage
from matchmaking.models import CallIndexPage, CallPage, CaseIndexPage, CasePage
from membership.emails import LOOK, OwnLink
from membership.models import Affiliation, Application, Invitation, Membership, MembersPage, Organisation
from membership.operations.charges import REFERENCE
from membership.operations.terms import OpenInvoice
from membership.queries import current_members, next_term_of, size_band_for
from reporting.models import RevenueTarget
from tests.demo.due import make_something_due
from tests.html import problems_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]  # `make bench` loads it into PostgreSQL
MAILS = settings.BASE_DIR / "templates" / "emails"
PAGE_TYPES = [each for each in get_page_models() if issubclass(each, SitePage)]
PAGE_BUDGET, LIST_BUDGET = 10, 12
STRANGE_QUERIES = (
    "page=0&domain=%00&q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    "page=99999999999999999999&period=none&q=%00&layer=%F0%9F%99%82",
    f"q={'x' * 5_000}&kind=none&domain=none&state=%FF&page=-1",
)


@pytest.fixture(scope="module", autouse=True)
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The demo, loaded once for this module and rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_demo", verbosity=0)
        connection.check_constraints()  # now, not at the end of every test
        yield
        transaction.set_rollback(True)


def words_of(page: SitePage) -> int:
    return len(" ".join(page.body.stream_block.get_searchable_content(page.body)).split())


def test_the_members_are_those_of_year_zero_of_the_plan() -> None:
    members = Organisation.objects.filter(
        kind="company",
        memberships__status=Membership.Status.ACTIVE,
        memberships__tier__slug__in=("connect", "cultivate"),
    )
    sizes = Counter(
        (size_band_for(employees or 0).employees_from, tier)
        for employees, tier in members.values_list("employees", "memberships__tier__slug")
    )
    assert sizes == {
        (0, "connect"): 5,
        (10, "connect"): 31,
        (10, "cultivate"): 1,
        (50, "connect"): 14,
        (250, "connect"): 16,
        (250, "cultivate"): 8,
    }
    layers = Counter(members.filter(terms__kind="layer").values_list("terms__slug", flat=True))
    assert layers == {"layer-1": 14, "layer-2": 31, "layer-3": 16, "layer-4": 14}
    assert current_members().filter(kind="local_government").exists()


@pytest.mark.parametrize(("page_type", "number"), [(CallPage, 7), (CasePage, 7)])
def test_calls_and_cases_have_full_bodies_in_both_languages(page_type: type[SitePage], number: int) -> None:
    for language in ("nl", "en"):
        pages = page_type._default_manager.live().filter(locale__language_code=language)
        assert len(pages) == number
        assert min(words_of(page) for page in pages) >= 250


def test_every_translation_is_complete_and_truly_english() -> None:
    assert [str(row) for row in Translation.objects.all() if len(set(row.get_progress())) > 1] == []
    people = PeoplePage.objects.get(locale__language_code="en").people.all()
    assert "Community manager" in {person.role for person in people}
    assert not Page.objects.filter(live=False).exists()


def test_every_page_is_reached_from_its_parent_in_both_languages(client: Client) -> None:
    assert Page.find_problems() == ([], [], [], [], [])
    for address in (
        "/nl/oproepen/pio-innovatieve-overheidsopdrachten/",
        "/en/calls/pio-innovation-procurement/",
    ):
        assert client.get(address).status_code == 200


def test_no_public_page_shows_a_budget_or_revenue_of_the_plan(client: Client) -> None:
    amounts = list(RevenueTarget.objects.values_list("amount_eur", flat=True))
    assert len(amounts) > 10
    amounts.append(sum(amounts))
    shown = {f"{amount:,}".replace(",", mark) for amount in amounts for mark in (".", ",", " ", "\xa0", "")}
    addresses = re.findall(r"<loc>https?://[^/]+([^<]*)</loc>", client.get("/sitemap.xml").content.decode())
    assert len(addresses) > 100
    for address in addresses:
        text = client.get(address).content.decode()
        found = [amount for amount in shown if amount in text]  # far quicker than the pattern
        assert not [amount for amount in found if re.search(rf"\b{re.escape(amount)}\b", text)], address


LISTS = (NewsIndexPage, EventIndexPage, CallIndexPage, CaseIndexPage, MembersPage, LibraryPage, None)


@pytest.mark.parametrize(
    ("index", "kind"),
    [
        pytest.param(index, kind, id=f"{index.__name__ if index else 'search'}-{kind}")
        for index in LISTS
        for kind in Term.Kind
        # Work packages are the association's own, and members are for nobody in particular.
        if index is not MembersPage or kind not in (Term.Kind.WORK_PACKAGE, Term.Kind.AUDIENCE)
    ],
)
def test_every_list_is_narrowed_by_every_kind_of_term(
    index: type[Page] | None, kind: str, client: Client
) -> None:
    address = index.objects.get(locale__language_code="nl").url if index else reverse("search")
    if index is LibraryPage:
        client.force_login(User.objects.get(email="stuurgroep@demo.example"))
    query = {} if index else {"q": "stad"}

    def count(**chosen: str) -> int:
        found: int = client.get(address, query | chosen).context["listing"].count
        return found

    whole, slugs = count(), Term.objects.filter(kind=kind).values_list("slug", flat=True)
    assert any(0 < count(**{kind: slug}) < whole for slug in slugs)


def test_two_activities_are_not_translated_and_have_one_row_each() -> None:
    untranslated = Activity.objects.filter(name_en="")
    assert untranslated.count() == 2
    assert Activity.objects.count() == 31


def test_activities_are_full_or_nearly_so_or_called_off_as_the_file_says() -> None:
    full = Activity.objects.get(name_nl__startswith="Omgekeerde pitch: veilig")
    assert full.signups.filter(status="confirmed").count() == full.capacity == 30
    assert [activity.name_nl for activity in Activity.objects.filter(is_cancelled=True)] == [
        "Clustering: kansen binnen de Europese Green Deal"
    ]


def test_most_invoices_are_paid_and_a_few_wait() -> None:
    statuses = Counter(Invoice.objects.values_list("status", flat=True))
    assert statuses == {"paid": 95, "issued": 7, "overdue": 2}


def test_both_languages_have_both_menus_with_pages_of_their_own_language() -> None:
    assert Menu.objects.count() == 4
    for menu in Menu.objects.all():
        assert {item.page.locale for item in menu.items.select_related("page")} == {menu.locale}


def test_loading_again_changes_nothing() -> None:
    before = Page.objects.count(), Organisation.objects.count()
    call_command("load_demo", verbosity=0)
    assert (Page.objects.count(), Organisation.objects.count()) == before


def test_a_membership_runs_from_the_day_on_which_it_was_paid() -> None:
    paid = Invoice.objects.filter(status="paid").exclude(reference="").prefetch_related("payments")
    by_reference = {invoice.reference: invoice for invoice in paid}
    running = Membership.objects.filter(status__in=Membership.RUNNING)
    assert running.count() == len(by_reference)
    for membership in running:
        invoice = by_reference[f"{REFERENCE}{membership.pk}"]
        assert [payment.received_on for payment in invoice.payments.all()] == [membership.starts_on]
    numbers = list(Invoice.objects.order_by("issued_on", "pk").values_list("number", flat=True))
    assert numbers == sorted(numbers)


def everything() -> dict[str, list[str]]:
    """Every row of every table, but for the record of when the periodic work was done."""
    tables = set(connection.introspection.table_names()) - {PeriodicRun._meta.db_table}
    rows = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows[table] = sorted(map(str, cursor.fetchall()))
    return rows


def test_periodic_work_done_twice_at_one_moment_does_nothing_the_second_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = timezone.now()
    for module in ("charges", "visits"):  # as if there were keys
        monkeypatch.setattr(f"billing.operations.{module}.connect", lambda: object())
    DBTaskResult.objects.all().delete()  # as if the worker had done what loading queued
    make_something_due(at)
    idle = {entry.name for entry in due_work}
    for moment in (at, at + timedelta(days=60)):  # invoices are due within two months
        idle -= {outcome.name for outcome in run_due_work(at=moment) if outcome.done}
        before, mails = everything(), len(mail.outbox)
        again = list(run_due_work(at=moment))
        assert [outcome for outcome in again if outcome.done != 0] == []
        after = everything()
        assert [table for table, rows in after.items() if rows != before[table]] == []
        assert len(mail.outbox) == mails
    assert idle == set(), "nothing was due here, so nothing is shown: see make_something_due"


def test_who_joins_can_read_what_is_accepted(client: Client) -> None:
    for language, join, policies in (
        ("nl", "/nl/word-lid/", ("/nl/gedragscode/", "/nl/privacy")),
        ("en", "/en/join/", ("/en/code-of-conduct/", "/en/privacy")),
    ):
        text = client.get(f"{join}?tier=connect&kind=company&employees=25").text
        assert all(f'<a href="{policy}' in text for policy in policies), language


def pages_of(page_type: type[SitePage], language: str) -> list[SitePage]:
    """Up to two live pages of the type."""
    return list(page_type.objects.live().filter(locale__language_code=language).order_by("pk")[:2])


def is_private(page: Page) -> bool:
    return bool(page.get_view_restrictions().exists())


def test_there_are_page_types_to_look_at() -> None:
    assert len(PAGE_TYPES) > 12


@pytest.mark.usefixtures("memory")
@pytest.mark.parametrize("page_type", PAGE_TYPES, ids=lambda each: each.__name__)
def test_a_page_of_each_type_is_valid_and_within_its_budget(page_type: type[SitePage]) -> None:
    dutch, english = pages_of(page_type, "nl"), pages_of(page_type, "en")
    assert dutch, "the demo shows each page type"
    assert english, "in both languages"
    for page in (*dutch, *english):
        client = Client()
        if is_private(page):
            client.force_login(User.objects.get(email="connect@demo.example"))
        address = page.get_url()
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        html = answer.content.decode()
        assert answer.status_code == 200, address
        assert problems_of(html) == [], address
        assert f'<html lang="{page.locale.language_code}"' in html
        budget = LIST_BUDGET if "filters" in (answer.context or {}) else PAGE_BUDGET
        assert len(queries) <= budget, "\n".join(query["sql"][:150] for query in queries)
        for query in STRANGE_QUERIES:
            strange = client.get(f"{address}?{query}")
            assert strange.status_code == 200, (address, query[:80])
            assert problems_of(strange.content.decode()) == [], (address, query[:80])
            assert "<script>alert" not in strange.content.decode()


@pytest.mark.parametrize("language", ["nl", "en"])
def test_error_pages_are_valid(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*words: Any, **more: Any) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("cms.search.views.find", fail)
    breaks = "zoeken" if language == "nl" else "search"
    answers = [
        Client().get(f"/{language}/bestaat-niet/"),
        Client(enforce_csrf_checks=True).post(f"/{language}/account/login/"),
        Client(raise_request_exception=False).get(f"/{language}/{breaks}/"),
    ]
    assert [answer.status_code for answer in answers] == [404, 403, 500]
    for answer in answers:
        assert problems_of(answer.content.decode()) == []


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_mail_is_valid_html_whatever_people_are_called(language: str) -> None:
    """A mail carries its style inside, for there is nowhere else; all else is as on a page."""
    messages = [path.parent.relative_to(MAILS) for path in MAILS.glob("*/*/body.txt")]
    assert len(messages) > 10
    signup = Signup.objects.select_related("activity").first()
    assert signup is not None
    signup.first_name = '<script>alert(1)</script> & "Zoë"'
    membership = Membership.objects.filter(status=Membership.Status.ACTIVE).select_related("organisation")[0]
    membership.organisation.name = signup.first_name
    invoice = Invoice.objects.exclude(kind=Invoice.Kind.CREDIT_NOTE)[0]
    today = timezone.localdate()
    means = PaymentMeans(customer=invoice.customer, kind="card", brand="visa", last4="4242")
    plan = AutomaticPayment(
        invoice=invoice, means=means, charge_on=today, next_on=today, announced_amount=invoice.gross
    )
    context = {
        "signup": signup,
        "activity": signup.activity,
        "user": User(first_name=signup.first_name, email="noor@demo.example"),
        "invoice": Invoice.objects.first(),
        "reversal": Reversal(amount=12, method="transfer", returned_on=today),
        "left": invoice.gross,
        "membership": membership,
        "organisation": membership.organisation,
        "term": next_term_of(membership),
        "tier": membership.tier,
        "open_invoices": [OpenInvoice(invoice, invoice.gross, "https://demo.example/")],
        "other_invoices": [OpenInvoice(invoice, invoice.gross, "https://demo.example/")],
        "read_only_on": today,
        "invoice_on": today,
        "why": signup.first_name,
        "url": "https://demo.example/?a=1&b=2",
        "name": signup.first_name,
        "answers": [(signup.first_name, signup.first_name)],
        "subject": signup.first_name,
        "change": signup.first_name,
        "reset_days": 3,
        "person": signup.first_name,
        "token": "x" * 22,
        "invitation": Invitation(email="noor@demo.example", expires_at=timezone.now()),
        "affiliation": Affiliation(role=Affiliation.Role.BILLING),
        "holder": membership.organisation,
        "application": Application(first_name=signup.first_name, email="noor@demo.example"),
        "email": "noor@demo.example",
        "customer": invoice.customer,
        "issuer": Issuer.load(),
        "before": "BE79999202600233",
        "after": "BE90999202600132",
        "changed_at": timezone.now(),
        "vat_number": "NL123456782B12",
        "waiting": [membership],
        "other_kind": membership.organisation,
        "is_stranger": True,
        "engagement": membership,
        "band": size_band_for(25),
        "own_link": OwnLink("https://demo.example/nl/l/x/", LOOK, timezone.now()),
        "means": means,
        "plan": plan,
        "means_url": "https://demo.example/",
        "sheet": make_sheet(invoice),
        "code": "insufficient_funds",
        "unpaid": list(with_open_amount(Invoice.objects.filter(pk=invoice.pk))),
        "charges": [Announced(plan, invoice, "https://demo.example/")],
        "open_ones": [(make_sheet(invoice), invoice.gross, "https://demo.example/", invoice)],
    }
    for message in messages:
        subject, _text, html = render_email(template=str(message), language=language, context=context)
        assert subject, message
        assert [each for each in problems_of(html) if each != "inline style in <style>"] == [], message
        assert f'<html lang="{language}"' in html
        assert "<script>alert" not in html, message
