"""What the member zone adds to the kernel's templates."""

from django.template import Context
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cms.navigation import link_to
from extranet.models import MemberHomePage


def link_to_member_zone(context: Context) -> SafeString:
    """Link from every page to the member zone, for whom it is open."""
    request = context.get("request")
    home = MemberHomePage.open_to(request) if request else None
    address = home.get_url(request) if home else None
    if home is None or not address:
        return SafeString("")
    return link_to(address, _("Member zone"), request, is_above=context.get("section") == home)
