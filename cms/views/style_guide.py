"""Shows every component in every state, while the platform is worked on only (`STYLE_GUIDE`)."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.safestring import SafeString
from wagtail.rich_text import RichText

from cms.city import draw_city
from cms.city.signs import SIGNS
from cms.listing import FilterField, ListFilters
from cms.models import SiteImage, Term

LONG_WORD = "Meervoudigepersoonlijkheidsstoornissenbehandelingscentrum"
START = datetime(2026, 12, 3, 14, tzinfo=ZoneInfo("Europe/Brussels"))
STATES = [
    ("open", "Open"),
    ("soon", "Opens later"),
    ("last", "Last places"),
    ("full", "Full"),
    ("closed", "Closed"),
    ("wrong", "Cancelled"),
    ("draft", "Draft"),
]
COLOURS = [
    "paper",
    "paper-lit",
    "paper-shade",
    "ink",
    "ink-soft",
    "hairline",
    "line",
    "signal",
    "good",
    "wrong",
]


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Name of your organisation", help_text="As it stands in the register.")
    enterprise_number = forms.CharField(label="Enterprise number", required=False)
    email = forms.EmailField(label="E-mail address")
    employees = forms.ChoiceField(
        label="Number of employees", choices=[("", "Choose"), ("a", "Fewer than 10"), ("b", "10 to 49")]
    )
    kind = forms.ChoiceField(
        label="What are you?",
        choices=[
            ("company", "A company"),
            ("city", "A city or municipality"),
            ("school", "A knowledge institution"),
        ],
        widget=forms.RadioSelect,
        help_text="The price depends on it.",
    )
    topics = forms.MultipleChoiceField(
        label="What may we write to you about?",
        choices=[("events", "Events"), ("calls", "Calls")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    starts_on = forms.DateField(label="From when?", widget=forms.DateInput(attrs={"type": "date"}))
    message = forms.CharField(label="Message", widget=forms.Textarea, required=False)
    file = forms.FileField(label="Document", required=False)
    agrees = forms.BooleanField(label="We follow the code of conduct")


def style_guide(request: HttpRequest) -> HttpResponse:
    """Show the guide; nothing of it depends on what the database holds but the taxonomy and one image."""
    terms = list(Term.objects.all())
    status = FilterField("status", "Status", STATES[:5])
    audience = FilterField(
        "audience", "Audience", [("all", "Everybody"), ("members", "Members")], is_single=True
    )
    filters = ListFilters(
        QueryDict("q=bridge&status=open&status=last&domain=smart-mobility&page=7"),
        kinds=[Term.Kind.DOMAIN, Term.Kind.LAYER],
        extra=[status, audience],
        text="q",
    )
    return render(
        request,
        "cms/style_guide.html",
        {
            "crumbs": [("Home", "/"), ("The house", "/styleguide/"), (LONG_WORD, "")],
            "colours": COLOURS,
            "domains": [term for term in terms if term.kind == Term.Kind.DOMAIN],
            "layers": [term for term in terms if term.kind == Term.Kind.LAYER],
            "others": [term for term in terms if term.kind not in {Term.Kind.DOMAIN, Term.Kind.LAYER}][:6],
            "all_terms": terms,
            "picture_block": {"image": SiteImage.objects.first(), "caption": "What the picture shows."},
            "states": STATES,
            "filters": filters,
            "listing": filters.paginate(list(range(260)), 10),
            "empty_form": SampleForm(prefix="empty", initial={"employees": "a"}),
            "refused_form": SampleForm({"refused-email": "no-domain@"}, prefix="refused"),
            "long_word": LONG_WORD,
            "start": START,
            "end": START + timedelta(hours=3),
            "later": START + timedelta(days=2),
            "pictures": [SafeString(draw_city({n}, list(SIGNS)[n:], f"{n}")) for n in range(5)],
            "small_pictures": [
                SafeString(draw_city({n, 4 - n}, [], f"{n}", is_small=True)) for n in range(5)
            ],
            **_plain_data(),
        },
    )


def _plain_data() -> dict[str, Any]:
    return {
        "facts": [
            ("Date", "Thursday 3 December 2026"),
            ("Place", "Ghent"),
            ("Room", ""),
            ("Price", "€250.00"),
        ],
        "columns": ["Inform", "Connect", "Cultivate", "Stuurgroep"],
        "rows": [
            ("Fewer than 10 employees", ["€135", "€500", "€1,000", "€2,500"]),
            ("10 to 49", ["€135", "€1,000", "€3,000", "€15,000"]),
            ("250 or more", ["€135", "€3,000", "€10,000", "€15,000"]),
        ],
        "many_columns": [f"From {number * 50} employees" for number in range(12)],
        "wide_rows": [("Yearly fee", [f"€{number},000" for number in range(1, 13)])],
        "compared": [("Events for members", [0, 1, 1, 1]), ("A place in the steering group", [0, 0, 0, 1])],
        "invoice": {
            "customer": ["Lantern Works", "Example Street 1", "9999 Exampletown"],
            "facts": [("Date", "3 December 2026"), ("To be paid by", "2 January 2027")],
            "columns": ["Description", "Quantity", "Price", "VAT", "Amount"],
            "lines": [("Connect membership, 12 months", ["1", "€1,000.00", "21%", "€1,000.00"])],
        },
        "flashed": [
            Message(constants.SUCCESS, "Your details are saved."),
            Message(constants.INFO, "We have sent an e-mail to elif@demo.example."),
            Message(constants.WARNING, "The place was given to somebody else."),
            Message(constants.ERROR, "The code is no longer valid."),
        ],
        "paragraph": RichText("<p>Text of an editor, with a <b>stressed</b> word.</p>"),
        "download_block": {
            "url": "/",
            "title": "Code of conduct",
            "file_extension": "pdf",
            "get_file_size": 248_000,
        },
        "steps": ["Your organisation", "Contact", "Check", "Done"],
        "moments": [
            {"when": "1 September 2026", "label": "Call opens", "tense": "past"},
            {"when": "23 November 2026", "label": "Now open", "text": "Send your idea in.", "tense": "now"},
            {"when": "15 January 2027", "label": "Deadline", "tense": ""},
        ],
        "quote": {"text": "A city is not a market but a client with a memory.", "source": "A councillor"},
        "figures": {"items": [{"value": "75", "label": "companies"}, {"value": "1.250", "label": "lamps"}]},
        "call_to_action": {
            "text": "Is your company at work on light?",
            "link": {"label": "Join", "url": "/"},
        },
        "questions": {"items": [{"question": "What does it cost?", "answer": "<p>See the table.</p>"}]},
        "links": [{"url": "/", "label": "About us"}, {"url": "/", "label": LONG_WORD}],
    }
