"""Makes, checks and revokes private links. What is wrong with a token is never told.

An app makes a link, mails its address once, and answers it with a `cms.views.links.PrivateLinkView`:

    token = create_link(target=signup, purpose="signup", at=now)
    path("l/<str:token>/", SignupView.as_view(), name="signup")     # in the app's own urls.py
"""

import secrets
from collections.abc import Collection
from datetime import datetime
from hashlib import sha256

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q

from cms.models import PrivateLink

BYTES = 16
"""128 random bits."""


class LinkClosed(Exception):
    """The token opens nothing: unknown, of another purpose, expired, revoked, or its target is gone."""


def create_link(
    *, target: models.Model, purpose: str, at: datetime, expires_at: datetime | None = None
) -> str:
    """Make a link to `target` and return its token, which is kept nowhere."""
    token = secrets.token_urlsafe(BYTES)
    PrivateLink.objects.create(
        token_hash=_fingerprint(token),
        purpose=purpose,
        content_type=ContentType.objects.get_for_model(target),
        object_id=target.pk,
        created_at=at,
        expires_at=expires_at,
    )
    return token


def resolve_link(*, token: str, purpose: str | Collection[str], at: datetime) -> PrivateLink:
    """Return the link that a token opens, if it is for the purpose, or for one of some.

    Raises LinkClosed, whatever the reason, after the same work.
    """
    links = PrivateLink.objects.filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=at),
        token_hash=_fingerprint(token),
        purpose__in=_several(purpose),
        revoked_at__isnull=True,
    )
    link = links.first()
    if link is None or link.target is None:
        raise LinkClosed
    return link


def revoke_links(*, target: models.Model, purpose: str | Collection[str], at: datetime) -> int:
    """Close all open links to `target` for a purpose, or for each of some. Returns how many."""
    links = PrivateLink.objects.filter(
        content_type=ContentType.objects.get_for_model(target),
        object_id=target.pk,
        purpose__in=_several(purpose),
        revoked_at__isnull=True,
    )
    return links.update(revoked_at=at)


def prune_links(at: datetime) -> int:
    """Delete the links that expired or were revoked. Returns how many."""
    deleted, _each = PrivateLink.objects.filter(Q(expires_at__lte=at) | Q(revoked_at__lte=at)).delete()
    return deleted


def _several(purpose: str | Collection[str]) -> Collection[str]:
    return [purpose] if isinstance(purpose, str) else purpose


def _fingerprint(token: str) -> str:
    return sha256(token.encode(errors="replace")).hexdigest()
