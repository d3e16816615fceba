"""What higher apps tell billing: who acts for a customer, what they will invoice, what no payment leads to.

Filled in their `AppConfig.ready()`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.functional import Promise

from billing.models import Customer, Invoice
from cms.registries import Registry


@dataclass(frozen=True)
class CustomerAccess:
    """One app's answer to: may this person see and pay the invoices of this customer?

    `page` names the address where its people find their invoices, and `back` the link to it.
    """

    name: str
    may_see: Callable[[AbstractBaseUser, Customer], bool]
    page: str = ""
    back: Promise | str = ""
    contacts: Callable[[Customer], Sequence[tuple[str, str]]] = lambda customer: ()
    """Whom to mail about the customer's money beside its billing address: address and language of each."""
    means_url: Callable[[Customer], str] = lambda customer: ""
    """Where its people see and stop the means of payment, in the language of the moment; "" for nowhere."""
    renews: Callable[[Customer], bool] = lambda customer: False
    """Whether this app invoices the customer each year, so that a saved means of payment is of use."""


customer_access: Registry[CustomerAccess] = Registry()
"""Any entry that says yes is enough."""


@dataclass(frozen=True)
class ExpectedCharge:
    """What will be invoiced to a customer on a day, as things stand: EUR, VAT excluded, at one rate."""

    customer: Customer
    invoice_on: date
    net: Decimal


@dataclass(frozen=True)
class ExpectedIncome:
    """One app's answer to: what will be invoiced from one day up to and including another?

    `expected` takes both days. `page` names the address of the list of it, which takes the second one as
    `until`; who has the right `permission` may open it.
    """

    name: str
    label: Promise | str
    expected: Callable[[date, date], Sequence[ExpectedCharge]]
    page: str
    permission: str


expected_income: Registry[ExpectedIncome] = Registry()


@dataclass(frozen=True)
class Waiting:
    """One app's answer to: how much of yours waits for somebody at the treasurer's desk?

    `page` names the address of the list, and `filters` leave of it what is counted; who has the right
    `permission` sees it.
    """

    name: str
    label: Promise | str
    count: Callable[[], int]
    page: str
    filters: Mapping[str, str]
    permission: str


waiting_for_staff: Registry[Waiting] = Registry()


@dataclass(frozen=True)
class Consequence:
    """One app's answer to: what follows if this invoice stays unpaid?

    `say` gives a sentence in the language of the moment, or nothing where it is not about the invoice.
    """

    name: str
    say: Callable[[Invoice], str]
    say_of_undoing: Callable[[Invoice], str] = lambda invoice: ""
    """What it tells staff who undo the last thing that was paid of the invoice."""
    say_of_crediting: Callable[[Invoice], str] = lambda invoice: ""
    """What it tells staff who may credit all that is left of the invoice."""


consequences: Registry[Consequence] = Registry()
