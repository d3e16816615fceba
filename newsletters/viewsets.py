"""Subscribers in the back office: to look up and to export, not to edit."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.model import ModelViewSet

from cms.details import DetailsView
from newsletters.models import Subscription


class SubscriptionViewSet(ModelViewSet):
    """Who asked for the newsletter, and how it stands. A consent is the person's own to give and to take."""

    model = Subscription
    icon = "mail"
    menu_label = _("Subscribers")
    menu_order = 750
    add_to_admin_menu = True
    list_display = ["email", "language", "status", "requested_at", "changed_at"]
    list_filter = ["status", "language"]
    list_export = ["email", "language", "status", "requested_at", "changed_at"]
    search_fields = ["email"]
    form_fields = ["language"]
    inspect_view_enabled = True
    inspect_view_class = DetailsView
    copy_view_enabled = False
