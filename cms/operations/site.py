"""The site record and the languages, as sitemap and links need them."""

from urllib.parse import urlsplit

from django.conf import settings
from wagtail.models import Locale, Site


def load_site() -> str:
    """Create the languages, and write host and port of SITE_URL on the default site if there is one."""
    for code, _name in settings.LANGUAGES:
        Locale.objects.get_or_create(language_code=code)
    address = urlsplit(settings.SITE_URL)
    port = address.port or (443 if address.scheme == "https" else 80)
    Site.objects.filter(is_default_site=True).update(
        hostname=address.hostname, port=port, site_name=settings.WAGTAIL_SITE_NAME
    )
    Site.clear_site_root_paths_cache()
    return settings.SITE_URL
