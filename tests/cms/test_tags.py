"""The kernel's filters for templates, on their own."""

import pytest
from django.utils.safestring import mark_safe
from django.utils.translation import override

from cms.templatetags.site import file_size, fit, held, in_language


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p>Uw e-mailadres.</p>", '<p>Uw <span class="held">e-mailadres</span>.</p>'),
        ("Factuur 2026-00087", 'Factuur <span class="held">2026-00087</span>'),
        ("proef-nl@demo.example", '<span class="held held-long">proef-nl@demo.example</span>'),
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
        assert (in_language("en"), in_language("nl"), in_language("")) == ("in het Engels", "", "")
    with override("en"):
        assert in_language("nl") == "in Dutch"


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
