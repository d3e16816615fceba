"""Forms are printed alike, told in words what is wrong, and linked to the field."""

from decimal import Decimal

import pytest
from crispy_forms.utils import render_crispy_form
from django import forms
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from cms.amounts import say_euro, sign_euro
from cms.forms import LocalDecimalField
from cms.views.style_guide import SampleForm
from tests.html import problems_of


class TickForm(forms.Form):
    """A box that may stay empty."""

    wants_mail = forms.BooleanField(label="Mail me", required=False)


def page(form: str) -> str:
    return f"<!doctype html><html lang=nl><head><title>x</title></head><body><h1>x</h1>{form}</body></html>"


@pytest.mark.parametrize("render", [str, render_crispy_form], ids=["plain", "crispy"])
def test_a_refused_form_links_each_error_to_its_field(render) -> None:
    with override("nl"):
        html = render(SampleForm({"email": "no-domain@", "name": "<script>"}))
    assert problems_of(page(html)) == []
    for field in ("email", "employees", "kind_0", "starts_on", "agrees"):
        assert f'href="#id_{field}"' in html
        assert f'id="id_{field}"' in html
    assert 'href="#id_name"' not in html
    assert "5 fouten in het formulier" in html
    assert "Vul dit veld in." in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_email_error"' in html
    assert "&lt;script&gt;" in html


def test_what_is_optional_is_said_and_help_stands_before_the_field() -> None:
    with override("nl"):
        html = str(SampleForm())
        assert "facultatief" not in str(TickForm())  # whoever may leave a box empty sees that
    assert html.count("(facultatief)") == 4
    assert html.index("As it stands in the register.") < html.index('name="name"')
    assert 'aria-describedby="id_name_helptext"' in html
    assert "error-summary" not in html


def test_an_error_of_the_whole_form_stands_in_the_summary() -> None:
    class Pair(forms.Form):
        first = forms.CharField(required=False)

        def clean(self) -> None:
            raise forms.ValidationError("Choose one of the two.")

    html = str(Pair({}))
    assert "<li>Choose one of the two.</li>" in html


@pytest.mark.parametrize(
    ("language", "typed", "number"),
    [
        ("nl", "125,50", "125.50"),
        ("nl", "125.50", "125.50"),
        ("nl", "1.250", "1250"),
        ("nl", "1.250,5", "1250.5"),
        ("nl", "1,250.50", "1250.50"),
        ("nl", "\N{EURO SIGN}\N{NO-BREAK SPACE}1.250,00", "1250"),
        ("nl", "-1.250,00 euro", "-1250"),
        ("en", "125.50", "125.50"),
        ("en", "125,50", "125.50"),
        ("en", "1,250", "1250"),
        ("en", "1,250.5", "1250.5"),
        ("en", "1.250,50", "1250.50"),
        ("en", " EUR 1 250.00 ", "1250"),
        ("en", ".50", "0.50"),
        ("en", "1,25,000", None),
        ("en", "1.250.00", None),
        ("en", "1,2345", None),
        ("nl", "12,50,00", None),
        ("nl", "1e5", None),
        ("nl", "NaN", None),
        ("nl", "\N{ARABIC-INDIC DIGIT ONE}", None),
        ("nl", "\N{EURO SIGN}", None),
        ("nl", ",", None),
        ("nl", "honderd", None),
    ],
)
def test_an_amount_is_read_as_it_was_meant_or_refused(language: str, typed: str, number: str | None) -> None:
    field = LocalDecimalField()
    with override(language):
        if number is not None:
            assert field.clean(typed) == Decimal(number)
            return
        with pytest.raises(forms.ValidationError) as refused:
            field.clean(typed)
        assert {"nl": "1.250,50", "en": "1,250.50"}[language] in str(refused.value)


@given(
    cents=st.integers(min_value=-(10**11), max_value=10**11),
    written=st.sampled_from(["nl", "en"]),
    read=st.sampled_from(["nl", "en"]),
)
def test_an_amount_with_cents_is_the_same_in_whatever_language_it_is_written(
    cents: int, written: str, read: str
) -> None:
    amount = Decimal(cents) / 100
    with override(written):
        said = [say_euro(amount), sign_euro(amount)]
    with override(read):
        assert [LocalDecimalField(decimal_places=2).clean(each) for each in said] == [amount, amount]
