"""The style guide: while the platform is worked on only, and nothing is missing in it."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client
from wagtail.images.tests.utils import get_test_image_file

from cms.models import SiteImage
from home.models import HomePage
from tests.html import problems_of

pytestmark = pytest.mark.django_db
TEMPLATES = settings.BASE_DIR / "templates"
SHOWN = ("components", "blocks")
CLASSES = (
    "button-quiet",
    "error-summary",
    "teaser-both",
    "teaser-plain",
    "compare-table",
    "invoice-lines",
    "notice-good",
    "notice-mind",
    "notice-wrong",
)
"""States and parts that have no template of their own in those folders."""


def test_it_shows_every_component_and_block(client: Client, home: HomePage) -> None:
    SiteImage.objects.create(title="A square", file=get_test_image_file())
    answer = client.get("/styleguide/")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert problems_of(html) == []
    used = {template.name for template in answer.templates}
    paths = (path for folder in SHOWN for path in (TEMPLATES / folder).glob("*.html"))
    there = {path.relative_to(TEMPLATES).as_posix() for path in paths}
    assert len(there) > 30
    assert there - used == set()
    assert [name for name in CLASSES if name not in html] == []


@pytest.mark.parametrize(
    ("asked", "is_there"), [({}, False), ({"DEBUG": "1"}, True), ({"STYLE_GUIDE": "1"}, True)]
)
def test_the_demo_serves_it_only_while_somebody_works_on_it(asked: dict[str, str], is_there: bool) -> None:
    code = "from cms.settings import dev; print(dev.STYLE_GUIDE)"
    rest = {name: value for name, value in os.environ.items() if name not in ("DEBUG", "STYLE_GUIDE")}
    command = [sys.executable, "-c", code]
    said = subprocess.run(
        command, env={**rest, **asked}, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == str(is_there)
