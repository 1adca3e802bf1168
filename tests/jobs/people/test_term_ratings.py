"""What is shown as learned can be rated, acronyms with their long form included."""

from __future__ import annotations

import pytest

from recommender.jobs.people.term_ratings import WORDS_MAX_CHARACTERS, terms_shown


@pytest.mark.parametrize(
    ("shown", "terms"),
    [
        ("GUI agents", ("gui", "agent", "gui agent")),
        ("low-resource languages", ("low", "resource", "language")),
        (
            "reinforcement learning from human feedback (RLHF)",
            ("reinforcement", "learning", "human", "feedback", "rlhf"),
        ),
        ("large language models (LLMs)", ("language", "model", "llm")),
    ],
)
def test_shown_phrase_rates_its_own_terms_and_no_pair_across_a_parenthesis(
    shown: str, terms: tuple[str, ...]
) -> None:
    rated = terms_shown(shown)
    assert set(terms) <= set(rated)
    assert "feedback rlhf" not in rated
    assert "model llm" not in rated
    assert len(shown) <= WORDS_MAX_CHARACTERS


def test_author_that_is_shown_is_rated_as_one_and_not_by_the_words_of_the_name() -> None:
    assert terms_shown("by Jane A. Doe") == ("by jane doe",)
    assert terms_shown("by …") == ()
