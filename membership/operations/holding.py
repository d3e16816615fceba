"""A paid application whose enterprise number another member has: nothing is lost, and staff look at it."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from cms.log import record
from membership.emails import mail_about, mail_desk
from membership.models import Membership, Organisation


class NumberTaken(ValueError):
    """Another organisation with this enterprise number is a member, or about to be: `holder`."""

    def __init__(self, holder: Organisation) -> None:
        super().__init__(str(holder))
        self.holder = holder


@transaction.atomic
def hold_application(
    *, membership: Membership, holder: Organisation, at: datetime, by: User | None
) -> Membership:
    """Let a paid application wait for staff, because `holder` is a member with its enterprise number.

    What was paid stays on the invoice. Staff start the membership once the number is put right
    (`approve_application`), or close it (`close_application`): then all of it is to be paid back.
    `membership` is locked; the association is mailed, and who applied, who does not learn of the other.
    """
    membership.status = Membership.Status.APPLIED
    membership.save(update_fields=["status"])
    record(membership, "membership.hold", by=by, at=at, data={"why": holder.name})
    mail_about("application_held", membership, at=at)
    mail_desk("number_taken", membership, at=at, holder=holder, application=membership.application)
    return membership
