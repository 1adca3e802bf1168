"""The card is a picture of the size that sites ask for, whatever a list is called."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from recommender import card_drawing
from recommender.card_drawing import HEIGHT, WIDTH, drawn_card


@pytest.fixture(params=[True, False], ids=["fonts", "no-fonts"], autouse=True)
def _machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be on a machine with fonts, if this is one, and on one without."""
    if not request.param:
        monkeypatch.setattr(card_drawing, "_FONTS", ("no-such-font.ttf",))


@pytest.mark.parametrize(
    "name",
    [
        "Trending papers",
        "Für Müller",
        "W" * 200,
        "論文 Ω",
        "<b>&amp;</b>",
        "a\u202eb \N{GRINNING FACE}",
        "",
    ],
)
def test_a_card_is_a_png_of_its_size(name: str) -> None:
    card = Image.open(BytesIO(drawn_card(name, "The papers people talk about")))

    assert (card.format, card.size) == ("PNG", (WIDTH, HEIGHT))


def test_nothing_of_a_long_name_is_cut_off_at_the_edge() -> None:
    card = Image.open(BytesIO(drawn_card("W" * 24, "")))

    edge = card.crop((WIDTH - 40, 0, WIDTH, HEIGHT))
    assert edge.getcolors() == [(40 * HEIGHT, card.getpixel((0, 0)))]


def test_a_card_says_the_name() -> None:
    assert drawn_card("One list", "") != drawn_card("Another list", "")
    assert drawn_card("One list", "this") != drawn_card("One list", "that")
