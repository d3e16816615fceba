"""The back office as an editor finds it: the words on it, and what she does there."""

import re
from collections.abc import Callable

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.browser.pages import assert_accessible, audit_once, log_in

EDITOR = "redactie@demo.example"
SAVED_TOO_EARLY = ("/admin/pages/add/", "/edit/")
"""Wagtail may save by itself while one writes, and is told what is still missing."""
LANGUAGES = ("nl", "en")
WORDS = {
    english: dict(zip(LANGUAGES, words, strict=True))
    for english, *words in (
        ("below", "Bekijk de onderliggende pagina's van '{}'", "Explore child pages of '{}'"),
        ("add", "Voeg onderliggende pagina toe", "Add child page"),
        ("event", "Activiteit", "Event"),
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
        log_in(page, EDITOR, then="/admin/")
        page.goto("/admin/account/")
        audit_once(page)
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
        audit_once(self.page)

    def add_below(self, section: str, kind: str = "") -> None:
        """Start a page below a section."""
        self.go_below(section)
        self.page.get_by_role("link", name=self.say("add")).first.click()
        if kind:
            audit_once(self.page)
            self.page.locator("main").get_by_role("link", name=kind).first.click()
        expect(self.page.locator("#id_title")).to_be_visible()

    def add_block(self, name: str) -> Locator:
        """Add a block at the end of the body and return it, once it stands there."""
        body = self.page.locator("[data-contentpath=body]")
        blocks = body.locator("[data-streamfield-child]")
        there = blocks.count()
        body.locator(f"button[title='{self.say('insert')}']").last.click()
        self.page.get_by_role("option", name=name, exact=True).click()
        expect(blocks).to_have_count(there + 1)  # until then, the only field is the one that searches blocks
        return blocks.nth(there)

    def choose_picture(self) -> None:
        """Open the window to upload a picture in."""
        button = self.page.get_by_role("button", name=self.say("picture")).first
        upload = self.page.get_by_role("tab", name=self.say("upload"))
        button.click()
        try:
            expect(upload).to_be_visible(timeout=8000)
        except AssertionError:  # on a busy machine a first click has opened nothing
            button.click()
        expect(self.page.get_by_role("dialog").get_by_role("tabpanel").first).to_be_visible()
        upload.click()

    def preview(self) -> FrameLocator:
        """Show or hide how the page will look."""
        self.page.get_by_role("button", name=self.say("preview")).click()
        return self.page.frame_locator("iframe").first

    def publish(self, title: str) -> str:
        """Publish what stands there and return its address on the site."""
        self.page.get_by_role("button", name=self.say("more")).click()
        self.page.get_by_role("button", name=self.say("publish"), exact=True).click()
        message = self.page.locator(".messages")
        published = re.compile(f"'{title}' .*{self.say('published')}")
        expect(message).to_contain_text(published, timeout=60_000)
        assert_accessible(self.page)
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
