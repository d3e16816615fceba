"""Says in the person's language why a bank file is refused."""

from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.bank.statements import FileRefused, Reason
from cms.amounts import say_euro

WORDS: dict[Reason, Promise] = {
    Reason.EMPTY: gettext_lazy("This file is empty."),
    Reason.TOO_LARGE: gettext_lazy("This file is larger than 25 MB. Download a shorter period."),
    Reason.ZIPPED: gettext_lazy(
        "This is a ZIP file. Unpack it first, and upload the XML files in it one by one."
    ),
    Reason.NOT_XML: gettext_lazy(
        "The file is no complete XML: it was cut off, damaged, or is of another kind (CODA, PDF, CSV). "
        "Download it from your bank again, as CAMT.053."
    ),
    Reason.HAS_DTD: gettext_lazy(
        "The file holds instructions of its own (a DTD or entities). No bank sends these, so it is not read."
    ),
    Reason.TOO_DEEP: gettext_lazy("The file is built in a way that no bank file is."),
    Reason.NOT_A_STATEMENT: gettext_lazy("This XML file is no bank statement. Ask your bank for CAMT.053."),
    Reason.OTHER_MESSAGE: gettext_lazy(
        "This is a %(found)s file. Ask your bank for CAMT.053: the statements."
    ),
    Reason.OTHER_VERSION: gettext_lazy("Version %(found)s is not read here; these are: %(known)s."),
    Reason.NO_STATEMENT: gettext_lazy("There is no statement in this file."),
    Reason.MISSING: gettext_lazy("Something is missing that each statement has: %(element)s."),
    Reason.OTHER_ACCOUNT: gettext_lazy(
        "The file is about account %(found)s, and the association’s own is %(ours)s "
        "(see Settings, Association)."
    ),
    Reason.OTHER_CURRENCY: gettext_lazy("The currency is %(found)s; only euros are booked here."),
    Reason.WRONG_AMOUNT: gettext_lazy("“%(found)s” is no amount in whole cents."),
    Reason.WRONG_DATE: gettext_lazy("“%(found)s” is no date."),
    Reason.WRONG_DIRECTION: gettext_lazy(
        "“%(found)s” says neither that money came in (CRDT) nor out (DBIT)."
    ),
    Reason.NO_OPENING: gettext_lazy("The opening balance is missing."),
    Reason.NO_CLOSING: gettext_lazy("The closing balance is missing."),
    Reason.NOT_BALANCED: gettext_lazy(
        "The file does not add up: %(opening)s at the start and %(booked)s booked do not come to "
        "%(closing)s at the end. The difference is %(difference)s."
    ),
}


def say_refusal(refused: FileRefused) -> str:
    """Return why nothing was taken, with the line of the file that is wrong."""
    words = {
        name: say_euro(word) if isinstance(word, Decimal) else word or "-"
        for name, word in refused.words.items()
    }
    told = str(WORDS[refused.reason]) % words
    if refused.line is None:
        return _("Nothing was taken from this file. %(why)s") % {"why": told}
    return _("Nothing was taken from this file. Line %(line)s: %(why)s") % {"line": refused.line, "why": told}
