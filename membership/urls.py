"""Addresses of joining and of one's own membership, under /nl/ and /en/."""

from typing import Any

from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from membership.views import applications, colleagues, joining
from membership.views.own import domains, linked, means, membership, overview, people, profile

app_name = "membership"


def parts_of_invoice(view: Any, name: str) -> Any:
    """Return the addresses of an invoice behind a private link: its page, its PDF, and paying it."""
    return include(
        [
            path("", view.as_view(), name=f"{name}_invoice"),
            path("pdf/", view.as_view(part="pdf"), name=f"{name}_invoice_pdf"),
            path("pay/", view.as_view(part="pay"), name=f"{name}_invoice_pay"),
        ]
    )


urlpatterns = [
    path(_("join/"), joining.join, name="join"),
    path(_("join/passed-on/"), joining.passed_on, name="passed_on"),
    path(_("join/l/<str:token>/"), applications.ApplicationView.as_view(), name="application"),
    path(_("join/l/<str:token>/withdraw/"), applications.WithdrawView.as_view(), name="application_withdraw"),
    path(
        _("join/l/<str:token>/invoices/<int:pk>/"),
        parts_of_invoice(applications.ApplicationInvoiceView, "application"),
    ),
    path(_("my-organisation/"), overview.OverviewView.as_view(), name="own"),
    path(_("my-organisation/l/<str:token>/"), linked.LinkedView.as_view(), name="linked"),
    path(_("my-organisation/l/<str:token>/cancel/"), linked.StopView.as_view(), name="linked_resign"),
    path(
        _("my-organisation/l/<str:token>/invoices/<int:pk>/"),
        parts_of_invoice(linked.LinkedInvoiceView, "linked"),
    ),
    path(_("my-organisation/<int:pk>/upgrade/"), membership.UpgradeView.as_view(), name="own_upgrade"),
    path(_("my-organisation/<int:pk>/next-term/"), membership.NextTierView.as_view(), name="own_next_tier"),
    path(_("my-organisation/<int:pk>/cancel/"), membership.ResignView.as_view(), name="own_resign"),
    path(_("my-organisation/<int:pk>/stay/"), membership.StayView.as_view(), name="own_stay"),
    path(_("my-organisation/<int:pk>/size/"), profile.SizeView.as_view(), name="own_size"),
    path(_("my-organisation/<int:pk>/profile/"), profile.ProfileView.as_view(), name="own_profile"),
    path(_("my-organisation/<int:pk>/invoicing/"), profile.InvoicingView.as_view(), name="own_invoicing"),
    path(_("my-organisation/<int:pk>/means-of-payment/"), means.MeansView.as_view(), name="own_means"),
    path(
        _("my-organisation/<int:pk>/means-of-payment/save/"),
        means.SaveMeansView.as_view(),
        name="own_means_save",
    ),
    path(
        _("my-organisation/<int:pk>/means-of-payment/stop/"),
        means.StopMeansView.as_view(),
        name="own_means_stop",
    ),
    path(
        _("my-organisation/automatic-payments/<int:pk>/stop/"),
        means.StopChargeView.as_view(),
        name="own_charge_stop",
    ),
    path(_("my-organisation/<int:pk>/invite/"), people.InviteView.as_view(), name="own_invite"),
    path(_("my-organisation/<int:pk>/domain/"), domains.AllowDomainView.as_view(), name="own_allow_domain"),
    path(
        _("my-organisation/domains/<int:pk>/"), domains.ForbidDomainView.as_view(), name="own_forbid_domain"
    ),
    path(_("my-organisation/people/<int:pk>/role/"), people.RoleView.as_view(), name="own_role"),
    path(_("my-organisation/people/<int:pk>/remove/"), people.RemoveView.as_view(), name="own_remove"),
    path(_("my-organisation/invitations/<int:pk>/send/"), people.ResendView.as_view(), name="own_resend"),
    path(
        _("my-organisation/invitations/<int:pk>/withdraw/"),
        people.WithdrawView.as_view(),
        name="own_withdraw",
    ),
    path(_("colleagues/"), colleagues.ask, name="ask"),
    path(_("colleagues/asked/"), colleagues.asked, name="asked"),
    path(_("colleagues/l/<str:token>/"), colleagues.AcceptView.as_view(), name="accept"),
]
