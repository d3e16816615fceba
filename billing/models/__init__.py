"""What is owed and paid: customers, invoices, payments, bank lines, and the association's own details."""

from billing.models.automatic import AutomaticPayment, ChargeRules, ChargeTry
from billing.models.bank import BankAllocation, BankEntry, BankFile
from billing.models.customers import Customer
from billing.models.dispatches import Dispatch, PeppolLookup
from billing.models.dunning import Dunning, DunningHold, Reminder
from billing.models.invoices import Invoice, InvoiceIsIssued, InvoiceLine, NumberSeries
from billing.models.issuer import Issuer
from billing.models.means import MeansSetup, PaymentMeans
from billing.models.payments import CheckoutAttempt, Payment, StripeEvent
from billing.models.reversals import Reversal
from billing.models.vat import VatTreatment
from billing.models.vat_checks import VatCheck

__all__ = [
    "AutomaticPayment",
    "BankAllocation",
    "BankEntry",
    "BankFile",
    "ChargeRules",
    "ChargeTry",
    "CheckoutAttempt",
    "Customer",
    "Dispatch",
    "Dunning",
    "DunningHold",
    "Invoice",
    "InvoiceIsIssued",
    "InvoiceLine",
    "Issuer",
    "MeansSetup",
    "NumberSeries",
    "Payment",
    "PaymentMeans",
    "PeppolLookup",
    "Reminder",
    "Reversal",
    "StripeEvent",
    "VatCheck",
    "VatTreatment",
]
