"""How every form of the site is printed, what a line of text may hold, and the boxes for terms."""

import re
from decimal import Decimal
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.forms.renderers import TemplatesSetting
from django.utils.formats import get_format, number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

HIDDEN_SIGNS = r"\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff"
"""Signs that neither HTML nor XML nor a spreadsheet may hold, NUL aside, which Django refuses itself."""
_AROUND_NUMBERS = re.compile("€|EUR\\b|euros?\\b", re.IGNORECASE)
_NOT_IN_HTML = re.compile(f"[\\x00{HIDDEN_SIGNS}]")

refuse_hidden_signs = RegexValidator(
    f"[{HIDDEN_SIGNS}]",
    _("There were hidden signs in this text. We left them out: check it and send it again."),
    code="hidden_signs",
    inverse_match=True,
)

REQUIRED = gettext_noop("This field is required.")
"""Django's own text; here for our catalogue, which tells people in Dutch what to do about it."""


def without_hidden_signs(html: str) -> str:
    """Leave out what a page may not hold, so that a refused text can be shown again."""
    return _NOT_IN_HTML.sub("", html)


class SiteRenderer(TemplatesSetting):
    """Prints Django's accessible field groups with the house's templates.

    `{{ form }}`, a field group and crispy-forms all give the same HTML.
    """

    form_template_name = "site/form.html"
    field_template_name = "site/field_group.html"

    def render(self, template_name: str, context: Any, request: Any = None) -> str:
        """Print what HTML can hold."""
        return without_hidden_signs(super().render(template_name, context, request))


class PlainField(forms.CharField):
    """A text as it was typed, without hidden signs."""

    default_validators = [refuse_hidden_signs]


class PlainTexts:
    """For the forms a list of the back office makes of its fields: no hidden signs, amounts as written."""

    def formfield_for_dbfield(self, db_field: models.Field[Any, Any], **kwargs: Any) -> Any:
        """Take texts and amounts as Wagtail's other forms do (see `cms.apps`)."""
        if type(db_field) in (models.CharField, models.TextField):
            kwargs.setdefault("form_class", PlainField)
        elif isinstance(db_field, models.DecimalField):
            kwargs.setdefault("form_class", LocalDecimalField)
        parent: Any = super()
        return parent.formfield_for_dbfield(db_field, **kwargs)


class LineField(forms.CharField):
    """One line of text; what came in as several lines or with odd blanks is joined."""

    default_validators = [refuse_hidden_signs]

    def to_python(self, value: Any) -> str:
        """Join the words by single blanks."""
        return " ".join((super().to_python(value) or "").split())


class LocalDecimalField(forms.DecimalField):
    """A number as people write it in the active language, EUR or euro sign and grouping allowed.

    Django drops the other language's decimal sign as one of thousands: an English 125,50 would be 12,550.
    Here it is a decimal sign wherever it cannot group thousands; what can be read in no way is refused.
    """

    default_error_messages = {"unreadable": _("Type a number such as %(example)s.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(localize=True, **kwargs)

    def to_python(self, value: Any) -> Any:
        """Return the number; raise ValidationError for what is none."""
        if isinstance(value, str) and value.strip():
            value = self._read("".join(_AROUND_NUMBERS.sub("", value).split()))
        return super().to_python(value)

    def _read(self, text: str) -> Decimal:
        signs = get_format("DECIMAL_SEPARATOR"), get_format("THOUSAND_SEPARATOR")
        for decimal, group, places in ((*signs, "*"), (*reversed(signs), "{1,2}")):
            whole = rf"(?:[0-9]{{1,3}}(?:{re.escape(group)}[0-9]{{3}})+|[0-9]+|(?={re.escape(decimal)}[0-9]))"
            if re.fullmatch(rf"[+-]?{whole}(?:{re.escape(decimal)}[0-9]{places})?", text):
                return Decimal(text.replace(group, "").replace(decimal, "."))
        example = number_format(Decimal("1250.50"), decimal_pos=2, use_l10n=True, force_grouping=True)
        raise ValidationError(self.error_messages["unreadable"], "unreadable", {"example": example})


class TermBoxes(forms.CheckboxSelectMultiple):
    """The terms as boxes to tick, together by kind: a list of forty asks for Ctrl-click."""

    template_name = "cms/admin/term_boxes.html"

    def optgroups(self, name: str, value: list[Any], attrs: dict[str, Any] | None = None) -> list[Any]:
        """Group the options by the kind of their term, which is how terms are ordered."""
        options = [
            option for _name, group, _index in super().optgroups(name, value, attrs) for option in group
        ]
        groups = groupby(options, key=lambda option: option["value"].instance.get_kind_display())
        return [(kind, list(group), index) for index, (kind, group) in enumerate(groups)]
