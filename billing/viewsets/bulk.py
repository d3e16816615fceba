"""What is done with many rows of a list at once: said first, row by row, then done to each by itself."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.model import ModelViewSet

from billing.forms.many import ID, MOST, LooksTwice, ManyForm

NAMED = 20
"""So many rows are named in what is said afterwards; the page before names all."""
log = logging.getLogger(__name__)


class Refused(Exception):
    """Something cannot be done with a thing; `why` says so in the words of the page."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, kw_only=True)
class Step:
    """What an action does with one thing: in words, or why it does nothing.

    `seal` is what the person was shown of the thing, and the action is for: when that is another one by the
    time that it is confirmed, nothing is done with the thing. So a form that is sent twice counts once.
    """

    words: str = ""
    obstacle: str = ""
    seal: str = ""


class ManyAction(WagtailAdminTemplateMixin, BulkAction):
    """An action on many rows of a list of the treasurer's.

    The page says what will happen to each row and which are left out, and why. When that is confirmed, each
    row is locked, looked at again and done in a transaction of its own; one that is refused holds up none.
    """

    template_name = "billing/admin/bulk_action.html"
    aria_label = ""
    form_class: type[ManyForm] = ManyForm
    viewset: type[ModelViewSet]
    """Whose list the rows are chosen in."""
    permission: str
    icon: str
    button_label: str | Promise = ""
    """What the button says; the name of the action unless given."""
    has_changed = gettext_lazy("It has changed meanwhile.")
    done: Promise
    """Says how many were done, by `%(count)s` (`ngettext_lazy`)."""
    told: ManyForm | None = None
    """What was typed and is told of, where it is asked once more."""

    # What each action says and does.

    def rows(self, pks: Sequence[int]) -> models.QuerySet[Any]:
        """Return the things with what the page says of them."""
        raise NotImplementedError

    def plan(self, things: Sequence[Any]) -> dict[int, Step]:
        """Return what would be done with each thing, by its id, in as many queries whatever their number."""
        raise NotImplementedError

    def what_happens(self, things: Sequence[Any]) -> list[str]:
        """Return the sentences about all that can be done, which are some."""
        raise NotImplementedError

    def lock(self, pk: int) -> None:
        """Lock a thing as its operation does. Raises the model's DoesNotExist."""
        self.model._default_manager.select_for_update().get(pk=pk)

    def do(self, thing: Any, data: dict[str, Any]) -> None:
        """Do it to a locked thing. Raises Refused."""
        raise NotImplementedError

    def name(self, thing: Any) -> str:
        """Name a thing."""
        return str(thing)

    def say_done(self, count: int) -> str:
        """Say how many were done."""
        told: str = self.done % {"count": count}
        return told

    # What they share.

    @classmethod
    def address(cls) -> str:
        """Return where the action is asked for."""
        meta = cls.models[0]._meta
        return reverse("wagtail_bulk_action", args=[meta.app_label, meta.model_name, cls.action_type])

    def __init__(self, request: HttpRequest, model: type[models.Model]) -> None:
        super().__init__(request, model)
        self.list_url = reverse(self.viewset().get_url_name("index"))
        self.next_url = get_valid_next_url_from_request(request) or self.list_url
        self.is_too_many = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse who may not."""
        if not request.user.has_perm(self.permission):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def chosen_pks(self) -> list[int]:
        """Return the rows that were chosen: one by one, or all that filters and search of the list leave."""
        asked = self.request.GET.getlist("id")
        if "all" not in asked:
            found = list(dict.fromkeys(int(each) for each in asked if ID.fullmatch(each)))
        else:
            index = self.viewset().index_view
            view = index.view_class(**index.view_initkwargs)
            view.setup(self.request)
            if view.filters and not view.filters.is_valid():
                return []
            rows = view.get_queryset().order_by().values_list("pk", flat=True).distinct()
            found = list(rows[: MOST + 1])
        self.is_too_many = len(found) > MOST
        return [] if self.is_too_many else found

    @cached_property
    def things(self) -> list[Any]:
        """What the page tells of: what was chosen, or when it was sent, what it told of."""
        form = self.form_class(self.request.POST)
        if self.request.method == "POST":
            form.is_valid()
            pks = list(form.cleaned_data.get("chosen", ()))
        else:
            pks = self.chosen_pks()
        return list(self.rows(pks))

    def get_actionable_objects(self) -> tuple[list[Any], dict[str, Any]]:
        """Return what the page tells of; Wagtail's own would take all rows there are."""
        return self.things, {}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what will happen to which rows, and what not."""
        steps = self.plan(self.things)
        can = [thing for thing in self.things if not steps[thing.pk].obstacle]
        cannot = defaultdict(list)
        for thing in self.things:
            if why := steps[thing.pk].obstacle:
                cannot[why].append((self.name(thing), self.page_of(thing)))
        if "form" not in kwargs:
            seals = ",".join(f"{thing.pk}={steps[thing.pk].seal}" for thing in can)
            kwargs["form"] = self.form_class(initial={"chosen": seals})
        return {
            **super().get_context_data(**kwargs),
            "what_happens": self.what_happens(can) if can else [],
            "can": [(self.name(each), self.page_of(each), steps[each.pk].words) for each in can],
            "cannot": sorted(cannot.items(), key=lambda pair: -len(pair[1])),
            "cannot_count": len(self.things) - len(can),
            "is_too_many": self.is_too_many,
            "most": MOST,
            "button_label": self.button_label or self.display_name,
            "back_url": self.next_url,
        }

    def page_of(self, thing: Any) -> str:
        """Return the address of a thing in the back office."""
        return reverse(self.viewset().get_url_name("inspect"), args=[thing.pk])

    def form_valid(self, form: Any) -> HttpResponseBase:
        """Do it to each; say how many were done, and which not and why. Ask once more where that is due."""
        if isinstance(form, LooksTwice) and not form.is_confirmed:
            self.told = form  # type: ignore[assignment]  # a form of many rows too
            again = {**self.request.POST.dict(), "confirmed": form.seal}
            return self.render_to_response(self.get_context_data(form=self.form_class(again)))
        self.told = form
        if answer := self._ask("before_bulk_action"):
            return answer
        done, refused = 0, defaultdict(list)
        for pk, seal in form.cleaned_data["chosen"].items():
            try:
                with transaction.atomic():
                    self._do_one(pk, seal, form.cleaned_data)
                done += 1
            except Refused as refusal:
                refused[refusal.why].append(pk)
            except Exception:
                log.exception("%s failed with %s %s", self.action_type, self.model.__name__, pk)
                refused[_("Something went wrong; the platform’s log says what.")].append(pk)
        if answer := self._ask("after_bulk_action"):
            return answer
        if done:
            messages.success(self.request, self.say_done(done))
        for why, pks in refused.items():
            messages.error(self.request, self._say_refused(why, pks))
        return redirect(self.next_url)

    def _do_one(self, pk: int, seal: str, data: dict[str, Any]) -> None:
        """Lock one thing and look at it again; raises Refused when it is not as the page told."""
        try:
            self.lock(pk)
        except self.model.DoesNotExist:
            raise Refused(_("It is not there any more.")) from None
        thing = self.rows([pk]).get()
        step = self.plan([thing])[pk]
        if step.obstacle:
            raise Refused(step.obstacle)
        if step.seal != seal:
            raise Refused(str(self.has_changed))
        self.do(thing, data)

    def _say_refused(self, why: str, pks: list[int]) -> str:
        named = "; ".join(self.name(each) for each in self.rows(pks[:NAMED]))  # a name may hold a comma
        if rest := len(pks) - NAMED if len(pks) > NAMED else 0:
            named += " " + ngettext("and %(count)s other", "and %(count)s others", rest) % {"count": rest}
        return _("Not done with %(names)s. %(why)s") % {"names": named, "why": why}

    def _ask(self, name: str) -> HttpResponse | None:
        """Run the hooks of Wagtail's own mechanism, outside any transaction of ours."""
        for hook in hooks.get_hooks(name):
            answer = hook(self.request, self.action_type, self.things, self)
            if hasattr(answer, "status_code"):
                return answer
        return None

    @property
    def page_title(self) -> str:
        """Say what this does."""
        return str(self.display_name)

    @property
    def header_icon(self) -> str:
        """Show the action's sign."""
        return self.icon

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the list."""
        label = capfirst(self.model._meta.verbose_name_plural)
        return [
            *self.breadcrumbs_items,
            {"url": self.next_url, "label": label},
            {"url": "", "label": self.page_title},
        ]
