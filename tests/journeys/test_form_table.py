"""No form is forgotten: each class and each address that takes a form stands in the table, or here."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

from django import forms
from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver
from wagtail.contrib.forms.models import FormMixin
from wagtail.models import get_page_models

from tests.journeys.form_table import FORMS

COVERED = {name for case in FORMS for name in case.covers}
OF_STAFF = {
    "accounts.forms.PersonCreationForm",
    "accounts.forms.PersonEditForm",
    "billing.forms.AssignForm",
    "billing.forms.BankFileForm",
    "billing.forms.CreditForm",
    "billing.forms.free_invoices.FreeInvoiceForm",
    "billing.forms.free_invoices.FreeLineForm",
    "billing.forms.many.HoldManyForm",
    "billing.forms.many.LooksTwice",
    "billing.forms.many.ManyEntriesForm",
    "billing.forms.many.ManyForm",
    "billing.forms.HoldForm",
    "billing.forms.means.StopForm",
    "billing.forms.LinesForm",
    "billing.forms.OpenItemsForm",
    "billing.forms.PaymentForm",
    "billing.forms.ReasonForm",
    "billing.forms.refunds.RefundForm",
    "billing.forms.RemindForm",
    "billing.forms.SendAgainForm",
    "billing.forms.SendForm",
    "billing.forms.undoing.RecallForm",
    "billing.forms.undoing.UndoForm",
    "billing.forms.VatDecisionForm",
    "billing.forms.WithdrawForm",
    "billing.viewsets.vat.VatTreatmentForm",
    "cms.viewsets.TermForm",
    "events.forms.StaffSignupForm",
    "membership.forms.changes.DaysForm",
    "membership.forms.changes.DeclineForm",
    "membership.forms.changes.ExtendForm",
    "membership.forms.changes.ExtendManyForm",
    "membership.forms.changes.ReasonForm",
    "membership.forms.organisations.OrganisationForm",
    "membership.viewsets.organisations.MergeForm",
    "membership.viewsets.price_grid.PriceGridForm",
    "membership.viewsets.renewals.UntilForm",
    "reporting.forms.GrowthForm",
    "reporting.forms.PlannedActivityForm",
    "reporting.forms.RevenueForm",
}
"""In the back office, where Wagtail prints forms and asks who may: `test_bad_input_of_staff` tries them."""
NO_FORMS = {
    "cms.protection.HoneypotMixin": "a part of forms",
    "membership.forms.applying.JoinForm": "what the join forms of all kinds share",
    "cms.views.style_guide.SampleForm": "shown in development only",
    "reporting.forms.NamedForm": "what the forms of named rows of the plan share",
}
ELSEWHERE = ("admin/", "webhooks/", "demo/", "styleguide/")
"""Addresses of the back office, of machines, and of what no production has."""
TAKE_NO_FORM = {
    "account_download_data",
    "account_inactive",
    "account_own_data",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_signup",  # closed
    "billing:invoice",
    "membership:own",
    "membership:own_means",
    "billing:invoice_pdf",
    "billing:own_invoice",
    "billing:own_invoice_pdf",
    "events:calendar",
    "events:calendar_file",
    "events:signed_up",
    "health",
    "home:news_feed",
    "matchmaking:call_feed",
    "member_zone",
    "membership:application",
    "membership:application_invoice",
    "membership:application_invoice_pdf",
    "membership:asked",
    "membership:linked",
    "membership:linked_invoice",
    "membership:linked_invoice_pdf",
    "membership:passed_on",
    "mfa_download_recovery_codes",
    "mfa_index",
    "mfa_list_webauthn",
    "mfa_view_recovery_codes",
    "newsletters:asked",
    "og_picture",
    "profile_picture",
    "robots",
    "second_factor_needed",
    "sitemap",
    "wagtail_serve",  # the forms of pages are found by their page types
    "wagtailcore_authenticate_with_password",  # closed
    "wagtailcore_login",  # leads to ours
    "wagtaildocs_serve",
}


def our_form_classes() -> set[str]:
    """The form classes that our modules define, by their dotted names."""
    for app in (path.parent.name for path in settings.BASE_DIR.glob("*/apps.py")):
        package = importlib.import_module(app)
        for module in pkgutil.walk_packages(package.__path__, f"{app}."):
            if apps.is_installed(app) and not {"migrations", "settings", "wsgi"} & set(
                module.name.split(".")
            ):
                importlib.import_module(module.name)
    ours = {path.parent.name for path in settings.BASE_DIR.glob("*/apps.py")}
    return {
        f"{each.__module__}.{each.__qualname__}"
        for each in subclasses(forms.BaseForm)
        if each.__module__.split(".")[0] in ours and not each.__qualname__.startswith("ContactForm")
    }


def subclasses(kind: type[Any]) -> Iterator[type[Any]]:
    for each in kind.__subclasses__():
        yield each
        yield from subclasses(each)


def addresses(resolver: URLResolver, before: str = "", space: str = "") -> Iterator[str]:
    """The names of all addresses of the site."""
    for entry in resolver.url_patterns:
        path = f"{before}{entry.pattern}"
        if isinstance(entry, URLPattern):
            if not any(part in path for part in ELSEWHERE) and entry.name:
                yield f"{space}{entry.name}"
        else:
            yield from addresses(entry, path, f"{space}{entry.namespace}:" if entry.namespace else space)


def test_every_form_class_of_ours_stands_in_the_table() -> None:
    classes = our_form_classes()
    assert len(classes) > 20
    assert sorted(classes - COVERED - OF_STAFF - set(NO_FORMS)) == []
    assert sorted((OF_STAFF | set(NO_FORMS)) - classes) == [], "the list must not outlive the form"


def test_every_form_of_allauth_that_is_in_use_stands_in_the_table() -> None:
    in_use = {*settings.ACCOUNT_FORMS.values(), *settings.MFA_FORMS.values()}
    assert sorted(in_use - COVERED) == []


def test_every_address_that_takes_a_form_stands_in_the_table() -> None:
    names = set(addresses(get_resolver()))
    assert {"search", "events:sign_up", "account_login"} <= names
    assert sorted(names - COVERED - TAKE_NO_FORM) == []
    assert sorted(TAKE_NO_FORM - names) == [], "the list must not outlive the address"


def test_every_page_type_with_a_form_stands_in_the_table() -> None:
    types = {
        f"{each.__module__}.{each.__qualname__}" for each in get_page_models() if issubclass(each, FormMixin)
    }
    assert types
    assert sorted(types - COVERED) == []
