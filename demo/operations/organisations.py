"""The demo's organisations, with the memberships that they have, had, or may come to have."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from cms.models import Term
from demo.data_files import read
from membership.models import Membership, Organisation, Tier, TierBenefit

OWN_FIELDS = (
    "name",
    "kind",
    "employees",
    "street",
    "postcode",
    "city",
    "website",
    "description_nl",
    "description_en",
    "enterprise_number",
)


def load_organisations(*, at: datetime) -> str:
    """Make the organisations; terms of 12 months began spread over the year before the day of loading."""
    terms = {term.slug: term for term in Term.objects.all()}
    tiers = {tier.slug: tier for tier in Tier.objects.all()}
    today = timezone.localdate(at)
    rows = read("organisations.toml")["organisation"]
    for number, row in enumerate(rows):
        organisation = Organisation.objects.create(
            is_confirmed=True, **{name: row[name] for name in OWN_FIELDS if name in row}
        )
        organisation.terms.set([terms[slug] for slug in row["terms"]])
        if row["state"] == "prospect":
            continue
        has_lapsed = row["state"] == "lapsed"
        starts_on = today - timedelta(days=400 + number if has_lapsed else 10 + (number * 37) % 340)
        Membership.objects.create(
            organisation=organisation,
            tier=tiers[row["tier"]],
            status=Membership.Status.LAPSED if has_lapsed else Membership.Status.ACTIVE,
            applied_at=timezone.make_aware(datetime.combine(starts_on, time(9))),
            starts_on=starts_on,
            ends_on=starts_on + timedelta(days=364),
        )
    return f"{len(rows)} organisations"


def load_tier_texts() -> str:
    """Write what each tier offers, as the membership page compares it."""
    data = read("pages/membership.toml")
    tiers = {tier.slug: tier for tier in Tier.objects.all()}
    for row in data["tier"]:
        tier = tiers[row["slug"]]
        tier.summary_nl, tier.summary_en = row["summary_nl"], row["summary_en"]
        tier.save()
    for position, row in enumerate(data["benefit"]):
        benefit = TierBenefit.objects.create(
            name_nl=row["label_nl"], name_en=row["label_en"], position=position
        )
        benefit.tiers.set([tiers[slug] for slug in row["tiers"]])
    return f"{len(data['benefit'])} benefits"
