"""The demo's organisations, with the memberships that they have, had, or may come to have."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from cms.log import record
from cms.models import Term
from demo.data_files import read
from membership.models import Charge, Membership, Organisation, Tier, TierBenefit
from membership.queries import yearly_fee
from membership.rules import last_day_of_engagement, last_day_of_term

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
        tier = tiers[row["tier"]]
        membership = Membership.objects.create(
            organisation=organisation,
            tier=tier,
            status=Membership.Status.LAPSED if has_lapsed else Membership.Status.ACTIVE,
            applied_at=timezone.make_aware(datetime.combine(starts_on, time(9))),
            starts_on=starts_on,
            ends_on=last_day_of_term(starts_on),
            engaged_until=None
            if has_lapsed or tier.engagement_years == 1
            else last_day_of_engagement(starts_on, tier.engagement_years),
        )
        employees = organisation.employees or 1
        Charge.objects.create(
            membership=membership,
            purpose=Charge.Purpose.START,
            term_starts_on=starts_on,
            from_on=starts_on,
            tier=tier,
            employees=employees,
            yearly_fee=yearly_fee(tier=tier, employees=employees, kind=organisation.kind, on=starts_on),
        )
        morning, last_day = membership.applied_at, last_day_of_term(starts_on)
        record(membership, "membership.apply", at=morning - timedelta(days=12), data={"tier": tier.slug})
        record(membership, "membership.start", at=morning, data={"ends_on": last_day.isoformat()})
        if has_lapsed:
            record(membership, "membership.lapsed", at=morning + timedelta(days=396))
    return f"{len(rows)} organisations"


def load_tier_texts() -> str:
    """Write what each tier offers, as the membership page compares it."""
    data = read("pages/membership.toml")
    tiers = {tier.slug: tier for tier in Tier.objects.all()}
    for row in data["tier"]:
        tier = tiers[row["slug"]]
        tier.summary_nl, tier.summary_en = row["summary_nl"], row["summary_en"]
        tier.seats, tier.seat_fee = row.get("seats"), row.get("seat_fee")
        tier.save()
    for position, row in enumerate(data["benefit"]):
        benefit = TierBenefit.objects.create(
            name_nl=row["label_nl"], name_en=row["label_en"], position=position
        )
        benefit.tiers.set([tiers[slug] for slug in row["tiers"]])
    return f"{len(data['benefit'])} benefits"
