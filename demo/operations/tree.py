"""What stands where in the demo's page tree."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from cms.models import SitePage
from demo.data_files import read, read_folder
from events.models import ActivityFacts, EventIndexPage, EventPage, FocusGroupPage, MasterclassPage
from extranet.models import LibraryPage, MemberHomePage
from home.models import (
    ArticlePage,
    ContactFormField,
    ContactPage,
    ContentPage,
    NewsIndexPage,
    PeoplePage,
    Person,
)
from matchmaking.models import CallIndexPage, CallPage, CaseIndexPage, CasePage
from membership.models import MembershipPage, MembersPage
from newsletters.models import NewsletterPage

if TYPE_CHECKING:
    from demo.operations.site import SiteBuilder

HOLIDAYS = ((1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25))

FIXED_PAGES: dict[str, type[SitePage]] = {
    "about": ContentPage,
    "approach": ContentPage,
    "reference-model": ContentPage,
    "domains": ContentPage,
    "people": PeoplePage,
    "events": EventIndexPage,
    "calls": CallIndexPage,
    "cases": CaseIndexPage,
    "news": NewsIndexPage,
    "membership": MembershipPage,
    "members": MembersPage,
    "newsletter": NewsletterPage,
    "contact": ContactPage,
    "code-of-conduct": ContentPage,
    "privacy": ContentPage,
    "accessibility": ContentPage,
}
ACTIVITY_PAGES: dict[str, type[SitePage]] = {
    ActivityFacts.Kind.FOCUS_GROUP: FocusGroupPage,
    ActivityFacts.Kind.MASTERCLASS: MasterclassPage,
}
CONTACT_FIELDS = [
    {"clean_name": "naam", "field_type": "singleline", "label_nl": "Naam", "label_en": "Name"},
    {"clean_name": "email", "field_type": "email", "label_nl": "E-mailadres", "label_en": "E-mail address"},
    {"clean_name": "bericht", "field_type": "multiline", "label_nl": "Bericht", "label_en": "Message"},
]


def add_fixed_pages(builder: SiteBuilder, home: SitePage) -> dict[str, SitePage]:
    """Add the pages under the home page, one of each."""
    sections = {}
    for key, page_type in FIXED_PAGES.items():
        data = {"key": key, **read(f"pages/{key}.toml")}
        sections[key] = page = builder.add(home, page_type, data)
        if isinstance(page, PeoplePage):
            _add_people(page, data)
        if isinstance(page, ContactPage):
            _add_form(page, data)
    return sections


def link_policies(sections: dict[str, SitePage]) -> None:
    """Tell the membership page what who joins accepts."""
    membership = sections["membership"]
    membership.code_of_conduct = sections["code-of-conduct"]
    membership.privacy_statement = sections["privacy"]


def add_member_zone(builder: SiteBuilder, home: SitePage) -> None:
    """Add the member home, which closes itself to visitors, and the library below it."""
    zone = builder.add(home, MemberHomePage, {"key": "member-home", **read("pages/member-home.toml")})
    builder.add(zone, LibraryPage, {"key": "library", **read("pages/library.toml")})


def _add_people(page: PeoplePage, data: dict[str, Any]) -> None:
    for position, row in enumerate(data["person"]):
        page.people.add(
            Person(
                name=row["name"],
                role=row["role_nl"],
                bio=row["bio_nl"],
                locale=page.locale,
                sort_order=position,
            )
        )
    data["children_en"] = {
        "people": [{"role": row["role_en"], "bio": row["bio_en"]} for row in data["person"]]
    }


def _add_form(page: ContactPage, data: dict[str, Any]) -> None:
    data["nl"].setdefault("thanks", "Bedankt voor uw bericht. U krijgt binnen drie werkdagen een antwoord.")
    data["en"].setdefault(
        "thanks", "Thank you for your message. You will receive an answer within three working days."
    )
    data["nl"].setdefault("subject", "Vraag via de website")
    data["en"].setdefault("subject", "Question through the website")
    page.to_address = "team@demo.example"
    for position, row in enumerate(CONTACT_FIELDS):
        page.form_fields.add(
            ContactFormField(
                clean_name=row["clean_name"],
                field_type=row["field_type"],
                label=row["label_nl"],
                locale=page.locale,
                sort_order=position,
            )
        )
    data["children_en"] = {"form_fields": [{"label": row["label_en"]} for row in CONTACT_FIELDS]}


def add_articles(builder: SiteBuilder, index: SitePage) -> None:
    """Add the news, each on its day before the day of loading."""
    for data in read_folder("articles"):
        day = timezone.localdate(builder.at) - timedelta(days=data["published_days_ago"])
        builder.add(index, ArticlePage, data, published_on=day)


def add_calls(builder: SiteBuilder, index: SitePage) -> None:
    """Add the calls, with deadlines counted from the day of loading."""
    for data in read_folder("calls"):
        facts = {name: data[name] for name in ("kind", "funder_nl", "funder_en")}
        builder.add(
            index,
            CallPage,
            data,
            **facts,
            budget_eur=data.get("budget_eur"),
            official_url=data.get("url", ""),
            opens_at=_moment(builder, data["opens_in_days"], "00:00"),
            closes_at=_moment(builder, data["closes_in_days"], data["deadline_time"]),
        )


def add_cases(builder: SiteBuilder, index: SitePage) -> None:
    """Add the plan's seven realisations."""
    for data in read_folder("cases"):
        builder.add(
            index,
            CasePage,
            data,
            partners="\n".join(data["partners"]),
            place=data.get("place", ""),
            year_from=data.get("year_from"),
            state=data["state"],
        )


def add_activities(builder: SiteBuilder, index: SitePage) -> None:
    """Add a year of activities; what would fall in a weekend or on a holiday moves to a working day."""
    for data in read("activities.toml")["activity"]:
        for language in ("nl", "en"):
            if language in data:
                data[language]["title"] = data[f"name_{language}"]
        closes_at = _moment(builder, -1, "12:00") if data["state"] == "closed" else None
        builder.add(
            index,
            ACTIVITY_PAGES.get(data["kind"], EventPage),
            data,
            kind=data["kind"],
            starts_at=_moment(builder, data["day"], data["start"]),
            ends_at=_moment(builder, data["day"], data["end"]),
            place=data["place"],
            is_online=data.get("is_online", False),
            capacity=data.get("capacity"),
            signup_closes_at=closes_at,
        )


def _moment(builder: SiteBuilder, days: int, clock: str) -> datetime:
    day = timezone.localdate(builder.at) + timedelta(days=days)
    while is_free(day):
        day += timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, time.fromisoformat(clock)))


def is_free(day: date) -> bool:
    """Whether nobody works in Belgium: weekends, fixed days, Easter and Whit Monday, Ascension."""
    since_easter = (day - _easter(day.year)).days
    return day.weekday() >= 5 or (day.month, day.day) in HOLIDAYS or since_easter in (1, 39, 50)


def _easter(year: int) -> date:
    """Easter Sunday, by Gauss as Lichtenberg put it right."""
    century = year // 100
    moon = 15 + (3 * century + 3) // 4 - (8 * century + 13) // 25
    sun = 2 - (3 * century + 3) // 4
    golden = year % 19
    germ = (19 * golden + moon) % 30
    limit = 21 + germ - (germ // 29 + (germ // 28 - germ // 29) * (golden // 11))
    sunday = 7 - (year + year // 4 + sun) % 7
    return date(year, 3, 1) + timedelta(days=limit + 7 - (limit - sunday) % 7 - 1)
