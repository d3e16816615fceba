"""Takes the pictures: each scene at each width, light and dark, and as it would be printed."""

from collections.abc import Mapping
from html import escape
from itertools import product
from pathlib import Path
from typing import Any, cast

from playwright.sync_api import Browser, Locator, Page

from tools.shots.scenes import Scene, session

WIDTHS, SCHEMES, HEIGHT, PAPER = (320, 768, 1440), ("light", "dark"), 900, 768
MILLISECONDS = 20_000
HIGHEST = 12_000
"""Pixels of a picture: more says nothing new, and Chromium itself gives up a little further."""
TYPED = "input:is([type=text], [type=email], [type=number], [type=url], [type=tel]), textarea"


class Camera:
    """Photographs scenes into a folder; those whose name lacks `only` are acted and not photographed."""

    def __init__(self, browser: Browser, url: str, folder: Path, only: str) -> None:
        self.browser, self.url, self.folder, self.only = browser, url, folder, only
        self.taken: dict[str, list[str]] = {}
        self.wrong: list[str] = []

    def take(self, scene: Scene, language: str) -> None:
        """Play a scene and photograph what comes of it."""
        is_wanted = self.only in scene.name
        if not is_wanted and scene.send is None:
            return
        context = self.browser.new_context(
            base_url=self.url,
            viewport={"width": WIDTHS[0], "height": HEIGHT},
            locale=f"{language}-BE",
            timezone_id="Europe/Brussels",
            reduced_motion="reduce",
        )
        context.set_default_timeout(MILLISECONDS)
        if scene.person:
            context.add_cookies([{"name": "sessionid", "value": session(scene.person), "url": self.url}])
        page = context.new_page()
        answer = page.goto(scene.address)
        if answer is None or answer.status >= 500:
            self.wrong.append(f"{scene.name}: {scene.address} answers {answer and answer.status}")
        if scene.send is not None:
            send(page, scene.send)
        if is_wanted:
            self.photograph(page, scene, f"{scene.name}-{language}")
        context.close()

    def photograph(self, page: Page, scene: Scene, name: str) -> None:
        """Write the page as it stands at each width and in each scheme, and as printed."""
        names = self.taken.setdefault(name, [])
        for width, scheme in product(WIDTHS, SCHEMES):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            if scene.send is None and (width, scheme) == (WIDTHS[-1], SCHEMES[0]):
                page.reload()  # filters stand open where there was room for them at first
            if scene.opened:
                page.locator(scene.opened).evaluate_all("all => all.forEach(one => { one.open = true })")
            page.emulate_media(media="screen", color_scheme=cast(Any, scheme))
            names.append(self.write(page, f"{name}-{width}-{scheme}.png", width))
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                self.wrong.append(f"{names[-1]}: {wide} pixels wide")
        page.set_viewport_size({"width": PAPER, "height": HEIGHT})
        page.emulate_media(media="print", color_scheme="light")
        names.append(self.write(page, f"{name}-{PAPER}-print.png", PAPER))

    def write(self, page: Page, name: str, width: int) -> str:
        """Write one picture of the whole page, down to where it becomes absurd."""
        height = min(page.evaluate("document.documentElement.scrollHeight"), HIGHEST)
        clip: Any = {"x": 0, "y": 0, "width": width, "height": height}
        page.screenshot(path=self.folder / name, full_page=True, clip=clip, animations="disabled")
        return name

    def write_index(self) -> None:
        """Write a page to leaf through all pictures, a row for each scene and language."""
        rows = "".join(
            f"<h2 id={escape(name)}>{escape(name)}</h2><p>{''.join(map(thumbnail, names))}</p>"
            for name, names in sorted(self.taken.items())
        )
        style = (
            "body{font-family:sans-serif}img{width:15rem;height:20rem;object-fit:cover;object-position:top}"
        )
        style += "a{display:inline-block;margin:.25rem;font-size:.75rem}img{display:block;border:1px solid}"
        text = f"<!doctype html><meta charset=utf-8><title>Screenshots</title><style>{style}</style>{rows}"
        (self.folder / "index.html").write_text(text)


def thumbnail(name: str) -> str:
    """Show a picture small, with its name, as a link to the whole."""
    return f'<a href="{name}"><img src="{name}" alt="" loading="lazy">{name}</a>'


def send(page: Page, words: Mapping[str, str]) -> None:
    """Fill the form of the page in, if there are words, and press its button, if there is one."""
    form = page.locator("main form:not([method=get])").filter(has=page.locator("[type=submit]")).first
    if words:
        fill_in(form, words)
    if form.count():
        form.locator("[type=submit]").first.click()
    page.wait_for_load_state()


def fill_in(form: Locator, words: Mapping[str, str]) -> None:
    """Type into each field the words for its name, or some that fit its type; choose what one can."""
    for field in form.locator(TYPED).all():
        name = field.get_attribute("name") or ""
        kind = field.get_attribute("type") or ""
        if field.is_visible() and name != "contact_website":
            field.fill(words.get(name, words.get("email", "") if kind == "email" else "Proef"))
    for choice in form.locator("select").all():
        if not choice.input_value():
            choice.select_option(index=1)
    for box in reversed(form.locator("input:is([type=checkbox], [type=radio])").all()):
        box.check()  # of radio buttons the first one stays chosen
    for secret in form.locator("input[type=password]").all():
        secret.fill(words.get("password", "Proef-12345"))
