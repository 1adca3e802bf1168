"""Ratings are what stands alone on a line; everything else is a person's words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import Vote
from recommender.mail.inbox.reply_ratings import ReplyRatings, read_ratings

UP, DOWN, SAVE = Vote.UP, Vote.DOWN, Vote.SAVE


@pytest.mark.parametrize(
    ("text", "votes"),
    [
        ("+1 +4 -7 *2", [(1, UP), (4, UP), (7, DOWN), (2, SAVE)]),
        ("+1,+4;-7", [(1, UP), (4, UP), (7, DOWN)]),
        ("+10\n-12", [(10, UP), (12, DOWN)]),
        ("–3 −4", [(3, DOWN), (4, DOWN)]),
        ("👍 1 👎2 🔖️3 👍🏿 4", [(1, UP), (2, DOWN), (3, SAVE), (4, UP)]),
        ("Like 1 and 2, 3", [(1, UP), (2, UP), (3, UP)]),
        ("dislike 7\nSAVE 2", [(7, DOWN), (2, SAVE)]),
        ("+1+2", [(1, UP), (2, UP)]),
    ],
)
def test_ratings_are_read(text: str, votes: list[tuple[int, Vote]]) -> None:
    assert ReplyRatings(tuple(votes), wants_receipt=False) == read_ratings(text)


@pytest.mark.parametrize(
    "text",
    [
        "+1 for this",
        "I would +1 that",
        "+49 30 123456",
        "+493012345",
        "-7-2026",
        "- 1",
        "- 1. one",
        "* 2",
        "+0",
        "+100",
        "1",
        "like 1 more than 2",
        "I like 1",
        "> +1",
        "--",
        "---",
        "*bold*",
        "5 * 3",
        "",
    ],
)
def test_words_of_a_person_are_no_ratings(text: str) -> None:
    assert read_ratings(text).votes == ()


def test_receipt_is_asked_for_on_a_line_of_its_own() -> None:
    assert read_ratings("+1\nReceipt.").wants_receipt
    assert not read_ratings("+1\nno receipt please").wants_receipt


@given(st.text())
def test_no_words_make_it_fail(text: str) -> None:
    assert all(1 <= number <= 99 for number, _ in read_ratings(text).votes)


@given(st.lists(st.tuples(st.integers(1, 99), st.sampled_from([UP, DOWN, SAVE])), min_size=1))
def test_what_is_written_by_the_rules_is_read_back(votes: list[tuple[int, Vote]]) -> None:
    sign = {UP: "+", DOWN: "-", SAVE: "*"}
    text = " ".join(f"{sign[choice]}{number}" for number, choice in votes)

    assert tuple(votes) == read_ratings(text).votes
