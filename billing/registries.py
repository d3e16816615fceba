"""What higher apps tell billing: who acts for a customer. Filled in their `AppConfig.ready()`."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser

from billing.models import Customer
from cms.registries import Registry


@dataclass(frozen=True)
class CustomerAccess:
    """One app's answer to: may this person see and pay the invoices of this customer?"""

    name: str
    may_see: Callable[[AbstractBaseUser, Customer], bool]


customer_access: Registry[CustomerAccess] = Registry()
"""Any entry that says yes is enough."""
