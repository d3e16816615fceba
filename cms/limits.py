"""How often somebody may try something: per address, per IP, exact across processes, said kindly.

    consume(scope="sign-up", key=email, limit=5, period=timedelta(hours=1), at=now)

or, in a view, `within_limits(form, request, scope="sign-up", address=email, at=now)`, which puts the message
on top of the form and keeps what was typed. Count outside the transaction that may be rolled back.
"""

import ipaddress
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
COUNT_ONE = """
    INSERT INTO cms_attempt (scope, source, starts_at, ends_at, count) VALUES (%s, %s, %s, %s, 1)
    ON CONFLICT (scope, source, starts_at) DO UPDATE SET count = cms_attempt.count + 1
    WHERE cms_attempt.count < %s RETURNING count
"""
"""Django's upsert can't add to what is there."""
PER_ADDRESS = 5
PER_IP = 30
"""More than per address: a whole office may share one IP."""


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


def consume(*, scope: str, key: str, limit: int, period: timedelta, at: datetime) -> None:
    """Count one attempt of a source in the current span. Raises TooManyAttempts when the limit is reached.

    Counting and checking are one statement, so that attempts at the same time can't both be the last.
    """
    seconds = int(period.total_seconds())
    start = int(at.timestamp()) // seconds * seconds
    starts_at, ends_at = (datetime.fromtimestamp(moment, UTC) for moment in (start, start + seconds))
    source = salted_hmac(f"cms.limits.{scope}", key.strip().lower(), algorithm="sha256").hexdigest()
    moments = [connection.ops.adapt_datetimefield_value(moment) for moment in (starts_at, ends_at)]
    with connection.cursor() as cursor:
        cursor.execute(COUNT_ONE, [scope, source, *moments, limit])
        if cursor.fetchone() is None:
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
    try:
        consume(scope=f"{scope}:ip", key=network_of(client_ip(request)), limit=per_ip, period=period, at=at)
        if address:
            consume(scope=f"{scope}:address", key=address, limit=per_address, period=period, at=at)
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
