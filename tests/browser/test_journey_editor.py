"""Journey 1: an editor writes news from blocks, previews, publishes and translates it; then an event."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from django.utils.text import slugify
from PIL import Image
from playwright.sync_api import FrameLocator, Locator, Page, Response, expect

from tests.browser.pages import OpenWindow, assert_accessible, in_every_window, log_in

pytestmark = pytest.mark.browser
SAVED_TOO_EARLY = ("/admin/pages/add/", "/edit/")
"""Wagtail may save by itself while one writes, and is told what is still missing."""
LANGUAGES = ("nl", "en")
WORDS = {
    english: dict(zip(LANGUAGES, words, strict=True))
    for english, *words in (
        ("below", "Bekijk de onderliggende pagina's van '{}'", "Explore child pages of '{}'"),
        ("add", "Voeg onderliggende pagina toe", "Add child page"),
        ("event", "Evenement", "Event"),
        ("insert", "Blok invoegen", "Insert a block"),
        ("heading", "Tussentitel", "Heading"),
        ("text", "Tekst", "Text"),
        ("preview", "Toon/verberg voorvertoning", "Toggle preview"),
        ("more", "Meer acties", "More actions"),
        ("publish", "Publiceren", "Publish"),
        ("published", "gepubliceerd", "published"),
        ("all published", "'{}' in English gepubliceerd.", "Published '{}' in English."),
        ("live", "Bekijk live", "View live"),
        ("actions", "Acties", "Actions"),
        ("translate page", "Vertaal deze pagina", "Translate this page"),
        ("submit", "Verzenden", "Submit"),
        ("translate", "Vertaal", "Translate"),
        ("save", "Opslaan", "Save"),
        ("properties", "Eigenschappen", "Promote"),
        ("publish in", "Publiceer in English", "Publish in English"),
        ("picture", "Kies een afbeelding", "Choose an image"),
        ("upload", "Upload", "Upload"),
    )
}
"""What the back office says, in the language that the editor chose."""
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


class Desk:
    """The back office in a window, in the language that the editor chose."""

    def __init__(self, page: Page, language: str) -> None:
        self.page, self.language = page, language

    def say(self, name: str) -> str:
        """What the back office calls it."""
        return WORDS[name][self.language]

    def open(self) -> None:
        """Ask for the back office, log in, choose the language, and go to the Dutch site."""
        page = self.page
        page.goto("/admin/")
        assert "/account/login/?next=/admin/" in page.url
        log_in(page, "redactie@demo.example", then="/admin/")
        page.goto("/admin/account/")
        page.locator("#id_locale-preferred_language").select_option(self.language)
        page.locator("form[method=POST] button[type=submit]").last.click()
        expect(page.locator("html")).to_have_attribute("lang", self.language)
        page.goto("/admin/pages/")
        self.go_below("Smart Cities Vlaanderen", row="Nederlands")
        assert_accessible(page)

    def go_below(self, section: str, *, row: str = "") -> None:
        """Go down the tree to a section."""
        scope = self.page.get_by_role("row", name=row) if row else self.page
        scope.get_by_label(self.say("below").format(section), exact=True).click()
        expect(self.page.locator("h1, [aria-label] li").filter(has_text=section).first).to_be_attached()

    def add_below(self, section: str, kind: str = "") -> None:
        """Start a page below a section."""
        self.go_below(section)
        self.page.get_by_role("link", name=self.say("add")).first.click()
        if kind:
            self.page.locator("main").get_by_role("link", name=kind).first.click()
        expect(self.page.locator("#id_title")).to_be_visible()

    def add_block(self, name: str) -> Locator:
        """Add a block at the end of the body and return the body."""
        body = self.page.locator("[data-contentpath=body]")
        body.locator(f"button[title='{self.say('insert')}']").last.click()
        self.page.get_by_role("option", name=name, exact=True).click()
        return body

    def preview(self) -> FrameLocator:
        """Show or hide how the page will look."""
        self.page.get_by_role("button", name=self.say("preview")).click()
        return self.page.frame_locator("iframe").first

    def publish(self, title: str) -> str:
        """Publish what stands there and return its address on the site."""
        self.page.get_by_role("button", name=self.say("more")).click()
        self.page.get_by_role("button", name=self.say("publish"), exact=True).click()
        message = self.page.locator(".messages")
        expect(message).to_contain_text(re.compile(f"'{title}' .*{self.say('published')}"))
        return message.get_by_role("link", name=self.say("live")).get_attribute("href") or ""

    def send_to_be_translated(self, title: str) -> None:
        """Make an English draft of a page in the list."""
        self.page.locator("table").get_by_role("link", name=title, exact=True).first.click()
        self.page.get_by_role("button", name=self.say("actions")).first.click()
        self.page.get_by_role("link", name=self.say("translate page")).first.click()
        self.page.get_by_label("English").check()
        assert_accessible(self.page)
        self.page.get_by_role("button", name=self.say("submit")).click()

    def translate(self, english: dict[str, str]) -> None:
        """Translate each text beside its Dutch, as wagtail-localize lays them out."""
        for dutch, text in english.items():
            segment = self.page.locator("li.incomplete", has_text=dutch).first
            segment.get_by_role("button", name=self.say("translate"), exact=True).click()
            area = self.page.locator("li:has(> div textarea), li:has(> div [contenteditable=true])").last
            field = area.locator("textarea, [contenteditable=true]").first
            if field.evaluate("field => field.tagName") == "TEXTAREA":
                field.fill(text)
            else:
                field.click()
                self.page.keyboard.press("Control+A")
                self.page.keyboard.type(text)
            area.get_by_role("button", name=self.say("save"), exact=True).click()
            expect(area.get_by_role("button", name=self.say("save"), exact=True)).to_have_count(0)

    def publish_translation(self, title: str) -> None:
        """Publish the English, of which nothing is missing."""
        self.page.get_by_role("button", name=self.say("publish in")).click()
        expect(self.page.locator(".messages")).to_contain_text(self.say("all published").format(title))


OpenDesk = Callable[..., Desk]


@pytest.fixture
def open_desk(window: OpenWindow) -> OpenDesk:
    """The back office of the editor in a window of her own."""

    def open_desk(language: str = "nl", width: int = 1280, scheme: str = "light") -> Desk:
        desk = Desk(window(width=width, scheme=scheme, refused=SAVED_TOO_EARLY), language)
        desk.open()
        return desk

    return open_desk


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
    desk.add_block(desk.say("heading")).locator("input[type=text]").last.fill("Wat verandert er")
    desk.add_block(desk.say("text")).locator("[contenteditable=true]").last.click()
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


@in_every_window
def test_an_event_is_made_with_its_picture_and_stands_in_the_calendar(
    open_desk: OpenDesk, window: OpenWindow, language: str, width: int, scheme: str
) -> None:
    title = f"Rondgang langs de slimme kruispunten {language} {width} {scheme}"
    day = timezone.localdate() + timedelta(days=3)
    drawn = BytesIO()
    size = (1200 + width, 1200 + LANGUAGES.index(language))  # of its own: Wagtail asks about a second one
    Image.new("RGB", size, "teal" if scheme == "light" else "navy").save(drawn, "PNG")
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
    page.get_by_role("button", name=desk.say("picture")).first.click()
    page.get_by_role("tab", name=desk.say("upload")).click()
    picture = {"name": "kruispunt.png", "mimeType": "image/png", "buffer": drawn.getvalue()}
    page.locator("#id_image-chooser-upload-file").set_input_files(picture)  # type: ignore[arg-type]
    page.locator("#id_image-chooser-upload-title").fill("Een kruispunt")
    page.locator("form[action*=create] button[type=submit]").click()
    expect(page.locator("[id^=panel-child][id*=picture] img")).to_be_visible()
    assert_accessible(page)
    address = desk.publish(title)

    visitor = window(width=width, scheme=scheme)
    visitor.goto(address)
    expect(visitor.locator("main")).to_contain_text("Stationsplein, Gent")
    expect(visitor.locator("main img").first).to_be_visible()
    assert_accessible(visitor)
    visitor.goto("/nl/agenda/?state=open")
    expect(visitor.locator("main")).to_contain_text(title)
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
