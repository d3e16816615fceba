"""Journey 1: an editor writes news from blocks, previews, publishes and translates it; then an event."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Locator, Page, Response, expect

from tests.browser.pages import OpenWindow, assert_accessible, log_in

pytestmark = pytest.mark.browser
WAGTAILS_OWN = ("[data-contentpath=body]", "#panel-child-inhoud-body-section")
"""Its block editor gives some fields no name that axe can find."""
BELOW = "Bekijk de onderliggende pagina's van '{}'"
PUBLISH_IN_ENGLISH = re.compile("Publiceer in ?English")
"""The Dutch of wagtail-localize forgot the space."""
SAVED_TOO_EARLY = ("/admin/pages/add/", "/edit/")
"""Wagtail may save by itself while one writes, and is told what is still missing."""

HEARS_LATE = """
document.addEventListener("w-unsaved:watch-edits", () => { document.body.dataset.watching = ""; });
const ask = window.fetch;
window.fetch = async (address, options) => {
  const answer = await ask(address, options);
  if (options?.headers?.Accept === "application/json") await new Promise((done) => setTimeout(done, 3000));
  return answer;
};
"""
"""What Wagtail saves by itself is saved at once, and the browser hears of it three seconds later."""


@pytest.fixture
def editor(window: OpenWindow) -> Page:
    """The editor, who asked for the back office, logged in and went to the Dutch site."""
    page = window(refused=SAVED_TOO_EARLY)
    page.goto("/admin/")
    assert "/account/login/?next=/admin/" in page.url
    log_in(page, "redactie@demo.example", then="/admin/")
    page.goto("/admin/pages/")
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    page.get_by_role("row", name="Nederlands").get_by_label(BELOW.format("Smart Cities Vlaanderen")).click()
    return page


def add_below(page: Page, section: str, kind: str = "") -> None:
    """Go down the tree to a section and start a page there."""
    page.get_by_label(BELOW.format(section)).click()
    page.get_by_role("link", name="Voeg onderliggende pagina toe").first.click()
    if kind:
        page.locator("main").get_by_role("link", name=kind).first.click()
    expect(page.locator("#id_title")).to_be_visible()


def add_block(page: Page, name: str) -> Locator:
    """Add a block at the end of the body and return the body."""
    body = page.locator("#panel-child-inhoud-body-section")
    body.locator("button[title='Blok invoegen']").last.click()
    page.get_by_role("option", name=name, exact=True).click()
    return body


def publish(page: Page, title: str) -> str:
    """Publish what stands there and return its address on the site."""
    page.get_by_role("button", name="Meer acties").click()
    page.get_by_role("button", name="Publiceren").click()
    message = page.locator(".messages")
    expect(message).to_contain_text(re.compile(f"'{title}' .*gepubliceerd"))
    return message.get_by_role("link", name="Bekijk live").get_attribute("href") or ""


def translate_segments(page: Page, english: dict[str, str]) -> None:
    """Translate each text beside its Dutch, as wagtail-localize lays them out."""
    for dutch, text in english.items():
        segment = page.locator("li.incomplete", has_text=dutch).first
        segment.get_by_role("button", name="Vertaal", exact=True).click()
        area = page.locator("li:has(> div textarea), li:has(> div [contenteditable=true])").last
        field = area.locator("textarea, [contenteditable=true]").first
        if field.evaluate("field => field.tagName") == "TEXTAREA":
            field.fill(text)
        else:
            field.click()
            page.keyboard.press("Control+A")
            page.keyboard.type(text)
        area.get_by_role("button", name="Opslaan", exact=True).click()
        expect(area.get_by_role("button", name="Opslaan", exact=True)).to_have_count(0)


def read_address(page: Page, language: str) -> str:
    """Where the page says that it stands in a language."""
    return page.locator(f"link[hreflang={language}]").get_attribute("href") or ""


def test_news_is_written_previewed_published_and_translated(editor: Page, window: OpenWindow) -> None:
    add_below(editor, "Nieuws")
    editor.locator("#id_title").fill("Lichten leren van fietsers")
    editor.locator("#id_lead").fill("Een proef in drie gemeenten.")
    editor.get_by_label("Smart Mobility").check()
    add_block(editor, "Tussentitel").locator("input[type=text]").last.fill("Wat verandert er")
    add_block(editor, "Tekst").locator("[contenteditable=true]").last.click()
    editor.keyboard.type("De lichten geven fietsers eerder groen.")
    assert_accessible(editor, without=WAGTAILS_OWN)

    editor.get_by_role("button", name="Toon/verberg voorvertoning").click()
    preview = editor.frame_locator("iframe").first
    expect(preview.locator("h1")).to_have_text("Lichten leren van fietsers")
    expect(preview.locator("main")).to_contain_text("eerder groen")
    address = publish(editor, "Lichten leren van fietsers")

    visitor = window(width=320, scheme="dark")
    visitor.goto(address)
    expect(visitor.locator("h1")).to_have_text("Lichten leren van fietsers")
    assert_accessible(visitor)

    editor.locator("table").get_by_role("link", name="Lichten leren van fietsers").first.click()
    editor.get_by_role("button", name="Acties").first.click()
    editor.get_by_role("link", name="Vertaal deze pagina").first.click()
    editor.get_by_label("English").check()
    editor.get_by_role("button", name="Verzenden").click()
    translate_segments(
        editor,
        {
            "Lichten leren van fietsers": "Lights learn from cyclists",
            "Een proef in drie gemeenten.": "A trial in three towns.",
            "Wat verandert er": "What changes",
            "De lichten geven fietsers eerder groen.": "The lights turn green for cyclists sooner.",
        },
    )
    visitor.reload()
    assert visitor.locator("link[hreflang=en]").count() == 0
    editor.get_by_role("button", name=PUBLISH_IN_ENGLISH).click()
    expect(editor.locator(".messages")).to_contain_text("gepubliceerd")

    visitor.reload()
    dutch, english = (read_address(visitor, language) for language in ("nl", "en"))
    assert dutch.endswith(address)
    visitor.goto(english)
    assert [read_address(visitor, language) for language in ("nl", "en")] == [dutch, english]
    expect(visitor.locator("h1")).to_have_text("Lights learn from cyclists")
    expect(visitor.locator("main")).to_contain_text("sooner")
    assert_accessible(visitor)


def test_an_event_is_made_with_its_picture_and_stands_in_the_calendar(
    editor: Page, window: OpenWindow
) -> None:
    day = timezone.localdate() + timedelta(days=3)
    drawn = BytesIO()
    Image.new("RGB", (1200, 800), "#0b7a75").save(drawn, "PNG")
    add_below(editor, "Agenda", "Evenement")
    editor.locator("#id_title").fill("Rondgang langs de slimme kruispunten")
    editor.locator("#id_lead").fill("Te voet, met uitleg.")
    editor.get_by_label("Smart Mobility").check()
    editor.locator("#id_starts_at").fill(f"{day:%Y-%m-%d} 14:00")
    editor.locator("#id_ends_at").fill(f"{day:%Y-%m-%d} 16:00")
    editor.locator("#id_place").fill("Stationsplein, Gent")
    editor.locator("#id_capacity").fill("12")
    editor.get_by_role("button", name="Kies een afbeelding").first.click()
    editor.get_by_role("tab", name="Upload").click()
    picture = {"name": "kruispunt.png", "mimeType": "image/png", "buffer": drawn.getvalue()}
    editor.locator("#id_image-chooser-upload-file").set_input_files(picture)  # type: ignore[arg-type]
    editor.locator("#id_image-chooser-upload-title").fill("Een kruispunt")
    editor.locator("form[action*=create] button[type=submit]").click()
    expect(editor.locator("#panel-child-inhoud-picture-section img")).to_be_visible()
    assert_accessible(editor, without=WAGTAILS_OWN)
    address = publish(editor, "Rondgang langs de slimme kruispunten")

    visitor = window(width=320, scheme="dark")
    visitor.goto(address)
    expect(visitor.locator("main")).to_contain_text("Stationsplein, Gent")
    expect(visitor.locator("main img").first).to_be_visible()
    assert_accessible(visitor)
    visitor.goto("/nl/agenda/?state=open")
    expect(visitor.locator("main")).to_contain_text("Rondgang langs de slimme kruispunten")
    assert_accessible(visitor)


def test_publishing_while_wagtail_saves_by_itself_makes_one_page(editor: Page) -> None:
    editor.add_init_script(HEARS_LATE)
    add_below(editor, "Nieuws")
    expect(editor.locator("body[data-watching]")).to_be_attached()

    def is_saved(response: Response) -> bool:
        return response.request.method == "POST" and "/pages/add/" in response.url and response.ok

    with editor.expect_response(is_saved):
        editor.locator("#id_title").fill("Bewaren en publiceren tegelijk")
        editor.locator("#id_lead").fill("Over twee stromen.")
        editor.get_by_label("Smart Mobility").check()
    publish(editor, "Bewaren en publiceren tegelijk")
    rows = editor.locator("table").get_by_role("link", name="Bewaren en publiceren tegelijk", exact=True)
    expect(rows).to_have_count(1)
