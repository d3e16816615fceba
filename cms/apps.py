"""The kernel: what every other app stands on."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class CmsConfig(AppConfig):
    """Registers what the kernel itself has."""

    name = "cms"
    verbose_name = _("Kernel")

    def ready(self) -> None:
        """Fill the registries with the kernel's own entries and connect its receivers."""
        from cms import checks, receivers  # noqa: F401  (registers, connects)
        from cms.page_cache.changes import register_unshown, watch_all_connections
        from cms.search import receivers as search_receivers  # noqa: F401  (connects)

        register_unshown()
        watch_all_connections()
        _refuse_hidden_signs_from_staff()
        _say_groups_in_words()
        _write_amounts_in_the_language_of_staff()
        _register_reference_data()
        _register_search()
        _register_due_work()
        _register_personal_data()


def _refuse_hidden_signs_from_staff() -> None:
    """For all forms of the back office: a spreadsheet that holds one such sign cannot be made any more."""
    from django.db import models
    from wagtail.admin.forms.models import register_form_field_override
    from wagtail.admin.widgets import AdminAutoHeightTextInput

    from cms.forms import PlainField

    for kind, more in ((models.CharField, {}), (models.TextField, {"widget": AdminAutoHeightTextInput})):
        override = {"form_class": PlainField, **more}
        register_form_field_override(kind, override=override, exact_class=True)
    _refuse_hidden_signs_in_wagtails_own_names()


def _refuse_hidden_signs_in_wagtails_own_names() -> None:
    """Where Wagtail's forms take no other field: the model checks, which every form asks."""
    from django.contrib.auth.models import Group
    from django.db import models
    from wagtail.models import Collection

    from cms.forms import refuse_hidden_signs
    from cms.models import SiteDocument, SiteImage

    for model in (Collection, Group, SiteDocument, SiteImage):
        for field in model._meta.concrete_fields:
            if type(field) in (models.CharField, models.TextField):
                # The list that is kept, not the argument: that would ask for a migration of Wagtail's.
                field.validators.append(refuse_hidden_signs)


def _say_groups_in_words() -> None:
    """Wherever Wagtail lets choose groups, privacy included: their forms print what a group says it is."""
    from django.contrib.auth.models import Group

    from cms.group_labels import label_of

    Group.add_to_class("__str__", label_of)


def _write_amounts_in_the_language_of_staff() -> None:
    """For all forms of the back office: 1.210,50 in Dutch, as the lists beside them say it."""
    from django.db import models
    from wagtail.admin.forms.models import register_form_field_override

    from cms.forms import LocalDecimalField

    register_form_field_override(models.DecimalField, override={"form_class": LocalDecimalField})


def _register_reference_data() -> None:
    from cms.operations.roles import load_roles
    from cms.operations.site import load_site
    from cms.operations.taxonomy import load_terms
    from cms.registries import ReferenceData, RolePermissions, reference_data, role_permissions
    from cms.roles import KERNEL_GRANTS

    reference_data.register(ReferenceData("languages and site", load_site))
    reference_data.register(ReferenceData("taxonomy", load_terms))
    reference_data.register(ReferenceData("roles", load_roles))
    role_permissions.register(RolePermissions("cms", KERNEL_GRANTS))


def _register_search() -> None:
    from cms.registries import (
        ReferenceData,
        SearchKind,
        SearchSource,
        reference_data,
        search_kinds,
        search_sources,
    )
    from cms.search.indexing import refresh_all
    from cms.search.sources import DOCUMENTS, PAGES, document_items, page_items

    search_sources.register(SearchSource(PAGES, "wagtailcore.Page", page_items))
    search_sources.register(SearchSource(DOCUMENTS, "cms.SiteDocument", document_items))
    search_kinds.register(SearchKind("page", _("Pages"), _("Page")))
    search_kinds.register(SearchKind("document", _("Documents"), _("Document")))
    reference_data.register(ReferenceData("search index", refresh_all))


def _register_due_work() -> None:
    from cms.emails import forget_mail
    from cms.limits import forget_attempts
    from cms.operations.links import prune_links
    from cms.operations.periodic import publish_scheduled
    from cms.operations.queue import prune_tasks, requeue_tasks
    from cms.operations.roles import mend_roles
    from cms.registries import DueWork, due_work
    from cms.search.indexing import refresh_access

    due_work.register(DueWork(gettext_noop("scheduled publishing"), publish_scheduled))
    due_work.register(DueWork(gettext_noop("task queue"), requeue_tasks))
    due_work.register(DueWork(gettext_noop("old tasks"), prune_tasks))
    due_work.register(DueWork(gettext_noop("old mail"), forget_mail))
    due_work.register(DueWork(gettext_noop("old private links"), prune_links))
    due_work.register(DueWork(gettext_noop("roles"), mend_roles))
    due_work.register(DueWork(gettext_noop("old attempts"), forget_attempts))
    # A collection that is moved under a closed one tells nobody.
    due_work.register(DueWork(gettext_noop("search access"), lambda at: refresh_access()))


def _register_personal_data() -> None:
    from cms.emails import forget_mail_to, mail_to
    from cms.registries import PersonalData, personal_data

    personal_data.register(PersonalData("mail", mail_to, forget_mail_to))
