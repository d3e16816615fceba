"""What it means for an unpaid membership to run some days longer, in words."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from membership.models import Lifecycle, Membership
from membership.rules import read_only_from


def lapses_after(membership: Membership, days: int, *, at: datetime) -> date | None:
    """Return the day on which it lapses then; None when that has passed all the same."""
    today = timezone.localdate(at)
    after = (membership.lapses_on or today) + timedelta(days=days)
    return after if after > today else None


def say_longer(
    membership: Membership, days: int, *, at: datetime, lifecycle: Lifecycle | None = None
) -> list[str]:
    """Say on which day it lapses then, and until when its member zone is open, as `extend_grace` reckons."""
    today = timezone.localdate(at)
    before = membership.lapses_on or today
    after = before + timedelta(days=days)
    grace_days = (lifecycle or Lifecycle.load()).grace_days
    read_only = read_only_from(after, grace_days=grace_days)
    words = {"before": date_format(before), "after": date_format(after), "read_only": date_format(read_only)}
    told = _("Unpaid, it lapses on %(after)s instead of %(before)s.")
    if membership.is_lapse_held:
        told = _("It should have lapsed on %(before)s; unpaid, it lapses on %(after)s.")
    said = [told % words]
    if today < read_only and membership.status == Membership.Status.GRACE:
        said.append(_("The member zone, read-only now, is fully open again until %(read_only)s.") % words)
    elif today < read_only:
        said.append(_("From %(read_only)s on the member zone is read-only.") % words)
    else:
        said.append(_("The member zone stays read-only."))
    return said
