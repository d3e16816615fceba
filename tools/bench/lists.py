"""The treasurer's lists, and books of two lengths to measure them with. Imported once Django is set up."""

from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from billing.models import BankEntry, Customer, DunningHold, Invoice, Issuer, StripeEvent, VatCheck
from billing.operations.bank_files import import_bank_file
from membership.models import Membership
from tools.bench import ledger, statement
from tools.bench.ledger import NAME

TREASURER = "penningmeester@demo.example"
FEW, MANY, CUSTOMERS = 200, 20_000, 1_000
FEW_OTHERS, MANY_OTHERS = 110, 2_000
"""Of members, pro formas, bank lines, messages of Stripe, VAT checks and held reminders, beside so many
invoices: more than a page of each in both."""
PAGE = 50


def treasurer() -> str:
    """Log the treasurer in, with a second factor as production asks it; return the cookie."""
    person = get_user_model().objects.get(email=TREASURER)
    Authenticator.objects.get_or_create(user=person, type=Authenticator.Type.TOTP, defaults={"data": {}})
    browser = Browser()
    browser.force_login(person)
    return f"sessionid={browser.cookies['sessionid'].value}"


def lists() -> dict[str, str]:
    """Return the addresses of the treasurer's lists, plain, narrowed and searched."""
    today = timezone.localdate()
    pages = {
        name: reverse(f"{view}:index")
        for name, view in {
            "desk": "billing_dashboard",
            "invoices": "billing_invoices",
            "pro formas": "billing_pro_formas",
            "payments": "billing_payments",
            "refunds": "billing_reversals",
            "customers": "billing_customers",
            "bank lines": "billing_bank_entries",
            "bank files": "billing_bank_files",
            "sending": "billing_dispatches",
            "saved means": "billing_means",
            "messages of Stripe": "billing_events",
            "VAT checks": "billing_vat_checks",
            "organisations": "membership_organisation",
            "memberships": "membership_memberships",
            "price matrix": "membership_prices",
            "renewals to come": "membership_renewals",
            "automatic payments": "membership_automatic",
        }.items()
    }
    invoices, payments, lines = pages["invoices"], pages["payments"], pages["bank lines"]
    until = today + timedelta(days=60)
    return {
        **pages,
        "invoices, open": f"{invoices}?status=issued&status=overdue",
        "invoices, to remind": f"{invoices}?status=overdue&ordering=due_on",
        "invoices, sent by Peppol": f"{invoices}?delivery=sent",
        "invoices, reminders held": f"{invoices}?held=true",
        "invoices, searched": f"{invoices}?q={NAME}",
        "invoices, last page": f"{invoices}?p=400&ordering=left",
        "payments, by transfer": f"{payments}?method=transfer",
        "payments, searched": f"{payments}?q={NAME}",
        "customers, searched": f"{pages['customers']}?q={NAME}",
        "bank lines, waiting": f"{lines}?status=waiting",
        "organisations, searched": f"{pages['organisations']}?q={NAME}",
        "memberships, active": f"{pages['memberships']}?status=active",
        "renewals to come, two months": f"{pages['renewals to come']}?until={until}",
        "file of open items": (
            f"{reverse('billing_accounting:index')}?what=open&open-on={today}&open-file_type=csv"
        ),
    }


def invoices() -> int:
    """Return how many invoices the books hold."""
    return Invoice.objects.count()


def fill(most: int, others: int) -> None:
    """Bring the books to so many invoices, three of four of them paid, and so many of other things."""
    ours = Customer.objects.filter(name__startswith=NAME)
    ledger.add_members(max(0, others - Membership.objects.filter(organisation__customer__in=ours).count()))
    customers = list(ours.order_by("pk")[:CUSTOMERS])
    waiting = BankEntry.objects.filter(status=BankEntry.Status.WAITING).count()
    add_bank_lines(others - waiting)
    asked = Invoice.documents.filter(kind=Invoice.Kind.PRO_FORMA).count()
    ledger.add_pro_formas(_each(customers, others - asked))
    missing = max(0, most - invoices())
    of_all = _each(customers, missing)
    ledger.add_invoices(of_all[: missing // 4])
    ledger.add_invoices(of_all[missing // 4 :], is_paid=True)
    ledger.add_messages(others - StripeEvent.objects.count())
    ledger.add_vat_checks(_each(customers, others - VatCheck.objects.count()))
    free = Invoice.objects.filter(status__in=Invoice.OPEN, dunning_hold=None).order_by("pk")
    ledger.hold_reminders(free[: max(0, others - DunningHold.objects.count())])


def add_bank_lines(most: int) -> None:
    """Take in a file of money that no invoice asks for: it waits for somebody."""
    if most <= 0:
        return
    now, first = timezone.now(), BankEntry.objects.count()
    lines = [statement.from_nobody(first + number) for number in range(most)]
    name, day = f"waits{first}", timezone.localdate(now)
    content = statement.bank_file(lines, name=name, iban=Issuer.load().iban, day=day)
    import_bank_file(content=content, name=f"{name}.xml", at=now, by=None)


def _each(customers: list[Customer], most: int) -> list[Customer]:
    """Return customers in turn, so many times."""
    return [customers[number % len(customers)] for number in range(max(0, most))]
