"""Subscribers in the back office: to look up and to export, not to edit."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permissions import register_permission_policy

from cms.details import DetailsView
from cms.permissions import LedgerPolicy
from newsletters.models import Subscription

register_permission_policy(Subscription, LedgerPolicy(Subscription))


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
    form_fields = ["language"]  # Wagtail asks for some, and shows none
    inspect_view_enabled = True
    inspect_view_class = DetailsView
    copy_view_enabled = False
