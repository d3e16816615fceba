"""Journey 1: an editor writes news from blocks, previews, publishes and translates it; then an event."""

import os
from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from django.utils.text import slugify
from PIL import Image
from playwright.sync_api import FilePayload, Page, Response, expect

from tests.browser.desk import LANGUAGES, OpenDesk
from tests.browser.pages import (
    OpenWindow,
    assert_accessible,
    audit_once,
    follow,
    in_every_pair,
    in_every_window,
)

pytestmark = pytest.mark.browser
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


def read_address(page: Page, language: str) -> str:
    """Where the page says that it stands in a language."""
    return page.locator(f"link[hreflang={language}]").get_attribute("href") or ""


@in_every_window
def test_news_is_written_previewed_published_and_translated(
    open_desk: OpenDesk, window: OpenWindow, language: str, width: int, scheme: str
) -> None:
    which = f"{language} {width} {scheme}"
    title, english_title = f"Lichten leren van fietsers {which}", f"Lights learn from cyclists {which}"
    desk = open_desk(language, width, scheme)
    desk.add_below("Nieuws")
    page = desk.page
    page.locator("#id_title").fill(title)
    page.locator("#id_lead").fill("Een proef in drie gemeenten.")
    page.get_by_label("Smart Mobility").check()
    desk.add_block(desk.say("heading")).locator("input[type=text]").fill("Wat verandert er")
    desk.add_block(desk.say("text")).locator("[contenteditable=true]").click()
    page.keyboard.type("De lichten geven fietsers eerder groen.")
    assert_accessible(page)

    preview = desk.preview()
    expect(preview.locator("h1")).to_have_text(title)
    expect(preview.locator("main")).to_contain_text("eerder groen")
    desk.preview()
    address = desk.publish(title)

    visitor = window(width=width, scheme=scheme)
    visitor.goto(address)
    expect(visitor.locator("h1")).to_have_text(title)
    assert_accessible(visitor)

    desk.send_to_be_translated(title)
    desk.translate(
        {
            title: english_title,
            "Een proef in drie gemeenten.": "A trial in three towns.",
            "Wat verandert er": "What changes",
            "De lichten geven fietsers eerder groen.": "The lights turn green for cyclists sooner.",
        },
    )
    page.get_by_role("tab", name=desk.say("properties")).click()
    desk.translate({slugify(title): slugify(english_title)})
    assert_accessible(page)
    visitor.reload()
    assert visitor.locator("link[hreflang=en]").count() == 0
    desk.publish_translation(english_title)

    visitor.reload()
    dutch, english = (read_address(visitor, language) for language in LANGUAGES)
    assert dutch.endswith(address)
    assert english.endswith(f"/en/news/{slugify(english_title)}/")
    visitor.goto(english)
    assert [read_address(visitor, language) for language in LANGUAGES] == [dutch, english]
    expect(visitor.locator("h1")).to_have_text(english_title)
    expect(visitor.locator("main")).to_contain_text("sooner")
    assert_accessible(visitor)


@in_every_pair
def test_an_event_is_made_with_its_picture_translated_and_stands_in_the_calendar(
    open_desk: OpenDesk, window: OpenWindow, language: str, width: int, scheme: str
) -> None:
    which = f"{language} {width} {scheme}"
    title, english_title = f"Rondgang langs slimme kruispunten {which}", f"Walk along smart crossings {which}"
    day = timezone.localdate() + timedelta(days=3)
    drawn = BytesIO()
    colour = tuple(os.urandom(3))  # of its own: Wagtail asks about a picture that it has
    Image.new("RGB", (1600, 1200), colour).save(drawn, "PNG")
    desk = open_desk(language, width, scheme)
    desk.add_below("Agenda", desk.say("event"))
    page = desk.page
    page.locator("#id_title").fill(title)
    page.locator("#id_lead").fill("Te voet, met uitleg.")
    page.get_by_label("Smart Mobility").check()
    page.locator("#id_starts_at").fill(f"{day:%Y-%m-%d} 14:00")
    page.locator("#id_ends_at").fill(f"{day:%Y-%m-%d} 16:00")
    page.locator("#id_place").fill("Stationsplein, Gent")
    page.locator("#id_capacity").fill("12")
    desk.choose_picture()
    picture = FilePayload(name="kruispunt.png", mimeType="image/png", buffer=drawn.getvalue())
    page.locator("#id_image-chooser-upload-file").set_input_files(picture)
    page.locator("#id_image-chooser-upload-title").fill("Een kruispunt")
    page.locator("form[action*=create] button[type=submit]").click()
    expect(page.locator("[id^=panel-child][id*=picture] img")).to_be_visible()
    desk.add_block(desk.say("heading")).locator("input[type=text]").fill("Wat u ziet")
    assert_accessible(page)
    preview = desk.preview()
    expect(preview.locator("main")).to_contain_text("Stationsplein, Gent")
    desk.preview()
    address = desk.publish(title)

    visitor = window(width=width, scheme=scheme)
    visitor.goto(address)
    expect(visitor.locator("main")).to_contain_text("Stationsplein, Gent")
    expect(visitor.locator("main img").first).to_be_visible()
    assert_accessible(visitor)

    desk.send_to_be_translated(title)
    words = {"Te voet, met uitleg.": "On foot, with a guide.", "Wat u ziet": "What you see"}
    desk.translate({title: english_title, **words})
    page.get_by_role("tab", name=desk.say("properties")).click()
    desk.translate({slugify(title): slugify(english_title)})
    desk.publish_translation(english_title)
    visitor.goto("/en/events/?state=open")
    expect(visitor.locator("main")).to_contain_text(english_title)
    audit_once(visitor)
    follow(visitor, visitor.get_by_role("link", name=english_title))
    expect(visitor.locator("main")).to_contain_text("What you see")
    expect(visitor.locator("main img").first).to_be_visible()
    assert_accessible(visitor)


def test_publishing_while_wagtail_saves_by_itself_makes_one_page(open_desk: OpenDesk) -> None:
    desk = open_desk()
    page = desk.page
    page.add_init_script(HEARS_LATE)
    desk.add_below("Nieuws")
    expect(page.locator("body[data-watching]")).to_be_attached()

    def is_saved(response: Response) -> bool:
        return response.request.method == "POST" and "/pages/add/" in response.url and response.ok

    with page.expect_response(is_saved):
        page.locator("#id_title").fill("Bewaren en publiceren tegelijk")
        page.locator("#id_lead").fill("Over twee stromen.")
        page.get_by_label("Smart Mobility").check()
    desk.publish("Bewaren en publiceren tegelijk")
    rows = page.locator("table").get_by_role("link", name="Bewaren en publiceren tegelijk", exact=True)
    expect(rows).to_have_count(1)
