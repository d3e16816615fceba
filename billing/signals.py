"""What billing tells the apps above, with ids, inside the transaction that made it so.

Each carries `invoice_id: int` and `reference: str` (what the invoice is for, "membership:123"), and `at`,
the moment on the operation's clock. What is told of invoices and pro formas also carries
`by_id: int | None`, of who did it and None for the platform; not `invoice_issued` and `invoice_overdue`.
`invoice_credited` and `invoice_reduced` also carry `credit_note_id` and the `reason`.
"""

from django.dispatch import Signal

invoice_issued = Signal()
"""Also carries `pro_forma_id: int` where the money was asked by a pro forma before: what that one is for is
the matter of this invoice from now on. Where the money is there, `invoice_paid` follows."""
invoice_paid = Signal()
"""The whole invoice is settled. Sent once; a surplus that comes later sends nothing."""
invoice_credited = Signal()
"""Nothing of the invoice is left: it is credited in full, at once or by the last of several notes."""
invoice_reduced = Signal()
"""A part is credited; what the invoice is for goes on for less. Where what was paid covers what is left,
`invoice_paid` follows."""
pro_forma_withdrawn = Signal()
"""The money is not asked any more; carries the `reason`, and `invoice_id` is that of the pro forma."""
invoice_overdue = Signal()
invoice_reopened = Signal()
"""Money of a paid invoice counts no more, so that it is open again, or overdue; carries the `reason`. It went
back to the payer, was taken back by the bank, or was booked in error. Where it is paid after all,
`invoice_paid` follows."""

dispatch_queued = Signal()
"""Something is to go by Peppol or by mail; carries `dispatch_id: int` alone."""
dispatch_asked = Signal()
"""It is time to ask the access point how something fared; carries `dispatch_id: int` alone."""

refund_queued = Signal()
"""Stripe is to pay something back; carries `reversal_id: int` alone."""

means_promised = Signal()
"""Somebody who agreed to save something is through Stripe's page; carries `attempt_id` or `setup_id`."""
means_saved = Signal()
"""A customer's card or direct debit may be charged from now on; carries `means_id: int`, `customer_id: int`
and `at`."""
means_let_go = Signal()
"""Stripe is to forget a means of payment that ended; carries `stripe_id: str` alone."""
checkout_asked = Signal()
"""Stripe is to be asked how a visit to its page went; carries `attempt_id: int` alone."""
charge_queued = Signal()
"""Stripe is to charge an invoice; carries `try_id: int` alone."""

vat_check_wanted = Signal()
"""VIES is to be asked about a VAT number; carries `customer_id: int` and `vat_number: str` alone, and
`since: datetime` where somebody wants a newer answer than there is."""

bank_file_kept = Signal()
"""The lines of a bank file are stored and wait to be matched; carries `file_id: int` alone."""
