"""Organisations in the back office: confirm what came in through a form, join two spellings of one."""

from typing import Any

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, Value, When
from django.forms.models import modelform_factory
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import yesno
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.ui.menus import MenuItem
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import EditView, IndexView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy

from billing.models.issuer import IssuerIncomplete
from billing.operations.invoices import VatUnconfirmed
from billing.rules import SeriesIsFull
from billing.viewsets.bulk_listing import BulkListing
from billing.viewsets.ledger import NoFormulas
from cms.forms import PlainTexts
from membership.forms import OrganisationForm
from membership.models import Membership, Organisation
from membership.operations.organisations import (
    BothHaveInvoices,
    BothHaveMemberships,
    DifferentNumbers,
    MergeRefused,
    SameOrganisation,
    merge_organisations,
)
from membership.operations.profile import SizeMissing, correct_details
from membership.operations.rights import MayNotChange
from membership.queries import CustomerMissing, NotRunning, PriceMissing
from membership.viewsets.people import InvitePersonView

REFUSALS: dict[type[MergeRefused], Promise] = {
    SameOrganisation: gettext_lazy("Choose another organisation than this one."),
    DifferentNumbers: gettext_lazy("They have different enterprise numbers, so they are two organisations."),
    BothHaveInvoices: gettext_lazy(
        "Both have invoices, and an invoice stays with its customer. Keep both, and take the one that is not "
        "used any more off the members page."
    ),
    BothHaveMemberships: gettext_lazy("Both have a membership. Ask the treasurer which account stays."),
}


CANNOT_BE_INVOICED: dict[type[Exception], Promise] = {
    PriceMissing: gettext_lazy(
        "The next term is invoiced already, and there is no price at which to invoice it anew for this kind "
        "of organisation with this number of employees."
    ),
    CustomerMissing: gettext_lazy(
        "The next term is invoiced already, and there is no customer whom to invoice anew."
    ),
    IssuerIncomplete: gettext_lazy(
        "The next term is invoiced already. Before it can be invoiced anew, fill in the association’s "
        "details (Settings, Association)."
    ),
    SeriesIsFull: gettext_lazy(
        "The next term is invoiced already and cannot be invoiced anew: this year has no "
        "invoice numbers left."
    ),
}
"""What keeps a renewal that is out from being made anew, as `correct_details` raises it."""


class NeverDeleted(ModelPermissionPolicy):
    """An organisation leaves by being merged: what it signed up for or paid stays counted."""

    def user_has_permission(self, user: AbstractBaseUser, action: str) -> bool:
        """Everything else as the role has it."""
        return action != "delete" and bool(super().user_has_permission(user, action))


register_permission_policy(Organisation, NeverDeleted(Organisation))


class MergeForm(forms.Form):
    """Which organisation stays. Those with the same name in another spelling come first."""

    keep = forms.ModelChoiceField(
        label=gettext_lazy("The organisation that stays"), queryset=Organisation.objects.none()
    )

    def __init__(self, drop: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        same = When(name_key=drop.name_key, then=Value(0))
        others = Organisation.objects.exclude(pk=drop.pk)
        likely = others.order_by(Case(same, default=1, output_field=IntegerField()), "name", "pk")
        field: Any = self.fields["keep"]  # the stubs know only the base class of a field
        field.queryset = likely


class MergeView(WagtailAdminTemplateMixin, View):
    """Asks into which organisation this one goes, then whether that is meant, and does it."""

    template_name = "membership/back_office/merge.html"
    page_title = gettext_lazy("Merge organisations")
    header_icon = "link"
    drop: Organisation

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer only who may change organisations."""
        if not request.user.has_perm("membership.change_organisation"):
            raise PermissionDenied
        self.drop = get_object_or_404(Organisation, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask which one stays."""
        return self.show(MergeForm(self.drop))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask once more; when that is answered, merge."""
        form = MergeForm(self.drop, request.POST)
        if not form.is_valid():
            return self.show(form)
        keep = form.cleaned_data["keep"]
        if "confirmed" not in request.POST:
            return self.show(form, keep=keep)
        try:
            by: Any = request.user
            merge_organisations(keep=keep, drop=self.drop, at=timezone.now(), by=by)
        except MergeRefused as refusal:
            form.add_error("keep", str(REFUSALS[type(refusal)]))
            return self.show(form)
        messages.success(request, _("“%(drop)s” is now “%(keep)s”.") % {"drop": self.drop.name, "keep": keep})
        return redirect("membership_organisation:index")

    def show(self, form: MergeForm, keep: Organisation | None = None) -> HttpResponse:
        """Print the question, or the last one when it is known which organisation stays."""
        back_url = reverse("membership_organisation:index")
        context = self.get_context_data(form=form, drop=self.drop, keep=keep, back_url=back_url)
        response: HttpResponse = self.render_to_response(context)
        return response


class OrganisationIndexView(BulkListing, IndexView):
    """The organisations, with a way to merge each."""

    default_ordering = "name"

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add over all pages how many there are, and how many of them are members."""
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        if context.get("paginator"):
            rows = context["paginator"].object_list.order_by()
            running = Membership.objects.filter(organisation=OuterRef("pk"), status__in=Membership.RUNNING)
            counts = rows.aggregate(
                count_members=Count("pk", filter=Exists(running)),
                count_unconfirmed=Count("pk", filter=Q(is_confirmed=False)),
            )
            context["sums"] = [
                (gettext_lazy("Organisations"), context["paginator"].count),
                (gettext_lazy("Of which members"), counts["count_members"]),
                (gettext_lazy("Of which not confirmed"), counts["count_unconfirmed"]),
            ]
        return context

    def get_list_more_buttons(self, instance: Organisation) -> list[MenuItem]:
        """Offer to merge."""
        buttons: list[MenuItem] = super().get_list_more_buttons(instance)
        if self.user_has_permission("change"):
            url = reverse("membership_organisation:merge", args=[instance.pk])
            buttons.append(MenuItem(_("Merge with another"), url=url, icon_name="link", priority=40))
        if InvitePersonView.may(self.request.user, instance):
            url = reverse("membership_organisation:invite", args=[instance.pk])
            buttons.append(MenuItem(InvitePersonView.label, url=url, icon_name="mail", priority=50))
        return buttons


class OrganisationEditView(EditView):
    """An organisation; what its invoices and its price depend on goes along to where that is kept."""

    def save_instance(self) -> Organisation:
        """Tell the membership and the customer first, under their locks."""
        correct_details(
            organisation=self.form.instance,
            kind=self.form.instance.kind,
            enterprise_number=self.form.instance.enterprise_number,
            employees=self.form.instance.employees,
            at=timezone.now(),
            by=self.request.user,
        )
        saved: Organisation = super().save_instance()
        return saved

    def form_valid(self, form: Any) -> HttpResponseBase:
        """Save it, or say beside the field why that cannot be."""
        priced = [name for name in ("enterprise_number", "employees", "kind") if name in form.changed_data]
        cause = "employees" if "employees" in priced else "kind"
        try:
            answer: HttpResponseBase = super().form_valid(form)
            return answer
        except MayNotChange:
            refused = dict.fromkeys(priced, _("Invoices depend on this: ask the treasurer to change it."))
        except SizeMissing:
            refused = {"employees": _("A member has at least 1 employee: the price depends on it.")}
        except ValidationError as error:
            refused = {"enterprise_number": self._say_unfit(error)}
        except VatUnconfirmed as unconfirmed:
            text = _("The VAT number %(number)s is not confirmed yet. See the customer.")
            refused = {cause: text % {"number": unconfirmed}}
        except tuple(CANNOT_BE_INVOICED) as error:
            refused = {cause: str(CANNOT_BE_INVOICED[type(error)])}
        except NotRunning:
            refused = {cause: _("It has changed meanwhile: open this page again.")}
        for name, text in refused.items():
            form.add_error(name, text)
        self.produced_error_code, self.produced_error_message = "validation_error", self.get_error_message()
        refusal: HttpResponseBase = self.form_invalid(form)
        return refusal

    def _say_unfit(self, error: ValidationError) -> str:
        said = _("This number does not fit the customer who is invoiced: %(why)s")
        return said % {"why": " ".join(error.messages)}


class OrganisationViewSet(NoFormulas, PlainTexts, ModelViewSet):
    """All organisations, members or not."""

    model = Organisation
    name = "membership_organisation"
    url_prefix = "organisations"
    icon = "group"
    menu_order = 260
    add_to_admin_menu = True
    copy_view_enabled = False
    index_view_class = OrganisationIndexView
    edit_view_class = OrganisationEditView
    index_results_template_name = "billing/admin/ledger_results.html"
    list_display = [
        "name",
        "kind",
        "city",
        Column(
            "enterprise_number",
            label=gettext_lazy("Enterprise number"),
            accessor="shown_enterprise_number",
            sort_key="enterprise_number",
        ),
        Column(
            "is_confirmed",
            label=gettext_lazy("Confirmed"),
            accessor=lambda row: yesno(row.is_confirmed),
            sort_key="is_confirmed",
        ),
    ]
    list_filter = ["is_confirmed", "is_listed", "kind"]
    search_fields = ["name", "city", "enterprise_number"]
    list_export = ["name", "kind", "enterprise_number", "employees", "postcode", "city", "is_confirmed"]
    typed = ("name", "city", "postcode")
    form_fields = [
        "name",
        "kind",
        "is_confirmed",
        "enterprise_number",
        "employees",
        "street",
        "postcode",
        "city",
        "country",
        "website",
        "description_nl",
        "description_en",
        "logo",
        "terms",
        "is_listed",
    ]

    def formfield_for_dbfield(self, db_field: models.Field[Any, Any], **kwargs: Any) -> Any:
        """Take an address without a scheme for a secure one."""
        if isinstance(db_field, models.URLField):
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, **kwargs)

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        """Hold the kind against what its membership costs."""
        form: type[forms.ModelForm] = modelform_factory(
            Organisation,
            form=OrganisationForm,
            formfield_callback=self.formfield_for_dbfield,
            fields=self.form_fields,
        )
        return form

    def get_urlpatterns(self) -> list[Any]:
        """Add the page that merges."""
        return [
            *super().get_urlpatterns(),
            path("merge/<int:pk>/", MergeView.as_view(), name="merge"),
            path("invite/<int:pk>/", InvitePersonView.as_view(), name="invite"),
        ]
