"""The page of an action: it says first what will happen, and asks to confirm."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from billing.models import Invoice


def page_of(document: Invoice) -> str:
    """Return the address of a document in the back office."""
    space = "billing_pro_formas" if document.is_pro_forma else "billing_invoices"
    return reverse(f"{space}:inspect", args=[document.pk])


def pro_forma_crumb() -> dict[str, Any]:
    """Return the way back to the list of pro formas."""
    return {"url": reverse("billing_pro_formas:index"), "label": gettext("Pro forma invoices")}


class DeskView(WagtailAdminTemplateMixin, FormView):
    """A form about one thing, with what will happen above it."""

    template_name = "billing/admin/action.html"
    permission: str
    label: Promise
    icon: str
    button_label: str | Promise = ""
    """What the button says; what the action is called unless given."""
    is_final = False
    list_url_name = "billing_invoices:index"
    model: type[Any] = Invoice

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find the thing; refuse who may not, and what cannot be done with it."""
        rows: Any = Invoice.documents if self.model is Invoice else self.model
        self.object = get_object_or_404(rows, pk=kwargs["pk"])
        if not self.may(request.user, self.object):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @classmethod
    def may(cls, user: Any, thing: Any) -> bool:
        """Say whether a person may do this with this thing now."""
        return bool(user.has_perm(cls.permission))

    @classmethod
    def is_offered(cls, user: Any, thing: Any) -> bool:
        """Say whether the page of the thing has a button for it."""
        return cls.may(user, thing)

    @property
    def page_title(self) -> str:
        """Say what this does."""
        return str(self.label)

    @property
    def header_icon(self) -> str:
        """Show the action's sign."""
        return self.icon

    def get_page_subtitle(self) -> str:
        """Name the thing."""
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the thing and to its list."""
        return [
            *self.breadcrumbs_items,
            self.list_crumb(),
            {"url": self.get_success_url(), "label": str(self.object)},
            {"url": "", "label": self.page_title, "sublabel": self.get_page_subtitle()},
        ]

    def list_crumb(self) -> dict[str, Any]:
        """Return the way back to the list of such things."""
        if isinstance(self.object, Invoice) and self.object.is_pro_forma:
            return pro_forma_crumb()
        label = capfirst(self.model._meta.verbose_name_plural)
        return {"url": reverse(self.list_url_name), "label": label}

    def get_success_url(self) -> str:
        """Lead back to the invoice."""
        return page_of(self.object)

    def what_happens(self) -> list[str]:
        """Return the sentences that a person reads before confirming."""
        raise NotImplementedError

    def act(self, form: Any, by: Any) -> str:
        """Do it, and return what to say."""
        raise NotImplementedError

    def form_valid(self, form: Form) -> HttpResponse:
        """Do it and go back."""
        messages.success(self.request, self.act(form, self.request.user))
        return redirect(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the sentences and the way back."""
        return super().get_context_data(
            what_happens=self.what_happens(),
            back_url=self.get_success_url(),
            action_label=self.button_label or self.label,
            is_final=self.is_final,
            **kwargs,
        )
