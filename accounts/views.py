"""One's own account page, one's own data, and the ways that lead to the log-in."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import redirect_to_login
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.utils.text import slugify
from django.utils.translation import get_language_from_path, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import FormView, TemplateView
from wagtail.users.models import UserProfile

from accounts.forms import DetailsForm, ErasureForm
from accounts.kept_posts import KeptPost, find_kept, forget, typed_fields, typed_words
from accounts.models import User
from accounts.operations.erasure import WorksHere, erase_person
from accounts.operations.people import change_details
from accounts.queries import own_data, security_of
from cms.forms import without_hidden_signs
from cms.navigation import way_to


@method_decorator(never_cache, name="dispatch")
class AccountView(LoginRequiredMixin, FormView):
    """Everything about one's own account on one page; name and language are changed here."""

    template_name = "account/account.html"
    form_class = DetailsForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """Fill the form with what is known."""
        return {**super().get_form_kwargs(), "instance": self.request.user}

    def form_valid(self, form: DetailsForm) -> HttpResponse:
        """Keep the details and stay on the page, in the language that was chosen."""
        user = change_details(user=form.instance, by=form.instance, **form.cleaned_data)
        with override(user.language):
            messages.success(self.request, _("Your details are saved."))
            self.success_url = reverse("account")
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add how the account is protected."""
        way = way_to(self.request, None, (_("My account"), ""))
        return super().get_context_data(security=security_of(person(self.request)), **way, **kwargs)


class SecondFactorNeededView(LoginRequiredMixin, TemplateView):
    """Explains to staff why the back office asks for a second factor, and how to add one."""

    template_name = "account/second_factor_needed.html"


@method_decorator(never_cache, name="dispatch")
class OwnDataView(LoginRequiredMixin, TemplateView):
    """What a person may do with their own data: take it along, or have it forgotten."""

    template_name = "account/own_data.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether this person works here."""
        works_here = person(self.request).has_perm("wagtailadmin.access_admin")
        return super().get_context_data(works_here=works_here, **kwargs)


@method_decorator((never_cache, reauthentication_required), name="dispatch")
class EraseView(LoginRequiredMixin, FormView):
    """Asks once more, then forgets the person and says what had to be kept."""

    template_name = "account/erase.html"
    form_class = ErasureForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether this person works here."""
        works_here = person(self.request).has_perm("wagtailadmin.access_admin")
        return super().get_context_data(works_here=works_here, **kwargs)

    def form_valid(self, form: ErasureForm) -> HttpResponse:
        """Erase, log out and say what is kept; nothing to go back to is left."""
        try:
            kept = erase_person(person=person(self.request), at=timezone.now())
        except WorksHere:
            return self.render_to_response(self.get_context_data(form=form), status=409)
        logout(self.request)
        return render(self.request, "account/erased.html", {"kept": kept})


@login_required
@never_cache
@require_safe
def download_own_data(request: HttpRequest) -> HttpResponse:
    """Give a person everything the platform holds about them, as a JSON file."""
    response = JsonResponse(own_data(person(request)), json_dumps_params={"indent": 2, "ensure_ascii": False})
    name = slugify(_("my data"))
    response["Content-Disposition"] = f'attachment; filename="{name}-{timezone.localdate():%Y-%m-%d}.json"'
    return response


def show_kept_post(request: HttpRequest, kept: KeptPost, page: HttpResponseBase) -> HttpResponse:
    """Show what was typed before the log-in, in the place of the page (`page`) that it was meant for.

    The language is the address's, or where that says none, as in the back office, the person's.
    """
    form = (getattr(page, "context_data", None) or {}).get("form")
    language = get_language_from_path(request.path_info) or person(request).language
    with override(language):
        named, others = typed_words(kept, form)
        context = {"kept": kept, "named": named, "others": others}
        html = without_hidden_signs(render_to_string("account/kept_post.html", context, request))
    response = HttpResponse(html, headers={"Content-Language": language})
    add_never_cache_headers(response)
    return response


@require_POST
def throw_away_kept_post(request: HttpRequest) -> HttpResponse:
    """Forget what was typed before the log-in, and go on to the page that it was meant for."""
    kept = find_kept(request.session, at=timezone.now())
    forget(request.session)
    return redirect(kept.path if kept else "account")


def person(request: HttpRequest) -> User:
    """Return who is logged in, where the view has made sure that somebody is."""
    assert request.user.is_authenticated  # noqa: S101  (the view made sure)
    return request.user


def back_office_login(request: HttpRequest) -> HttpResponse:
    """Lead Wagtail's own log-in address to ours, and back to where the person wanted to be."""
    wanted = request.GET.get("next") or reverse("wagtailadmin_home")
    return redirect_to_login(wanted, login_url=resolve_url("account_login"))


def profile_picture(request: HttpRequest, name: str) -> HttpResponseBase:
    """Give the picture of a colleague to who may enter the back office; to others there is none."""
    if not request.user.has_perm("wagtailadmin.access_admin"):
        raise Http404
    profile = get_object_or_404(UserProfile, avatar=name)
    try:
        return FileResponse(profile.avatar.open())
    except FileNotFoundError as error:
        raise Http404 from error


def too_many_attempts(request: HttpRequest) -> HttpResponse:
    """Answer who is stopped by one of allauth's limits, kindly (cms.urls names it as handler429)."""
    response = render(request, "account/too_many.html", {"fields": typed_fields(request)}, status=429)
    response["Retry-After"] = "300"
    return response


def sign_up_closed(request: HttpRequest) -> HttpResponse:
    """There is no open sign-up: the address answers as one that does not exist."""
    raise Http404
