"""What accounts add to the kernel's templates."""

from django.template import Context
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cms.navigation import link_to


def link_to_account(context: Context) -> SafeString:
    """Link to one's own account from every page."""
    address, request = reverse("account"), context.get("request")
    return link_to(address, _("My account"), request)
