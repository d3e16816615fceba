"""Enterprise and VAT numbers of any country, by the rules of python-stdnum, and the names of countries."""

import re
from types import ModuleType

from babel import Locale
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from stdnum import get_cc_module
from stdnum.at import businessid as austrian
from stdnum.be import vat as belgian
from stdnum.ch import uid as swiss
from stdnum.dk import cvr as danish
from stdnum.ee import registrikood as estonian
from stdnum.es import cif as spanish
from stdnum.eu import vat as european
from stdnum.exceptions import InvalidComponent
from stdnum.exceptions import ValidationError as NumberError
from stdnum.fi import ytunnus as finnish
from stdnum.fr import siren as french
from stdnum.hr import oib as croatian
from stdnum.it import iva as italian
from stdnum.lv import pvn as latvian
from stdnum.no import orgnr as norwegian
from stdnum.pt import nif as portuguese
from stdnum.se import orgnr as swedish
from stdnum.si import maticna as slovenian

from billing.en16931.codes import COUNTRIES
from billing.rules import say_number
from cms.search.analyser import fold

BELGIUM = "BE"
BELGIAN_SCHEME = "0208"
"""How an address on Peppol begins that is an enterprise number (electronic address schemes, EAS)."""
LONGEST_NUMBER, LONGEST_VAT_NUMBER = 30, 20
"""Signs that are kept."""
REGISTERS: dict[str, ModuleType] = {
    "AT": austrian,
    "CH": swiss,
    "DK": danish,
    "EE": estonian,
    "ES": spanish,
    "FI": finnish,
    "FR": french,
    "HR": croatian,
    "IT": italian,
    "LV": latvian,
    "NO": norwegian,
    "PT": portuguese,
    "SE": swedish,
    "SI": slovenian,
}
"""By country, which numbers of businesses have a rule that can be checked; Belgium's own is apart."""
SHAPE = re.compile(r"(?=.*\d)[0-9A-Z]{3,30}")
"""What a number looks like where no rule is known, without spaces and points: at least one digit."""


def countries() -> list[tuple[str, str]]:
    """Return all countries as (ISO code, name in the active language), Belgium first, then by name."""
    names = Locale(get_language() or "nl").territories
    named = sorted(((code, names[code]) for code in COUNTRIES - {BELGIUM}), key=lambda each: fold(each[1]))
    return [(BELGIUM, names[BELGIUM]), *named]


def country_name(code: str) -> str:
    """Return the name of a country in the active language, or the code where there is no such country."""
    return str(Locale(get_language() or "nl").territories.get(code, code))


def say_enterprise_number(country: str, number: str) -> str:
    """Return an enterprise number as people write it: with points in Belgium, as it is kept elsewhere."""
    return say_number(number) if country == BELGIUM else number


def enterprise_number_in(country: str, text: str, *, is_only_country: bool = False) -> str:
    """Return an enterprise number as it is kept, checked by the rule of a country (ISO code); "" for "".

    Of Belgium the ten digits, of which the first is 0 or 1; elsewhere the number in the register of
    businesses there. Raises ValidationError with what is wrong, in the active language; where the form asks
    no other country (`is_only_country`) it does not speak of one.
    """
    if not text.strip():
        return ""
    if country == BELGIUM:
        return _belgian_number(text, is_only_country=is_only_country)
    if register := REGISTERS.get(country):
        try:
            return str(register.validate(text.lower() if country == "AT" else text))
        except NumberError as error:
            words = {"country": country_name(country)}
            raise ValidationError(
                _(
                    "This is not a valid enterprise number (%(country)s). Check for a typing error, or "
                    "choose another country."
                )
                % words
            ) from error
    return _shaped(text)


def vat_number_in(country: str, text: str) -> str:
    """Return a VAT number as it is kept, checked by the rule of its country; "" for "".

    Of a member state it begins with that state's letters, wherever the address is; a Belgian one may come
    without BE. Outside the EU it is a number of `country` (ISO code). Raises ValidationError with what is
    wrong, in the active language.
    """
    if not text.strip():
        return ""
    if country == BELGIUM and belgian.is_valid(text):
        return f"BE{belgian.compact(text)}"
    if european.is_valid(text):
        return str(european.compact(text))
    if is_in_eu(country):
        raise ValidationError(_("This is not a VAT number of a country of the European Union."))
    rule = get_cc_module(country.lower(), "vat")
    try:
        number = _shaped(text) if rule is None else str(rule.validate(text))
    except NumberError as error:
        words = {"country": country_name(country)}
        raise ValidationError(
            _("This is not a valid VAT number (%(country)s). Check for a typing error.") % words
        ) from error
    number = number if number.startswith(country) else f"{country}{number}"
    if len(number) > LONGEST_VAT_NUMBER:
        raise ValidationError(_("A VAT number has at most 20 characters. Check for a typing error."))
    return number


def kept_peppol_id(text: str) -> str:
    """Return a Peppol address as it is kept: a Belgian enterprise number ("0208:...") as its ten digits.

    One whose number is wrong is returned as it is.
    """
    scheme, colon, number = text.strip().partition(":")
    if scheme != BELGIAN_SCHEME or not belgian.is_valid(number):
        return text
    return f"{scheme}{colon}{belgian.compact(number)}"


def is_in_eu(country: str) -> bool:
    """Say whether an ISO code is of a member state."""
    return country.lower() in european.MEMBER_STATES


def _belgian_number(text: str, *, is_only_country: bool) -> str:
    try:
        return str(belgian.validate(text))
    except InvalidComponent as error:
        said = _("A Belgian enterprise number starts with 0 or 1. Or choose another country.")
        if is_only_country:
            said = _("An enterprise number starts with 0 or 1.")
        raise ValidationError(said) from error
    except NumberError as error:
        said = _(
            "This is not a valid enterprise number: ten digits, such as 0999.101.384. Check for a typing "
            "error, or choose another country."
        )
        if is_only_country:
            said = _(
                "This is not a valid enterprise number: ten digits, such as 0999.101.384. "
                "Check for a typing error."
            )
        raise ValidationError(said) from error


def _shaped(text: str) -> str:
    number = re.sub(r"[\s./-]", "", text.upper())
    if not SHAPE.fullmatch(number):
        raise ValidationError(
            _("A number has digits, and possibly letters: 3 to 30 characters. Check for a typing error.")
        )
    return number
