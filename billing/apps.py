"""The billing app: what is owed and paid."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class BillingConfig(AppConfig):
    """Registers what billing adds to the kernel, and keeps the guards of issued rows in the database."""

    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        """Fill the kernel's registries, and renew the guards after each migration."""
        from wagtail.permissions import register_permission_policy

        from billing import receivers  # noqa: F401  (connects)
        from billing.models import (
            AutomaticPayment,
            BankEntry,
            BankFile,
            Customer,
            Dispatch,
            Invoice,
            Payment,
            PaymentMeans,
            Reversal,
            StripeEvent,
            VatCheck,
            VatTreatment,
        )
        from billing.models.guards import install_guards, lift_readers
        from billing.models.issuer import Issuer
        from billing.operations.charges import announce_payments, begin_charges
        from billing.operations.dunning import send_due_reminders
        from billing.operations.overdue import mark_overdue
        from billing.operations.peppol_news import follow_dispatches
        from billing.operations.privacy import erase_customer
        from billing.operations.pro_formas import invoice_received
        from billing.operations.reference import load_vat_treatments
        from billing.operations.refunds import ask_refunds_again
        from billing.operations.vat_checks import want_due_checks
        from billing.operations.visits import ask_about_visits
        from billing.permissions import GRANTS, CustomerPolicy, EditOnlyPolicy
        from billing.queries import personal_data_of
        from billing.slots import say_sender, show_issuer, show_sender
        from cms.permissions import LedgerPolicy
        from cms.registries import (
            DueWork,
            PersonalData,
            ReferenceData,
            RolePermissions,
            Slot,
            Unshown,
            due_work,
            personal_data,
            reference_data,
            role_permissions,
            slots,
            unshown_tables,
        )

        for model in self.get_models():
            if model is not Issuer:  # it stands in the footer
                unshown_tables.register(Unshown(model._meta.db_table, "private to its customer"))
        ledgers = (Invoice, Payment, StripeEvent, BankEntry, BankFile, Dispatch, Reversal, VatCheck)
        for ledger in (*ledgers, PaymentMeans, AutomaticPayment):
            register_permission_policy(ledger, LedgerPolicy(ledger), exact_class=True)
        register_permission_policy(Customer, CustomerPolicy(Customer), exact_class=True)
        register_permission_policy(VatTreatment, EditOnlyPolicy(VatTreatment), exact_class=True)
        reference_data.register(ReferenceData("VAT treatments", load_vat_treatments))
        role_permissions.register(RolePermissions("billing", GRANTS))
        slots.register(Slot("issuer", "foot", show_issuer))
        slots.register(Slot("sender", "mail-foot", show_sender))
        slots.register(Slot("sender in text", "mail-foot-text", say_sender))
        due_work.register(
            DueWork(gettext_noop("announcements of automatic payments"), announce_payments, in_steps=True)
        )
        due_work.register(DueWork(gettext_noop("automatic payments"), begin_charges, in_steps=True))
        due_work.register(DueWork(gettext_noop("payments on Stripe’s page"), ask_about_visits, in_steps=True))
        due_work.register(DueWork(gettext_noop("overdue invoices"), mark_overdue, in_steps=True))
        due_work.register(
            DueWork(gettext_noop("invoices of what was paid before"), invoice_received, in_steps=True)
        )
        due_work.register(DueWork(gettext_noop("payment reminders"), send_due_reminders, in_steps=True))
        due_work.register(DueWork(gettext_noop("refunds by Stripe"), ask_refunds_again, in_steps=True))
        due_work.register(DueWork(gettext_noop("sending by Peppol"), follow_dispatches, in_steps=True))
        due_work.register(
            DueWork(gettext_noop("VAT numbers elsewhere in the EU"), want_due_checks, in_steps=True)
        )
        personal_data.register(PersonalData("billing", personal_data_of, erase_customer))
        pre_migrate.connect(lift_readers, sender=self, dispatch_uid="billing_lift_readers")
        post_migrate.connect(install_guards, sender=self, dispatch_uid="billing_guards")
