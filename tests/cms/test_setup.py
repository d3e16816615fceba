"""`manage.py setup` finds nothing and leaves what the platform needs; how the database is spoken to."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings


@pytest.mark.django_db
def test_the_folder_of_the_data_is_made(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "not" / "there"
    for _ in range(2):
        call_command("setup", verbosity=0)
        assert settings.DATA_DIR.is_dir()


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL compiles queries")
def test_postgresql_does_not_compile_queries_and_a_pooler_is_asked_nothing_at_log_in() -> None:
    assert "options" not in connection.settings_dict["OPTIONS"]
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)
