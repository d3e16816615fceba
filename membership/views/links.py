"""What the pages behind the private links of mails share: their addresses, and an invoice to pay."""

from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import Promise

from billing.models import Invoice
from billing.views import InvoiceParts
from cms.protection import public_form
from cms.views.errors import NotHere
from cms.views.links import PrivateLinkView


@method_decorator(cast(Any, public_form), name="dispatch")
class MailedLinkView(PrivateLinkView):
    """The door for who holds the link of a mail. `page` names the page behind it, which has a title."""

    log_in_to = "membership:own"
    page: str
    title: Promise
    back_label: Promise
    token: str

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Keep the token, for the addresses of the pages behind the same link."""
        super().setup(request, *args, **kwargs)
        self.token = kwargs["token"]

    def url_of(self, name: str, *args: Any) -> str:
        """Return the address of a view behind the same link."""
        return reverse(f"membership:{name}", args=[self.token, *args])

    @property
    def back_url(self) -> str:
        """Where the link leads."""
        return self.url_of(self.page)


class MailedInvoiceView(MailedLinkView, InvoiceParts):
    """An invoice to see and pay behind such a link."""

    def find_invoice(self, pk: int) -> Invoice | None:
        """Return the invoice if the link opens it."""
        raise NotImplementedError

    def get_invoice(self) -> Invoice:
        """Return the invoice, or a page as if it never was."""
        invoice = self.find_invoice(self.kwargs["pk"])
        if invoice is None:
            raise NotHere(reverse(self.log_in_to))
        return invoice

    def address_of(self, part: str) -> str:
        """Return the address of a part, with the same token."""
        name = f"{self.page}_invoice" if part == "page" else f"{self.page}_invoice_{part}"
        return self.url_of(name, self.kwargs["pk"])

    def get_back(self, invoice: Invoice) -> dict[str, str]:
        """Lead back to the page behind the link."""
        return {"url": self.back_url, "label": str(self.back_label)}
