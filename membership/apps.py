"""The membership app: who belongs and on what terms."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class MembershipConfig(AppConfig):
    """Registers the reference data of memberships."""

    name = "membership"
    verbose_name = _("Membership")

    def ready(self) -> None:
        """Fill the kernel's registries."""
        from accounts.registries import NeededAccounts, needed_accounts
        from billing.registries import (
            Consequence,
            CustomerAccess,
            ExpectedIncome,
            Waiting,
            consequences,
            customer_access,
            expected_income,
            waiting_for_staff,
        )
        from cms.registries import (
            DueWork,
            GroupLabels,
            Lively,
            PersonalData,
            ReferenceData,
            RolePermissions,
            Slot,
            due_work,
            group_labels,
            lively_tables,
            personal_data,
            reference_data,
            role_permissions,
            slots,
        )
        from cms.roles import ADMINISTRATOR, BOARD, EVENTS, FINANCE, MATCHMAKER
        from membership import receivers  # noqa: F401  (connects)
        from membership.operations.access import reconcile_access
        from membership.operations.ending import close_unpaid_applications
        from membership.operations.invitations import forget_invitations
        from membership.operations.ladder import climb_ladder
        from membership.operations.people import why_needed
        from membership.operations.privacy import erase_person
        from membership.operations.reference import load_prices
        from membership.operations.terms import (
            announce_renewals,
            invoice_renewals,
            turn_terms,
        )
        from membership.operations.waiting import remind_of_applications
        from membership.queries import (
            acts_for_customer,
            contacts_of_customer,
            count_applications_paid_in_part,
            count_lapses_held,
            expected_charges,
            has_renewals,
            label_of_group,
            means_page,
            personal_data_of,
        )
        from membership.slots import (
            link_to_members,
            link_to_membership,
            say_that_hold_ends,
            say_what_crediting_does,
            say_when_it_lapses,
            tell_of_ended_membership,
        )

        reference_data.register(ReferenceData("tiers and prices", load_prices))
        due_work.register(
            DueWork(gettext_noop("unpaid applications"), close_unpaid_applications, in_steps=True)
        )
        due_work.register(DueWork(gettext_noop("applications that wait"), remind_of_applications))
        due_work.register(DueWork(gettext_noop("renewal invoices"), invoice_renewals, in_steps=True))
        due_work.register(DueWork(gettext_noop("renewal notices"), announce_renewals, in_steps=True))
        due_work.register(DueWork(gettext_noop("terms of memberships"), turn_terms, in_steps=True))
        due_work.register(DueWork(gettext_noop("unpaid memberships"), climb_ladder, in_steps=True))
        due_work.register(DueWork(gettext_noop("access of members"), reconcile_access))
        due_work.register(DueWork(gettext_noop("invitations of long ago"), forget_invitations, in_steps=True))
        lively_tables.register(
            Lively(
                "membership_organisation", "written by sign-ups and join requests; lists of members show it"
            )
        )
        customer_access.register(
            CustomerAccess(
                "membership",
                acts_for_customer,
                "membership:own",
                _("Back to My organisation"),
                contacts=contacts_of_customer,
                means_url=means_page,
                renews=has_renewals,
            )
        )
        consequences.register(
            Consequence("membership", say_when_it_lapses, say_that_hold_ends, say_what_crediting_does)
        )
        expected_income.register(
            ExpectedIncome(
                "renewals",
                _("Renewals, to be invoiced"),
                expected_charges,
                "membership_renewals:index",
                "membership.view_membership",
            )
        )
        waiting_for_staff.register(
            Waiting(
                "lapses held",
                _("Memberships that should have lapsed, paid in part"),
                count_lapses_held,
                "membership_memberships:index",
                {"lapse_held": "true"},
                "membership.view_membership",
            )
        )
        waiting_for_staff.register(
            Waiting(
                "applications paid in part",
                _("Applications of which a part was paid"),
                count_applications_paid_in_part,
                "membership_memberships:index",
                {"paid_in_part": "true"},
                "membership.view_membership",
            )
        )
        personal_data.register(PersonalData("membership", personal_data_of, erase_person))
        needed_accounts.register(NeededAccounts("membership", why_needed))
        slots.register(Slot("ended membership", "own-account", tell_of_ended_membership))
        slots.register(Slot("membership", "no-account", link_to_membership))
        slots.register(Slot("members", "search", link_to_members))
        reading = ("membership.view_membership", "membership.view_price")
        words = (
            "membership.view_tier",
            "membership.change_tier",
            "membership.view_sizeband",
            "membership.change_sizeband",
        )
        people = ("membership.view_affiliation", "membership.change_affiliation")
        desk = (
            *reading,
            *people,
            "membership.change_membership",
            "membership.change_lifecycle",
            "membership.add_price",
            *words,
        )
        group_labels.register(GroupLabels("tiers", label_of_group))
        role_permissions.register(
            RolePermissions(
                "membership",
                {
                    ADMINISTRATOR: ("membership.*_organisation", *desk),
                    BOARD: reading,
                    EVENTS: ("membership.view_organisation", "membership.change_organisation"),
                    FINANCE: ("membership.*_organisation", *desk),
                    MATCHMAKER: (
                        "membership.view_organisation",
                        "membership.change_organisation",
                        "membership.view_affiliation",
                    ),
                },
            )
        )
