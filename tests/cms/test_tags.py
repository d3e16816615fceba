"""The kernel's filters for templates, on their own."""

import pytest
from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import override

from cms.models import Term
from cms.templatetags.site import by_kind, file_size, fit, held, in_language, of_field


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p>Uw e-mailadres.</p>", '<p>Uw <span class="held">e-mailadres</span>.</p>'),
        ("authenticator-app", '<span class="held">authenticator-app</span>'),
        ("Factuur 2026-00087", 'Factuur <span class="held">2026-00087</span>'),
        ("proef-nl@demo.example", '<span class="held held-long">proef-nl@demo.example</span>'),
        ("penningmeester@demo.example", "penningmeester@demo.example"),
        ("privacy@slimmestedenvlaanderen.example", "privacy@<wbr>slimmestedenvlaanderen.example"),
        ("een-woord-dat-langer-is-dan-een-regel", "een-woord-dat-langer-is-dan-een-regel"),
        ('<a href="/x-y/" title="e-mail">hier</a>', '<a href="/x-y/" title="e-mail">hier</a>'),
        ('<a class="button" href="/">e-mail</a>', '<a class="button" href="/">e-mail</a>'),
        ("<label><input> e-mail</label>", "<label><input> e-mail</label>"),
        ("<textarea>e-mail</textarea>", "<textarea>e-mail</textarea>"),
        ("14.00 - 17.00", "14.00 - 17.00"),
    ],
)
def test_no_line_ends_at_the_hyphen_of_a_word(html: str, shown: str) -> None:
    assert held(mark_safe(html)) == shown


def test_plain_text_is_escaped() -> None:
    assert held("<b>e-mail") == '&lt;b&gt;<span class="held">e-mail</span>'


def test_another_language_is_said_in_the_visitors_own() -> None:
    with override("nl"):
        assert (in_language("en"), in_language("nl"), in_language("")) == ("In het Engels", "", "")
    with override("en"):
        assert in_language("nl") == "In Dutch"


def test_a_line_of_the_summary_names_its_field_unless_it_asks_for_it() -> None:
    class Sample(forms.Form):
        named = forms.EmailField(label="e-mail address", error_messages={"required": "Enter your address."})
        plain = forms.CharField(label="place")
        tick = forms.BooleanField(error_messages={"required": "Tick this box."})

    with override("en"):
        form = Sample({})
        said = [of_field(str(error), field) for field in form for error in field.errors]
        wrong = Sample({"named": "x"})["named"]
        said += [of_field(str(error), wrong) for error in wrong.errors]
        said.append(of_field("This Place is closed.", form["plain"]))
    assert said == [
        "Enter your address.",
        "Place: This field is required.",
        "Tick this box.",
        "E-mail address: Enter a valid email address.",
        "This Place is closed.",
    ]


def test_a_file_in_another_language_says_so_before_its_size() -> None:
    words = {"url": "/x", "title": "Plan", "kind": "pdf", "size": 17_101, "language": "en", "text": "Kort."}
    with override("nl"):
        shown = render_to_string("components/download.html", words)
        assert "In het Engels, 16,7\N{NO-BREAK SPACE}kB. Kort." in shown
        shown = render_to_string("components/download.html", words | {"size": 0})
        assert "In het Engels. Kort." in shown


def test_a_size_has_the_unit_of_the_standard() -> None:
    with override("nl"):
        assert file_size(17_100).split() == ["16,7", "kB"]
    assert file_size(None) == ""


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Agenda", ""),
        ("Acceleratieprogramma: start-ups", ' class="word-22"'),
        ("Kort, maar met zoveel woorden dat het intussen heel erg lang geworden is", ' class="long"'),
        ("Meervoudigepersoonlijkheidsstoornissenbehandelingscentrum", ' class="word-32"'),
    ],
)
def test_a_heading_says_what_it_takes_to_fit(title: str, shown: str) -> None:
    assert fit(title) == shown


@pytest.mark.parametrize(
    ("language", "one", "more"),
    [
        ("nl", "Duurzame-ontwikkelingsdoelstelling", "Duurzame-ontwikkelingsdoelstellingen"),
        ("en", "Sustainable Development Goal", "Sustainable Development Goals"),
    ],
)
def test_the_heading_of_subjects_agrees_with_their_number(language: str, one: str, more: str) -> None:
    goals = [Term(kind=Term.Kind.SDG, slug=f"sdg-{number}", number=number) for number in (3, 9)]
    with override(language):
        assert [label for label, _terms in by_kind(goals[:1])] == [one]
        assert [label for label, _terms in by_kind(goals)] == [more]
