"""The home pages that a new installation starts with, for editors to fill."""

from django.conf import settings
from django.db import transaction
from wagtail.models import Locale, Page, Site

from home.models import HomePage


@transaction.atomic
def load_home_pages() -> str:
    """Put an empty home page a language in the place of Wagtail's welcome page; change nothing later on."""
    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    if site is None or site.root_page.specific_class is not Page:
        return "kept"
    welcome = site.root_page
    welcome.slug = "welcome"
    welcome.save(clean=False)
    home = Page.get_first_root_node().add_child(
        instance=HomePage(
            title=settings.WAGTAIL_SITE_NAME,
            slug="home",
            locale=Locale.objects.get(language_code=settings.LANGUAGE_CODE),
        )
    )
    home.save_revision().publish()
    for locale in Locale.objects.exclude(pk=home.locale_id):
        home.copy_for_translation(locale).save_revision().publish()
    site.root_page = home
    site.save()
    Page.objects.get(pk=welcome.pk).delete()
    return f"{len(settings.LANGUAGES)} pages"
