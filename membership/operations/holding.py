"""A paid application that cannot start as it is: nothing is lost, and staff look at it."""

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


class OtherKind(ValueError):
    """The `organisation` that an application is for is of another kind than was applied for."""

    def __init__(self, organisation: Organisation) -> None:
        super().__init__(str(organisation))
        self.organisation = organisation


@transaction.atomic
def hold_application(
    *,
    membership: Membership,
    holder: Organisation,
    at: datetime,
    by: User | None,
    is_other_kind: bool = False,
) -> Membership:
    """Let a paid application wait for staff: `holder` is a member with its enterprise number.

    Or it was a member, and would be one again, but is of another kind than was applied for
    (`is_other_kind`). What was paid stays on the invoice. Staff start the membership once number or kind is
    put right (`approve_application`), or close it (`close_application`): then all of it is to be paid back.
    `membership` is locked; the association is mailed, and who applied, who does not learn of the other.
    """
    membership.status = Membership.Status.APPLIED
    membership.save(update_fields=["status"])
    application = membership.application
    record(membership, "membership.hold", by=by, at=at, data={"why": holder.name})
    mail_about("application_held", membership, at=at)
    if is_other_kind:
        mail_desk(
            "approval_wanted", membership, at=at, applicant=application, other_kind=holder, is_paid=True
        )
    else:
        mail_desk("number_taken", membership, at=at, holder=holder, application=application)
    return membership
