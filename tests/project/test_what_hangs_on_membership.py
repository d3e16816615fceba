"""Whatever points at a member, a membership or a tier says here what becomes of it when the membership ends.

Who adds such a row decides it: asked at the moment (`membership.queries.standing`), ended in the
transaction by `end_membership` or a receiver of `membership_ended`, or kept as history: docs/architecture.md.
"""

from django.apps import apps

from membership.models import Affiliation, Membership, Organisation, Tier

ENDS = "deleted by end_membership"
HISTORY = "history: it gives nothing by itself"
TERMS = "what a tier is and costs, of nobody in particular"
FATES = {
    "events.Signup.organisation": HISTORY,
    "membership.Affiliation.organisation": "stays: who may settle, and join again; what it opens is asked",
    "membership.Application.membership": HISTORY,
    "membership.Charge.membership": "credited where it is open, or paid for a term that does not come",
    "membership.Charge.tier": HISTORY,
    "membership.EmailDomain.organisation": ENDS,
    "membership.Invitation.organisation": ENDS,
    "membership.Membership.next_tier": "emptied by end_membership",
    "membership.Membership.organisation": "the membership itself, whose status everything asks",
    "membership.Membership.tier": "the membership itself, whose status everything asks",
    "membership.Notice.membership": HISTORY,
    "membership.Organisation_terms.organisation": "stays; shown while a membership runs",
    "membership.Price.tier": TERMS,
    "membership.TierBenefit.tiers": TERMS,
    "membership.TierBenefit_tiers.tier": TERMS,
}
"""Each relation, as "app.Model.field", with what becomes of it."""


def test_all_that_points_at_a_membership_says_what_becomes_of_it() -> None:
    targets = {Affiliation, Membership, Organisation, Tier}
    found = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model in targets
    }
    assert found == set(FATES)
