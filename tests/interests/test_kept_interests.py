"""An interest that its reader spoke of is known again by its papers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import InterestState, KeptInterest, Paper, Rating, TermRating
from recommender.interests.evidence import gather_evidence
from recommender.interests.kept_interests import find_silent, match_kept
from recommender.interests.paper_index import PaperIndex, index_papers

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
SINCE = NOW + timedelta(days=1)
GRAPHS, SPEECH = frozenset(range(1, 7)), frozenset(range(7, 13))


def kept(*papers: int, number: int = 1, said_at: datetime = NOW) -> KeptInterest:
    return KeptInterest(number, "", "", InterestState.ACTIVE, frozenset(papers), said_at)


def matched(
    some: list[KeptInterest], *groups: set[int], since: tuple[int, ...] = ()
) -> dict[int, int]:
    """Return which group is which interest; papers of ``since`` were liked after it was kept."""
    moments = {paper: SINCE if paper in since else NOW for group in groups for paper in group}
    return {at: each.id for at, each in match_kept(some, groups, moments).items()}


def test_an_interest_is_the_group_that_has_most_of_its_papers() -> None:
    assert matched([kept(1, 2, 3)], {4, 5}, {1, 2, 3}) == {1: 1}
    assert matched([kept(1, 2, 3)], {1, 2}, {3, 4}) == {0: 1}


def test_an_interest_that_was_cut_in_halves_is_neither() -> None:
    assert matched([kept(1, 2, 3, 4)], {1, 2}, {3, 4}) == {}


def test_what_was_liked_since_may_have_joined_it() -> None:
    grown = {1, 2, 3, *range(10, 40)}
    assert matched([kept(1, 2, 3)], grown, since=tuple(range(10, 40))) == {0: 1}


def test_an_interest_that_is_a_small_part_of_a_group_is_not_it() -> None:
    assert matched([kept(1, 2, 3)], {1, 2, 3, 10, 11, 12}) == {}
    assert matched([kept(1, 2, 3)], {1, 2, 3, 10, 11}) == {0: 1}


def test_what_is_liked_no_more_does_not_count_against_it() -> None:
    assert matched([kept(1, 2, 3, 4, 5)], {4, 5}, {6, 7}) == {0: 1}
    assert matched([kept(1, 2)], {3, 4}) == {}


def test_of_two_that_fit_the_one_that_agrees_most_is_it_and_then_the_newer() -> None:
    older, newer = kept(1, 2, 3, number=1), kept(1, 2, 3, number=2, said_at=SINCE)
    assert matched([newer, older], {1, 2, 3}) == {0: 2}
    assert matched([kept(1, 2, number=1), kept(1, 2, 3, number=2)], {1, 2, 3}) == {0: 2}


papers = st.sets(st.integers(1, 12), max_size=12)


@given(st.lists(papers, max_size=4), st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_each_interest_is_one_group_at_most(interests: list[set[int]], places: list[int]) -> None:
    groups = [{paper for paper in range(1, 13) if places[paper - 1] == at} for at in range(4)]
    found = matched([kept(*some, number=at) for at, some in enumerate(interests)], *groups)
    assert len(set(found.values())) == len(found)


@pytest.fixture(scope="module")
def index(make_papers: Callable[[list[str]], list[Paper]]) -> PaperIndex:
    """Six papers of graphs, six of speech, and sixty of anything else."""
    subjects = ["graph molecules"] * 6 + ["speech transducers"] * 6
    titles = [f"{words} of rest{number}" for number, words in enumerate(subjects)]
    return index_papers(make_papers([*titles, *(f"other{at} thing{at}" for at in range(60))]))


def silent(index: PaperIndex, interest: KeptInterest, *, liked: frozenset[int], **told: Any) -> Any:
    said = [Rating(each, 1, False, SINCE if each in (6, 12) else NOW) for each in sorted(liked)]
    evidence = gather_evidence(index, said, **told)
    liked_at = {each.paper_id: each.rated_at for each in said}
    return find_silent(index, evidence, [interest], liked_at=liked_at)


def test_a_paused_interest_silences_its_papers_and_what_joined_it_since(index: PaperIndex) -> None:
    found = silent(index, kept(1, 2, 3, 4, 5), liked=GRAPHS | SPEECH)
    assert found.papers == GRAPHS


def test_where_it_is_told_apart_no_more_its_own_papers_alone_are_silent(index: PaperIndex) -> None:
    found = silent(index, kept(1, 2), liked=GRAPHS)
    assert found.papers == {1, 2}
    assert (found.terms, found.phrases) == (frozenset(), frozenset())


def test_words_are_silent_that_are_about_it_and_not_about_another(index: PaperIndex) -> None:
    found = silent(
        index,
        kept(*GRAPHS),
        liked=GRAPHS | SPEECH,
        interests="graph molecules, speech, other7",
        terms=[TermRating(term, term, 1, NOW) for term in ("molecule", "transducer")],
    )
    assert found.phrases == {"graph molecules"}
    assert found.terms == {"molecule"}


def test_words_of_something_else_are_not_silent_where_all_that_is_liked_is(
    index: PaperIndex,
) -> None:
    found = silent(index, kept(*GRAPHS), liked=GRAPHS, interests="graph molecules, speech, other7")
    assert found.papers == GRAPHS
    assert found.phrases == {"graph molecules"}


def test_nothing_is_silent_of_what_is_liked_no_more(index: PaperIndex) -> None:
    found = silent(index, kept(1, 2), liked=frozenset(), interests="speech")
    assert found.phrases == frozenset()
