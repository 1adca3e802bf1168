from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.domain import Paper, Rating
from recommender.interests.evidence import fit_interest, gather_evidence
from recommender.interests.explanation import (
    Explanation,
    explain,
    reason_in_words,
    shown_words,
)
from recommender.interests.paper_index import PaperIndex, index_papers

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
RATINGS = st.lists(
    st.builds(Rating, st.integers(1, 10), st.sampled_from([-1, 0, 1]), st.booleans(), st.just(NOW)),
    unique_by=lambda rating: rating.paper_id,
)


def likes(*paper_ids: int) -> list[Rating]:
    return [Rating(paper_id, 1, False, NOW) for paper_id in paper_ids]


def explained(
    index: PaperIndex, paper_id: int, ratings: list[Rating], interests: str = ""
) -> Explanation:
    evidence = gather_evidence(index, ratings, interests)
    model = fit_interest(index, evidence)
    return explain(index, evidence, model, index.row_of[paper_id])


def reason(
    index: PaperIndex, paper_id: int, ratings: list[Rating], interests: str = ""
) -> str | None:
    explanation = explained(index, paper_id, ratings, interests)
    return reason_in_words(index, explanation, index.row_of[paper_id])


@settings(deadline=None)
@given(RATINGS, st.integers(1, 10), st.sampled_from(["", "graph neural networks, speech"]))
def test_contributions_and_intercept_sum_to_the_decision(
    index: PaperIndex, ratings: list[Rating], paper_id: int, interests: str
) -> None:
    evidence = gather_evidence(index, ratings, interests)
    model = fit_interest(index, evidence)
    row = index.row_of[paper_id]
    explanation = explain(index, evidence, model, row)
    total = explanation.intercept + sum(explanation.contributions.values())
    assert total == pytest.approx(explanation.decision, abs=1e-6)
    assert total == pytest.approx(model.decision_function(index.rows[[row]])[0], abs=1e-6)


def test_every_term_of_the_paper_contributes_largest_first(index: PaperIndex) -> None:
    contributions = explained(index, 2, likes(1)).contributions
    assert set(contributions) == {
        *("graph", "neural", "network", "pruning"),
        *("graph neural", "neural network", "pruning graph"),
    }
    assert list(contributions.values()) == sorted(contributions.values(), reverse=True)


def test_nearest_liked_paper_is_named_with_the_words_shared(index: PaperIndex) -> None:
    assert reason(index, 2, likes(1, 7)) == (
        "like “Graph Neural Networks for Molecules”: graph neural networks"
    )


def test_stated_interest_is_named_in_their_own_words(index: PaperIndex) -> None:
    assert reason(index, 5, [], "Protein folding, speech") == "you said you like: Protein folding"


def test_one_word_of_a_stated_phrase_is_not_the_phrase() -> None:
    titles = ["Folding Agents", "Protein Design", "Speech", "Vision"]
    index = index_papers(
        [Paper(at, title, "", (), None, None, None, None, NOW) for at, title in enumerate(titles)]
    )
    assert explained(index, 0, [], "protein folding").decision > 0
    assert reason(index, 0, [], "protein folding") is None


def test_dislikes_are_no_reason(index: PaperIndex) -> None:
    disliked = [Rating(1, -1, False, NOW)]
    assert [reason(index, paper_id, disliked) for paper_id in range(1, 11)] == [None] * 10


def test_paper_nearer_to_a_disliked_one_has_no_reason(index: PaperIndex) -> None:
    assert reason(index, 2, [*likes(3), Rating(1, -1, False, NOW)]) is not None
    assert reason(index, 2, [*likes(1), Rating(3, -1, False, NOW)]) is None


def test_paper_unlike_all_that_was_liked_has_no_reason(index: PaperIndex) -> None:
    assert reason(index, 7, likes(1)) is None


def test_long_title_is_shortened_between_words() -> None:
    title = "Graphs " + "and more and much more graphs " * 4
    papers = [Paper(at, title, "", (), None, None, None, None, NOW) for at in (1, 2)]
    papers += [Paper(at, "Speech", "", (), None, None, None, None, NOW) for at in (3, 4)]
    assert reason(index_papers(papers), 2, likes(1)) == (
        "like “Graphs and more and much more graphs and more and much more…”: graphs"
    )


def test_words_are_those_of_the_text_neighbours_together_and_none_twice() -> None:
    paper = Paper(
        1,
        "LLMs for Zero-shot Graph Pruning",
        "Pruning LLMs with galaxies.",
        *((), None, None, None, None, NOW),
    )
    contributions = {
        "llm": 0.5,
        "graph": 0.3,
        "pruning": 0.2,
        "graph pruning": 0.4,
        "zero shot": 0.3,
        "zero": 0.1,
        "shot": 0.05,
        "galaxy": 0.3,
    }
    assert shown_words(paper, contributions) == ["graph pruning", "LLMs", "zero-shot"]
    assert shown_words(paper, {"galaxy": 0.3, "zero": 0.9}) == ["galaxies"]
    assert shown_words(paper, {}) == []


def test_word_that_carried_little_beside_the_first_is_not_shown() -> None:
    paper = Paper(1, "Graphs and Galaxies", "", (), None, None, None, None, NOW)
    assert shown_words(paper, {"graph": 1.0, "galaxy": 0.1}) == ["graphs"]
