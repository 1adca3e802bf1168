"""Why a paper fits: exact shares of each term, and honest words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import Paper, Rating, TermRating
from recommender.interests.community import CommunityMap
from recommender.interests.evidence import gather_evidence
from recommender.interests.explanation import Explanation, explain, find_grounds, shown_words
from recommender.interests.paper_index import PaperIndex, index_papers
from recommender.interests.parameters import InterestParameters
from recommender.interests.terms import words_of

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
RATINGS = st.lists(
    st.builds(Rating, st.integers(1, 10), st.sampled_from([-1, 0, 1]), st.booleans(), st.just(NOW)),
    unique_by=lambda rating: rating.paper_id,
)
INTERESTS = st.sampled_from(["", "graph neural networks, speech"])
Explain = Callable[..., Explanation]
Reason = Callable[..., str | None]


def likes(*paper_ids: int) -> list[Rating]:
    return [Rating(paper_id, 1, False, NOW) for paper_id in paper_ids]


def in_community(index: PaperIndex) -> PaperIndex:
    """Place the papers anywhere in three dimensions."""
    random = np.random.default_rng(4)
    components = random.normal(size=(len(index.space.columns_), 3)).astype(np.float32)
    offset = random.normal(size=3).astype(np.float32)
    return replace(index, community=CommunityMap().restore(components, offset))


@pytest.fixture(scope="module", params=[0.0, 0.7], ids=["terms alone", "with a community"])
def communal(index: PaperIndex, request: Any) -> tuple[PaperIndex, InterestParameters]:
    """Return papers, and what their community counts; the last one has no words."""
    wordless = Paper(11, "The", "", (), None, None, None, None, NOW)
    every = index_papers([*index.papers, wordless])
    return in_community(every), InterestParameters(community_weight=request.param)


@pytest.fixture(scope="module")
def explained(fitted: Callable[..., Any]) -> Explain:
    def explained(index: PaperIndex, paper_id: int, ratings: list[Rating]) -> Explanation:
        return fitted(index, ratings).explained(paper_id)

    return explained


@pytest.fixture(scope="module")
def reason(fitted: Callable[..., Any]) -> Reason:
    def reason(
        index: PaperIndex, paper_id: int, ratings: list[Rating], interests: str = ""
    ) -> str | None:
        return fitted(index, ratings, interests).reason(paper_id)

    return reason


@given(RATINGS, INTERESTS, st.sampled_from([(), (TermRating("speech", "speech", -1, NOW),)]))
def test_contributions_and_intercept_sum_to_the_decision(
    communal: tuple[PaperIndex, InterestParameters],
    fitted: Callable[..., Any],
    ratings: list[Rating],
    interests: str,
    terms: tuple[TermRating, ...],
) -> None:
    """Of every paper, by every head."""
    index, parameters = communal
    fit = fitted(index, ratings, interests, terms=terms, parameters=parameters)
    decisions = fit.models.decision_function(fit.papers)
    for row, head in np.ndindex(*decisions.shape):
        explanation = explain(index, fit.models, head, row)
        total = explanation.intercept + sum(explanation.contributions.values())
        assert total == pytest.approx(explanation.decision, abs=1e-6)
        assert total == pytest.approx(decisions[row, head], abs=1e-6)


def test_two_heads_explain_each_its_own_decision(fitted: Callable[..., Any]) -> None:
    """Six papers of each of two subjects are two heads, with a community too."""
    titles = [
        f"{one}{number} {other}"
        for one, other in (("graph", "molecule pruning"), ("speech", "noise transducer"))
        for number in range(6)
    ]
    titles += [f"other{number} thing{number}" for number in range(60)]
    papers = [
        Paper(number, title, "", (), None, None, None, None, NOW)
        for number, title in enumerate(titles, start=1)
    ]
    index = in_community(index_papers(papers))
    fit = fitted(index, likes(*range(1, 13)), parameters=InterestParameters(community_weight=0.3))
    assert len(fit.interest.heads) == 2
    decisions = fit.models.decision_function(fit.papers)
    for head in fit.interest.heads:
        explanations = [explain(index, fit.models, head, row) for row in range(len(papers))]
        for explanation, decision in zip(explanations, decisions[:, head], strict=True):
            total = explanation.intercept + sum(explanation.contributions.values())
            assert total == pytest.approx(explanation.decision, abs=1e-6)
            assert total == pytest.approx(decision, abs=1e-6)


@given(RATINGS)
def test_words_shown_are_of_terms_that_carried(
    communal: tuple[PaperIndex, InterestParameters],
    fitted: Callable[..., Any],
    ratings: list[Rating],
) -> None:
    index, parameters = communal
    fit = fitted(index, ratings, parameters=parameters)
    for paper_id in range(1, 12) if fit.interest.heads else ():
        reason = fit.reason(paper_id)
        if reason is not None:
            contributions = fit.explained(paper_id).contributions
            for phrase in reason.rpartition("”: ")[2].split(", "):
                carried = [contributions[word] > 0 for word in words_of(phrase)]
                assert 2 * sum(carried) > len(carried)


def test_community_carries_what_shares_no_word(
    index: PaperIndex, fitted: Callable[..., Any]
) -> None:
    """Speech is as near to graphs as can be in this community, so its terms carry."""
    terms = index.space.columns_
    alike = [float(term in {"graph", "speech"}) for term in terms]
    components = np.array([alike], dtype=np.float32).T
    community = CommunityMap().restore(components, np.array([0.1], dtype=np.float32))
    joined = replace(index, community=community)
    parameters = InterestParameters(community_weight=1.0)
    with_community = fitted(joined, likes(1), parameters=parameters).explained(7)
    alone = fitted(index, likes(1)).explained(7)
    assert alone.contributions["speech"] <= 0
    assert with_community.contributions["speech"] > 0
    assert with_community.decision > alone.decision


def test_grounds_are_the_nearest_of_each_kind(index: PaperIndex) -> None:
    """Pieces: liked papers 2 and 7, disliked 3, a rated term, phrases "speech" and "protein"."""
    ratings = [*likes(2, 7), Rating(3, -1, False, NOW)]
    terms = [TermRating("graph", "graph", 1, NOW)]
    evidence = gather_evidence(index, ratings, "speech, protein", terms=terms)
    cosines = np.array([[0.3, 0.5, 0.2, 0.9, 0.1, 0.6], [0.8, 0.5, 0.9, 0.9, 0.4, 0.2]])
    first, second = find_grounds(evidence, cosines, chance=0.01)
    assert (first.nearest, first.nearest_similarity) == (6, 0.5)
    assert (first.phrase, first.phrase_similarity) == ("protein", 0.6)
    assert first.disliked_similarity == 0.2
    assert (first.is_near, first.is_stated) == (True, True)
    assert (second.nearest, second.nearest_similarity) == (1, 0.8)
    assert (second.is_near, second.is_stated) == (False, False)


def test_there_are_no_grounds_without_evidence(index: PaperIndex) -> None:
    (grounds,) = find_grounds(gather_evidence(index, []), np.zeros((1, 0)), chance=0.01)
    assert (grounds.nearest, grounds.phrase) == (None, None)
    assert (grounds.is_near, grounds.is_stated) == (False, False)


def test_every_term_of_the_paper_contributes_largest_first(
    index: PaperIndex, explained: Explain
) -> None:
    contributions = explained(index, 2, likes(1)).contributions
    assert set(contributions) == {
        *("graph", "neural", "network", "pruning"),
        *("graph neural", "neural network", "pruning graph"),
    }
    assert list(contributions.values()) == sorted(contributions.values(), reverse=True)


def test_nearest_liked_paper_is_named_with_the_words_shared(
    index: PaperIndex, reason: Reason
) -> None:
    assert reason(index, 2, likes(1, 7)) == (
        "like “Graph Neural Networks for Molecules”: graph neural networks"
    )


def test_stated_interest_is_named_in_their_own_words(index: PaperIndex, reason: Reason) -> None:
    assert reason(index, 5, [], "Protein folding, speech") == "you said you like: Protein folding"


def test_one_word_of_a_stated_phrase_is_not_the_phrase(fitted: Callable[..., Any]) -> None:
    titles = ["Folding Agents", "Protein Design", "Speech", "Vision"]
    index = index_papers(
        [Paper(at, title, "", (), None, None, None, None, NOW) for at, title in enumerate(titles)]
    )
    fit = fitted(index, [], "protein folding")
    assert fit.explained(0).decision > 0
    assert fit.reason(0) is None


def test_dislikes_are_no_reason(index: PaperIndex, reason: Reason) -> None:
    disliked = [Rating(1, -1, False, NOW)]
    assert [reason(index, paper_id, disliked) for paper_id in range(1, 11)] == [None] * 10


def test_paper_nearer_to_a_disliked_one_has_no_reason(index: PaperIndex, reason: Reason) -> None:
    """Paper 2 shares a whole phrase with 3, and a word with 4."""
    assert reason(index, 2, likes(4)) is not None
    assert reason(index, 2, [*likes(3), Rating(4, -1, False, NOW)]) is not None
    assert reason(index, 2, [*likes(4), Rating(3, -1, False, NOW)]) is None


def test_paper_unlike_all_that_was_liked_has_no_reason(index: PaperIndex, reason: Reason) -> None:
    assert reason(index, 7, likes(1)) is None


def test_title_that_was_liked_is_named_as_it_is_shown(reason: Reason) -> None:
    titles = [r"\emph{Graphs} in $\mathcal{O}(n^2)$", "On Graphs", "Speech", "Speech"]
    papers = [
        Paper(at, title, "", (), None, None, None, None, NOW)
        for at, title in enumerate(titles, start=1)
    ]
    assert reason(index_papers(papers), 2, likes(1)) == "like “Graphs in O(n²)”: graphs"


def test_long_title_is_shortened_between_words(reason: Reason) -> None:
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
