"""How often somebody may try something: per address, per IP, exact across processes, said kindly.

    consume(Limit("sign-up", email, most=5), period=timedelta(hours=1), at=now)

or, in a view, `within_limits(form, request, scope="sign-up", address=email, at=now)`, which puts the message
on top of the form and keeps what was typed. Count outside the transaction that may be rolled back.
"""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django import forms
from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cms.models import Attempt

HOUR = timedelta(hours=1)
COUNT = """
    INSERT INTO cms_attempt (scope, source, starts_at, ends_at, count) VALUES {rows}
    ON CONFLICT (scope, source, starts_at) DO UPDATE SET count = cms_attempt.count + 1
    WHERE cms_attempt.count < CASE cms_attempt.scope {limits} END RETURNING count
"""
"""Django's upsert can't add to what is there."""
PER_ADDRESS = 5
PER_IP = 30
"""More than per address: a whole office may share one IP."""


@dataclass(frozen=True)
class Limit:
    """How often (`most`) a source, named by its `key`, may try something of a `scope` in a period."""

    scope: str
    key: str
    most: int

    @property
    def source(self) -> str:
        """What is stored of the key: nothing that tells who it was."""
        return salted_hmac(
            f"cms.limits.{self.scope}", self.key.strip().lower(), algorithm="sha256"
        ).hexdigest()


class TooManyAttempts(Exception):
    """The limit is reached; from `retry_at` on it may be tried again."""

    def __init__(self, retry_at: datetime) -> None:
        super().__init__(f"not before {retry_at:%H:%M}")
        self.retry_at = retry_at

    @property
    def message(self) -> str:
        """What to tell the visitor, in the active language."""
        # The minute after, so that trying at the time told works.
        moment = timezone.localtime(self.retry_at + timedelta(seconds=59))
        return _(
            "This was tried many times in a short while, so we ask you to wait a little. "
            "Please try again after %(time)s. What you typed is still here."
        ) % {"time": date_format(moment, "H:i")}


def consume(*limits: Limit, period: timedelta, at: datetime) -> None:
    """Count one attempt in the current span, for each limit. Raises TooManyAttempts when one is reached.

    Counting and checking are one statement, so that attempts at the same time can't both be the last. The
    limits have different scopes.
    """
    seconds = int(period.total_seconds())
    start = int(at.timestamp()) // seconds * seconds
    starts_at, ends_at = (datetime.fromtimestamp(moment, UTC) for moment in (start, start + seconds))
    moments = [connection.ops.adapt_datetimefield_value(moment) for moment in (starts_at, ends_at)]
    rows = ", ".join(["(%s, %s, %s, %s, 1)"] * len(limits))
    cases = " ".join(["WHEN %s THEN %s"] * len(limits))
    values = [value for limit in limits for value in (limit.scope, limit.source, *moments)]
    most = [value for limit in limits for value in (limit.scope, limit.most)]
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(rows=rows, limits=cases), [*values, *most])
        if len(cursor.fetchall()) < len(limits):
            raise TooManyAttempts(ends_at)


def within_limits(
    form: forms.BaseForm,
    request: HttpRequest,
    *,
    scope: str,
    at: datetime,
    address: str = "",
    per_address: int = PER_ADDRESS,
    per_ip: int = PER_IP,
    period: timedelta = HOUR,
) -> bool:
    """Count an attempt from the request's IP and for the e-mail address; else put the message on the form.

    The view then shows the form again, with status 429.
    """
    limits = [Limit(f"{scope}:ip", network_of(client_ip(request)), per_ip)]
    if address:
        limits.append(Limit(f"{scope}:address", address, per_address))
    try:
        consume(*limits, period=period, at=at)
    except TooManyAttempts as refusal:
        form.add_error(None, refusal.message)
        return False
    return True


def client_ip(request: HttpRequest) -> str:
    """Return the visitor's IP: the connection's, or what the trusted proxies in front say.

    Each proxy appends what it saw to X-Forwarded-For; of the whole list only the entry that the outermost
    trusted one wrote is believed, for a visitor may write what he likes before it.
    """
    direct: str = request.META.get("REMOTE_ADDR", "")
    if settings.TRUST_PROXY_HEADERS:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if len(hops) >= settings.TRUSTED_PROXY_COUNT:
            return hops[-settings.TRUSTED_PROXY_COUNT]
    return direct


def network_of(ip: str) -> str:
    """Return what counts as one source: an IPv4 address, or the /64 that an IPv6 subscriber gets."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return ip


def forget_attempts(at: datetime) -> int:
    """Delete the spans that are over; return how many."""
    return Attempt.objects.filter(ends_at__lt=at).delete()[0]
