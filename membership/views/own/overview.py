"""One's own organisations: membership, people and invoices."""

from typing import Any, cast

from django.contrib.auth.mixins import LoginRequiredMixin
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from accounts.models import User
from cms.navigation import find_landmark, way_to
from membership.queries import own_places


@method_decorator(never_cache, name="dispatch")
class OverviewView(LoginRequiredMixin, TemplateView):
    """Each organisation that one belongs to, with its membership, people and invoices."""

    template_name = "membership/own/overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the organisations."""
        return super().get_context_data(
            places=own_places(cast(User, self.request.user), at=timezone.now()),
            **way_to(self.request, find_landmark("member zone", self.request), (_("My organisation"), "")),
            **kwargs,
        )
