"""How every form of the site is printed: `{{ form }}`, a field group and crispy-forms give the same HTML."""

from django.forms.renderers import TemplatesSetting


class SiteRenderer(TemplatesSetting):
    """Prints Django's accessible field groups with the house's templates."""

    form_template_name = "site/form.html"
    field_template_name = "site/field_group.html"
