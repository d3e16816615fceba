"""How every form of the site is printed, what a line of text may hold, and the boxes for terms."""

import re
from itertools import groupby
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.db import models
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

HIDDEN_SIGNS = r"\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff"
"""Signs that neither HTML nor XML nor a spreadsheet may hold, NUL aside, which Django refuses itself."""
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
            kwargs.setdefault("localize", True)
        return super().formfield_for_dbfield(db_field, **kwargs)  # type: ignore[misc]


class LineField(forms.CharField):
    """One line of text; what came in as several lines or with odd blanks is joined."""

    default_validators = [refuse_hidden_signs]

    def to_python(self, value: Any) -> str:
        """Join the words by single blanks."""
        return " ".join((super().to_python(value) or "").split())


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
