"""The grid on which new prices are typed, what they would change and for whom, and one confirmation."""

from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets import AdminDateInput

from accounts.models import User
from cms.forms import LocalDecimalField
from membership.exports import renewal_remarks, renewal_sheet
from membership.models import Organisation, Price, SizeBand, Tier
from membership.money import PriceKey
from membership.operations.prices import PreviewOutdated, set_prices
from membership.queries import PricePreview, preview_prices, valid_prices

PERMISSION = "membership.add_price"
HIGHEST_FEE = Decimal("999999.99")


class PriceGridForm(forms.Form):
    """A fee for each tier, size band and kind, and the day from which they count."""

    valid_from = forms.DateField(
        label=gettext_lazy("Valid from"),
        widget=AdminDateInput,
        help_text=gettext_lazy("Tomorrow at the earliest. Until then the prices of today count."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys: dict[str, PriceKey] = {}
        self.tiers, self.bands = list(Tier.objects.all()), list(SizeBand.objects.all())
        for tier in self.tiers:
            for kind in tier.kinds:
                for band in self.bands:
                    name = f"{kind}-{tier.slug}-{band.pk}"
                    self.keys[name] = PriceKey(tier.pk, band.pk, kind)
                    self.fields[name] = LocalDecimalField(
                        label=f"{tier}, {band}",
                        min_value=0,
                        max_value=HIGHEST_FEE,
                        decimal_places=2,
                        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 8}),
                    )

    def clean_valid_from(self) -> date:
        """Refuse today and the past."""
        day: date = self.cleaned_data["valid_from"]
        if day <= timezone.localdate():
            raise ValidationError(_("Prices can count from tomorrow on at the earliest."))
        return day

    @property
    def grids(self) -> list[dict[str, Any]]:
        """A table for each kind of organisation: its tiers as columns, the size bands as rows."""
        tables = []
        for kind in Organisation.Kind:
            tiers = [tier for tier in self.tiers if kind in tier.kinds]
            rows = [(band, [self[f"{kind}-{tier.slug}-{band.pk}"] for tier in tiers]) for band in self.bands]
            tables.append({"label": kind.label, "tiers": tiers, "rows": rows})
        return [table for table in tables if table["tiers"]]

    @property
    def words(self) -> dict[str, Any]:
        """What was typed, as `preview_prices` and `set_prices` take it."""
        fees = {key: self.cleaned_data[name] for name, key in self.keys.items()}
        return {"fees": fees, "valid_from": self.cleaned_data["valid_from"]}

    @property
    def typed(self) -> list[tuple[str, str]]:
        """What was typed, word for word, to be sent along with the next step."""
        return [(name, self.data.get(name, "")) for name in self.fields]


class PriceGridView(WagtailAdminTemplateMixin, FormView):
    """All fees on one screen, their preview and its confirmation; nothing is saved before the last."""

    template_name = "membership/back_office/prices.html"
    preview_template_name = "membership/back_office/price_preview.html"
    page_title = gettext_lazy("Set new prices")
    header_icon = "tag"
    _show_breadcrumbs = True
    form_class = PriceGridForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer only who may add prices."""
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """The way from the back office's start, over the list of prices."""
        prices = {
            "url": reverse("membership_prices:index"),
            "label": capfirst(Price._meta.verbose_name_plural),
        }
        return [*self.breadcrumbs_items, prices, {"url": "", "label": self.page_title}]

    def get_initial(self) -> dict[str, Any]:
        """Start from the newest prices, to count from the first of January."""
        next_year = timezone.localdate().year + 1
        prices = valid_prices(on=date(next_year, 1, 1))
        fees = {f"{each.kind}-{each.tier.slug}-{each.size_band_id}": each.yearly_fee for each in prices}
        return {"valid_from": date(next_year, 1, 1), **fees}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Go back with what was typed; else check it, and show, download or set what it changes."""
        if request.POST.get("step") == "change":
            form = PriceGridForm(initial=request.POST.dict())
            return self.render_to_response(self.get_context_data(form=form))
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: PriceGridForm) -> HttpResponse:
        """Show what changes and for whom, send it as a file, or set it once that was confirmed."""
        step = self.request.POST.get("step", "")
        if step == "set":
            return self._set(form)
        preview = preview_prices(**form.words)
        if step in ("csv", "xlsx"):
            sheet, rows = renewal_sheet(preview)
            return cast(HttpResponse, sheet.response(rows, step))
        return self._show(form, preview)

    def _set(self, form: PriceGridForm) -> HttpResponse:
        by, seal = cast(User, self.request.user), self.request.POST.get("confirmed", "")
        try:
            changed = set_prices(**form.words, by=by, at=timezone.now(), seal=seal)
        except PreviewOutdated:
            preview = preview_prices(**form.words)
            if preview.changes:
                messages.warning(
                    self.request, _("Something has changed since you looked: check it once more.")
                )
                return self._show(form, preview)
            messages.info(self.request, _("These prices were set already: nothing more changes."))
            return redirect("membership_prices:index")
        text = ngettext("%(count)s price changes.", "%(count)s prices change.", len(changed))
        messages.success(self.request, text % {"count": len(changed)})
        return redirect("membership_prices:index")

    def _show(self, form: PriceGridForm, preview: PricePreview) -> HttpResponse:
        self.page_title = gettext_lazy("New prices: what changes, and for whom")
        context = self.get_context_data(form=form, **preview_context(preview))
        template = [self.preview_template_name]
        return self.response_class(
            request=self.request, template=template, context=context, using=self.template_engine
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the way back."""
        return super().get_context_data(back_url=reverse("membership_prices:index"), **kwargs)


def preview_context(preview: PricePreview) -> dict[str, Any]:
    """Return a preview as its page shows it: rows, and the sentences about what is not in them."""
    kinds = dict(Organisation.Kind.choices)
    announced = sum(each.announced_at is not None for each in preview.renewals)
    engaged = sum(each.is_engaged for each in preview.renewals)
    words = {"day": date_format(preview.valid_from)}
    said = []
    if announced:
        text = ngettext(
            "%(count)s of these renewals was announced at the old amount. Setting prices mails nobody: the "
            "member reads the new amount in the next notice, or on the invoice at the latest.",
            "%(count)s of these renewals were announced at the old amount. Setting prices mails nobody: the "
            "members read the new amount in the next notice, or on the invoice at the latest.",
            announced,
        )
        said.append(text % {"count": announced})
    if engaged:
        text = ngettext(
            "%(count)s of these members is engaged for several years. That holds the tier, not the price.",
            "%(count)s of these members are engaged for several years. That holds the tier, not the price.",
            engaged,
        )
        said.append(text % {"count": engaged})
    if preview.earlier:
        text = ngettext(
            "%(count)s other member at these prices renews before %(day)s, at the price of then; the new "
            "price applies from the renewal after that.",
            "%(count)s other members at these prices renew before %(day)s, at the price of then; the new "
            "prices apply from the renewal after that.",
            preview.earlier,
        )
        said.append(text % {**words, "count": preview.earlier})
    return {
        "preview": preview,
        "sentences": said,
        "changes": [
            (
                change,
                kinds[change.key.kind],
                preview.tiers[change.key.tier_id],
                preview.size_bands[change.key.size_band_id],
                change.after - (change.before or 0),
                preview.renewals_at(change.key),
            )
            for change in preview.changes
        ],
        "renewals": [(each, each.after - each.before, renewal_remarks(each)) for each in preview.renewals],
        "difference": preview.after - preview.before,
    }
