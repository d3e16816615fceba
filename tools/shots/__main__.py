"""`make shots`: a picture of every page type, form and mail, at three widths, in two schemes and languages.

They land in var/shots/ with an index.html to leaf through. `ONLY=event` takes those with it in their name.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import sync_playwright

from tools import browser, demo
from tools.bootstrap import ROOT, Refusal

FOLDER = ROOT / "var" / "shots"
LANGUAGES = ("nl", "en")


def main() -> None:
    os.chdir(ROOT)
    only = os.environ.get("ONLY", "")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for picture in FOLDER.glob("*.png"):
        picture.unlink()
    print("Starting a demo (half a minute)", flush=True)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="shots-") as folder,
            demo.served(Path(folder), has_clock=False) as url,
        ):
            wrong = shoot(url, Path(folder), only)
    except Refusal as refusal:
        sys.exit(str(refusal))
    print(f"\n{len(list(FOLDER.glob('*.png')))} pictures: {FOLDER / 'index.html'}")
    sys.exit("\n".join(["", *wrong]) if wrong else 0)


def shoot(url: str, folder: Path, only: str) -> list[str]:
    """Take all pictures; returns what no picture may show."""
    # Playwright keeps an event loop in this thread, which Django mistakes for one that serves requests.
    os.environ |= {"DJANGO_SETTINGS_MODULE": "cms.settings.dev", "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
    os.environ |= {"DATA_DIR": str(folder), "SITE_URL": url}
    import django

    django.setup()
    from django.utils import translation

    from tools.shots import extremes, memberships, scenes
    from tools.shots.camera import Camera

    with sync_playwright() as running:
        window = running.chromium.launch(executable_path=browser.find(), args=browser.FLAGS)
        camera = Camera(window, url, FOLDER, only)

        def take(find: Callable[[str], Iterator[scenes.Scene]], suffix: str = "") -> None:
            for language in LANGUAGES:
                with translation.override(language):
                    found = [scene for scene in find(language) if scene.send is None or not suffix]
                for scene in found:
                    camera.take(replace(scene, name=scene.name + suffix), language)
                print(f"  {find.__name__}{suffix} in {language}: {len(found)} scenes", flush=True)

        take(scenes.pages)
        take(scenes.views)
        scenes.cause_mails()
        memberships.cause_mails()
        take(scenes.forms)
        take(memberships.own)
        take(memberships.behind_links)
        take(scenes.links)
        take(scenes.mails)
        with extremes.emptied():
            take(scenes.pages, "-empty")
        extremes.overfill()
        take(scenes.pages, "-overfull")
        take(scenes.views, "-overfull")
        camera.write_index()
        window.close()
    return camera.wrong


if __name__ == "__main__":
    main()
