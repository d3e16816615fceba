"""What membership adds to the templates of lower apps."""

from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from billing.models import Invoice, Issuer
from billing.queries import is_being_paid
from membership.models import Charge, Membership, MembershipPage, MembersPage
from membership.queries import (
    charges_of_next_term,
    ended_memberships_of,
    renewing_memberships,
    unpaid_charges,
)


def tell_of_ended_membership(context: Context) -> SafeString:
    """Say on one's own account page why the member zone is closed, and how to join again."""
    ended = ended_memberships_of(context["user"])
    if not ended:
        return SafeString("")
    issuer = Issuer.objects.first() or Issuer()
    return render_to_string("membership/ended_notice.html", {"ended": ended, "issuer": issuer})


def link_to_members(context: Context) -> SafeString:
    """Show who searches for an organisation where the members stand."""
    page = MembersPage.objects.live().order_by("path").first()
    if page is None:
        return SafeString("")
    page = page.localized
    link = format_html('<a href="{}">{}</a>', page.get_url(context.get("request")), page.title)
    hint = format_html(_("Looking for an organisation? See {page}."), page=link)
    return format_html('<p class="no-print">{}</p>', hint)


def link_to_membership(context: Context) -> SafeString:
    """Show who has no account how to join colleagues who are members, or to become one."""
    page = MembershipPage.find()
    if page is None:
        return SafeString("")
    ways = [
        (reverse("membership:ask"), _("Join your colleagues")),
        (page.get_url(context.get("request")), _("Become a member")),
    ]
    return format_html_join("", '<p><a class="onward" href="{}">{}</a></p>', ways)


def say_when_it_lapses(invoice: Invoice) -> str:
    """Say in the final notice of an invoice when the membership that it is for ends; nothing of others."""
    unpaid = Membership.objects.filter(status__in=Membership.UNPAID, charges__invoice=invoice)
    membership = unpaid.select_related("organisation").first()
    if membership is None or membership.lapses_on is None or membership.is_lapse_held:
        return ""
    words = {
        "organisation": membership.organisation.name,
        "day": date_format(membership.lapses_on, "DATE_FORMAT"),
    }
    return _("Without payment, the membership of %(organisation)s ends on %(day)s.") % words


def say_that_hold_ends(invoice: Invoice) -> str:
    """Say which membership runs on only because something was paid of this invoice; nothing of others."""
    charges = Charge.objects.filter(invoice=invoice, voided_at__isnull=True)
    held = Membership.objects.filter(lapse_held_on__isnull=False, charges__in=charges).first()
    if held is None or unpaid_charges(held).exclude(invoice=invoice).filter(is_being_paid()).exists():
        return ""
    told = _("The membership of %(organisation)s, kept only because a part was paid, then ends within a day.")
    return told % {"organisation": held.organisation.name}


def say_what_crediting_does(invoice: Invoice) -> str:
    """Say what follows once this invoice is credited in full: its application closes, or it is made anew.

    A renewal whose term has not begun is due again as long as the member does not leave.
    """
    charge = (
        Charge.objects.filter(invoice=invoice, voided_at__isnull=True).select_related("membership").first()
    )
    if charge is None:
        return ""
    membership = charge.membership
    words = {"organisation": membership.organisation.name}
    if membership.status in (Membership.Status.APPLIED, Membership.Status.AWAITING_PAYMENT):
        told = _(
            "The application of %(organisation)s is then closed: who applied gets an e-mail, "
            "without the reason."
        )
        return told % words
    is_due_again = renewing_memberships().filter(pk=membership.pk).exists()
    if charges_of_next_term(membership) != [charge] or not is_due_again:
        return ""
    if membership.stays_until != membership.ends_on:
        return _("The term of %(organisation)s has not begun: it is then invoiced anew within a day.") % words
    told = _(
        "The term of %(organisation)s has not begun: unless the membership is cancelled first, it is then "
        "invoiced anew within a day."
    )
    return told % words
