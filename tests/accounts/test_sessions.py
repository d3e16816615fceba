from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.operations.sessions import prune_sessions
from tests.factories.accounts import make_user

pytestmark = pytest.mark.django_db


def test_sessions_that_are_over_are_deleted_and_no_others() -> None:
    Client().force_login(make_user())
    now = timezone.now()
    assert prune_sessions(now) == 0
    Session.objects.update(expire_date=now - timedelta(seconds=1))
    Client().force_login(make_user())
    assert prune_sessions(now) == 1
    assert Session.objects.count() == 1
