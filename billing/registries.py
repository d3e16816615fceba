"""What higher apps tell billing: who acts for a customer. Filled in their `AppConfig.ready()`."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.functional import Promise

from billing.models import Customer
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


customer_access: Registry[CustomerAccess] = Registry()
"""Any entry that says yes is enough."""
