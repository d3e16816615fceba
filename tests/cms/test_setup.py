"""`manage.py setup` finds nothing and leaves what the platform needs."""

from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings


@pytest.mark.django_db
def test_the_folder_of_the_data_is_made(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "not" / "there"
    for _ in range(2):
        call_command("setup", verbosity=0)
        assert settings.DATA_DIR.is_dir()
