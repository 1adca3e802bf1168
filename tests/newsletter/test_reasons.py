"""Why a paper is here: in words, and whether that is the reader's own."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.newsletter.corpus import Attention
from recommender.newsletter.reasons import (
    CLOSE_REASON,
    Reason,
    followed_reason,
    reason_in_words,
    trend_in_words,
)
from recommender.newsletter.wish_index import WishMatch

TRENDING = Attention(57, 2, date(2026, 3, 1), "AK", 29)


@pytest.mark.parametrize(
    ("digests", "rank", "words"),
    [
        (1, 7, "trending: number 7 in the digest of Mar 1"),
        (1, 11, "trending: in the digest of Mar 1"),
        (3, 10, "trending: in 3 digests, number 10 in the newest"),
        (3, 29, "trending: in 3 digests"),
    ],
)
def test_public_attention_in_words(digests: int, rank: int, words: str) -> None:
    attention = Attention(57, digests, date(2026, 3, 1), "AK", rank)
    assert trend_in_words(attention) == words


@pytest.mark.parametrize(
    ("personal", "by_interest", "words", "is_personal"),
    [
        ("like “One”: graph", True, "like “One”: graph", True),
        (None, True, CLOSE_REASON, True),
        ("like “One”: graph", False, "like “One”: graph; trending: in 2 digests", True),
        (None, False, "trending: in 2 digests", False),
    ],
)
def test_a_reason_is_personal_where_it_names_something_of_the_reader(
    personal: str | None, *, by_interest: bool, words: str, is_personal: bool
) -> None:
    assert Reason(words, is_personal) == reason_in_words(
        personal, TRENDING, by_interest=by_interest
    )


@pytest.mark.parametrize(
    ("personal", "by_interest", "words"),
    [
        ("like “One”: graph", True, "for your interest chemistry; like “One”: graph"),
        ("you said you like: chemistry", True, "you said you like: chemistry"),
        (None, True, CLOSE_REASON),
        (None, False, "trending: in 2 digests"),
    ],
)
def test_the_name_of_an_interest_is_told_where_it_says_more(
    personal: str | None, *, by_interest: bool, words: str
) -> None:
    reason = reason_in_words(personal, TRENDING, by_interest=by_interest, interest_name="chemistry")
    assert reason.words == words


def test_reason_begins_with_what_is_followed_and_is_personal_by_that() -> None:
    trending = Reason("trending: in 2 digests", is_personal=False)

    assert followed_reason(WishMatch("author", "Jane Doe"), trending) == Reason(
        "you follow Jane Doe; trending: in 2 digests", is_personal=True
    )
