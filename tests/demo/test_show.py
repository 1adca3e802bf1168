"""What the demo prints at the end says which places were earned and which were drawn."""

from __future__ import annotations

from recommender.demo.loop import ADA, BEN, Places, Story
from recommender.demo.show import _table


def test_table_tells_explored_papers_from_places_that_followed_the_ratings() -> None:
    story = Story((Places(ADA, 1, (3,), (1, 4), explored=(2,)), Places(BEN, 0, (3,), ())))
    lines = _table(story).splitlines()
    assert lines[-3].split() == [ADA, "3", "1,", "2*,", "4"]
    assert lines[-2].split() == [BEN, "3", "none"]
    assert (
        lines[-1].strip()
        == "* outside the usual topics: drawn to learn what the reader likes, not ranked"
    )


def test_table_without_tries_explains_none() -> None:
    assert "usual topics" not in _table(Story((Places(BEN, 0, (3,), (5,)),)))
