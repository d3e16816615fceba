"""Writes the charge that each membership so far began with, and what its first invoice was made out to."""

from datetime import date, timedelta

from django.db import migrations

DETAILS = (
    "name", "street", "postcode", "city", "email", "vat_number", "enterprise_number", "po_number", "language",
)  # fmt: skip
ENGAGEMENTS = {"stuurgroep": 4}


def write_charges(apps, schema_editor):
    Tier = apps.get_model("membership", "Tier")
    Membership = apps.get_model("membership", "Membership")
    Application = apps.get_model("membership", "Application")
    Charge = apps.get_model("membership", "Charge")
    for slug, years in ENGAGEMENTS.items():
        Tier.objects.filter(slug=slug).update(engagement_years=years)
    applications = {
        application.membership_id: application
        for application in Application.objects.select_related("invoice__customer")
    }
    for membership in Membership.objects.select_related("organisation", "tier"):
        application = applications.get(membership.pk)
        starts_on = membership.starts_on
        if application:
            employees, fee, invoice = application.employees, application.yearly_fee, application.invoice
            if application.email:  # the others were forgotten, and stay so
                application.details = {name: getattr(invoice.customer, name) for name in DETAILS}
                application.save()
        else:
            employees, invoice = membership.organisation.employees or 1, None
            fee = fee_of(apps, membership, employees, starts_on or membership.applied_at.date())
        Charge.objects.create(
            membership=membership,
            purpose="start",
            term_starts_on=starts_on,
            from_on=starts_on,
            tier=membership.tier,
            employees=employees,
            yearly_fee=fee,
            invoice=invoice,
            voided_at=membership.applied_at if membership.status == "closed" else None,
        )
        if membership.status == "active" and membership.tier.slug in ENGAGEMENTS:
            membership.engaged_until = last_day(starts_on, ENGAGEMENTS[membership.tier.slug])
            membership.save()


def fee_of(apps, membership, employees, on):
    prices = apps.get_model("membership", "Price").objects.filter(
        tier=membership.tier,
        kind=membership.organisation.kind,
        size_band__employees_from__lte=employees,
        valid_from__lte=on,
    )
    price = prices.order_by("-size_band__employees_from", "-valid_from").first()
    return price.yearly_fee if price else 0


def last_day(starts_on, years):
    """The last day of so many terms of 12 months; one that starts on 29 February ends on 28 February."""
    for _term in range(years):
        try:
            end = starts_on.replace(year=starts_on.year + 1) - timedelta(days=1)
        except ValueError:
            end = date(starts_on.year + 1, 2, 28)
        starts_on = end + timedelta(days=1)
    return end


class Migration(migrations.Migration):
    dependencies = [("membership", "0004_add_life")]

    operations = [migrations.RunPython(write_charges, migrations.RunPython.noop)]
