from cms.search.plain import join_pieces, pieces
from home.models import ContentPage


def said(*body):
    block = ContentPage._meta.get_field("body").stream_block
    stream = block.to_python([{"type": name, "value": value} for name, value in body])
    return list(pieces(block, stream))


def test_each_paragraph_and_each_point_stands_by_itself_behind_its_heading():
    assert said(
        ("heading", "Voor wie"),
        (
            "paragraph",
            "<p>Voor <b>steden</b> &amp; dorpen,<br/>klein en groot.</p><ul><li>Eén</li><li>Twee</li></ul>",
        ),
        ("paragraph", "<h3>Hoe werkt het?</h3><p>Zo.</p>"),
        ("key_figures", {"items": [{"value": "75", "label": "bedrijven"}]}),
        ("questions", {"items": [{"question": "Wat kost het?", "answer": "<p>Niets.</p><p></p>"}]}),
        ("heading", "Tot slot"),
    ) == [
        "Voor wie: Voor steden & dorpen, klein en groot.",
        "Eén",
        "Twee",
        "Hoe werkt het? Zo.",
        "75",
        "bedrijven",
        "Wat kost het?",
        "Niets.",
        "Tot slot:",
    ]


def test_a_dot_stands_between_pieces_where_no_sentence_ends():
    assert join_pieces(["Stad Genk", "", " Gent ", "Wat kost het?", "(Niets.)", "Tot slot:", "Zo", "…"]) == (
        "Stad Genk · Gent · Wat kost het? (Niets.) Tot slot: Zo · …"
    )
    assert join_pieces([]) == ""
