"""Of which customers a person sees the means of payment, and what the next renewal costs."""

from collections.abc import Sequence

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Q
from django.urls import reverse

from billing.models import AutomaticPayment, Customer
from membership.models.membership import Charge, Membership
from membership.models.organisation import Organisation
from membership.queries.members import acting_for
from membership.queries.people import invoiced_organisation


def has_renewals(customer: Customer) -> bool:
    """Say whether the organisation behind a customer is or becomes a member, and stays one.

    Who applies has the customer that the first document goes to; the organisation gets it when that is paid.
    """
    first = Q(charges__invoice__customer=customer, charges__voided_at__isnull=True)
    open_ones = Membership.objects.filter(Q(organisation__customer=customer) | first)
    return open_ones.filter(status__in=Membership.OPEN, resigned_at__isnull=True).exists()


def contacts_of_customer(customer: Customer) -> Sequence[tuple[str, str]]:
    """Return address and language of the main and billing contacts behind a customer."""
    organisations = Organisation.objects.filter(customer=customer)
    return [(each.email, each.language) for own in organisations for each in acting_for(own)]


def means_page(customer: Customer) -> str:
    """Return where the people of a customer see its means of payment, in the language of the moment."""
    organisation = Organisation.objects.filter(customer=customer).first()
    if organisation is None:
        return ""
    return f"{settings.SITE_URL}{reverse('membership:own_means', args=[organisation.pk])}"


def running_membership(organisation: Organisation) -> Membership | None:
    """Return the running membership of an organisation, if it has one."""
    running = organisation.memberships.filter(status__in=Membership.RUNNING)
    return running.select_related("organisation__customer", "tier", "next_tier").first()


def own_plan(person: AbstractBaseUser, pk: int) -> tuple[AutomaticPayment, Organisation] | None:
    """Return an automatic payment of an organisation of which the person is a main or billing contact."""
    plan = AutomaticPayment.objects.filter(pk=pk).select_related("invoice", "means").first()
    if plan is None:
        return None
    for organisation in Organisation.objects.filter(customer=plan.invoice.customer_id):
        if own := invoiced_organisation(person, organisation.pk):
            return plan, own
    return None


def open_renewals(customer: Customer) -> Sequence[Charge]:
    """Return the renewals of a customer that are invoiced and not paid."""
    charges = Charge.objects.filter(
        membership__organisation__customer=customer,
        membership__status__in=Membership.RUNNING,
        purpose=Charge.Purpose.RENEWAL,
        voided_at__isnull=True,
        invoice__status__in=("issued", "overdue"),
    )
    return list(charges.select_related("invoice").order_by("pk"))
