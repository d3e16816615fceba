"""Actions by which money that came in counts no more: the part that paying back and undoing share."""

from collections.abc import Sequence
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from wagtail.admin import messages

from billing.models import Invoice, Reversal
from billing.viewsets.desk import DeskView


class ReversingView(DeskView):
    """An action on what came in for a document. A form that is sent twice finds its page, and is told so."""

    permission = "billing.add_reversal"
    icon = "rotate"
    is_final = True
    kinds: ClassVar[Sequence[str]]
    """What it writes."""
    sent_before: Promise
    """What is said where the form was sent before."""

    @classmethod
    def is_left(cls, document: Invoice) -> bool:
        """Say whether there is something to do it with."""
        raise NotImplementedError

    @classmethod
    def may(cls, user: AbstractBaseUser, thing: Invoice) -> bool:
        """As long as there is something to do it with, or was; nothing comes in for a credit note."""
        if not super().may(user, thing) or thing.kind == Invoice.Kind.CREDIT_NOTE:
            return False
        done = Reversal.objects.filter(payment__invoice=thing, kind__in=cls.kinds)
        return cls.is_left(thing) or done.exists()

    @classmethod
    def is_offered(cls, user: AbstractBaseUser, thing: Invoice) -> bool:
        """Only while there is something to do it with: what was done is there for a second click alone."""
        is_fit = super().may(user, thing) and thing.kind != Invoice.Kind.CREDIT_NOTE
        return is_fit and cls.is_left(thing)

    def key(self) -> str:
        """Return the key of what the form that was sent would write; "" where it names nothing."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        """Say so when the form was sent before; nothing may be left to do by then."""
        key = self.key()
        if key and Reversal.objects.filter(key=key, payment__invoice=self.object).exists():
            messages.success(request, self.sent_before)
            return redirect(self.get_success_url())
        answer: HttpResponse = super().post(request, *args, **kwargs)
        return answer
