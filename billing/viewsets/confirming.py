"""Actions that show once more what was typed, in words, before they do it."""

from typing import Any

from django.forms import Form
from django.http import HttpResponse

from billing.viewsets.desk import DeskView


class AsksAgain(DeskView):
    """A form that is sent twice: once to read what it will do, once to do it.

    The form keeps what was agreed to in its hidden field `confirmed`; who then types something else is asked
    again. While `agreed` is None nothing was typed, or nothing that needs a second look.
    """

    agreed: dict[str, Any] | None = None

    def seal_of(self, data: dict[str, Any]) -> str:
        """Return what the person agrees to, as a short text; "" where the page said it already."""
        raise NotImplementedError

    def form_valid(self, form: Form) -> HttpResponse:
        """Do it, or ask once more."""
        seal = self.seal_of(form.cleaned_data)
        if not seal or form.cleaned_data["confirmed"] == seal:
            answer: HttpResponse = super().form_valid(form)
            return answer
        self.agreed = form.cleaned_data
        words = {**self.request.POST.dict(), "confirmed": seal}
        sealed = self.get_form_class()(**{**self.get_form_kwargs(), "data": words})
        return self.render_to_response(self.get_context_data(form=sealed))
