"""Forgets people who were invoiced themselves, as far as the law of bookkeeping lets it."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from billing.models import PaymentMeans
from billing.operations.means import end_means_of
from billing.queries import customers_of


@transaction.atomic
def erase_customer(person: AbstractBaseUser, at: datetime) -> Sequence[str]:
    """Delete the customers with a person's address that were never invoiced; keep the others, and say so.

    An invoice is kept for ten years from the first of January that follows: Belgian VAT code, article 60,
    as it stands since 2023 (the bookkeeping itself: seven years, Code of Economic Law, article III.86).
    The bank lines prove the payment, and are kept as long. The right to be forgotten ends there: GDPR,
    article 17, paragraph 3, b.
    """
    is_kept = False
    for customer in customers_of(person):
        end_means_of(customer=customer, because=PaymentMeans.Because.ERASED, at=at, by=None)
        try:
            with transaction.atomic():
                customer.delete()
        except ProtectedError:
            is_kept = True
    if not is_kept:
        return []
    return [
        _(
            "Invoices with your address, and the bank lines that paid them, are kept for ten years: the VAT "
            "law obliges us to."
        )
    ]
