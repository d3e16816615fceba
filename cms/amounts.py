"""Amounts and rates as people say them, in the active language."""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def say_euro(amount: Decimal | int, places: int = 2) -> str:
    """ "1.210,00 euro" in Dutch, "€1,210.00" in English; no line ends within it."""
    return _signed(_("€%(amount)s"), amount, places)


def sign_euro(amount: Decimal | int, places: int = 2) -> str:
    """ "€ 1.210,00" in Dutch, "€1,210.00" in English: for columns on paper."""
    return _signed(pgettext("in columns", "€%(amount)s"), amount, places)


def say_percent(rate: Decimal) -> str:
    """ "21 %" in Dutch, "21%" in English."""
    return _("%(rate)s%%") % {"rate": number_format(rate.normalize(), use_l10n=True)}


def _signed(form: str, amount: Decimal | int, places: int) -> str:
    rounded = Decimal(amount).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    shown = number_format(abs(rounded), decimal_pos=places, use_l10n=True, force_grouping=True)
    return f"{'-' if rounded < 0 else ''}{form % {'amount': shown}}"
