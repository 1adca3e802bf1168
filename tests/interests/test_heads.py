from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from recommender.domain import Digest, Paper, Rating, TermRating
from recommender.interests.background import Background
from recommender.interests.evidence import Evidence, gather_evidence
from recommender.interests.features import Document, FeatureSpace
from recommender.interests.heads import (
    OTHERS_COUNT,
    Heads,
    centred_products,
    chance_likeness,
    split_all,
    split_interests,
    weigh_heads,
)
from recommender.interests.paper_index import PaperIndex, index_papers
from recommender.interests.weighting import TermWeighting

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
TOPICS = 30
PAPERS_PER_TOPIC = 40


def made_up_corpus() -> list[Paper]:
    """Thirty topics of forty papers: of twenty words a paper has eight of its topic's thirty."""
    random = np.random.default_rng(3)
    papers = []
    for topic in range(TOPICS):
        for _ in range(PAPERS_PER_TOPIC):
            own = random.choice(30, 8, replace=False)
            common = random.choice(400, 12, replace=False)
            words = [f"topic{topic}x{word}" for word in own] + [f"common{word}" for word in common]
            title, abstract = " . ".join(words[:2]), " ".join(words[2:])
            number = len(papers) + 1
            papers.append(Paper(number, title, abstract, (), None, None, None, None, NOW))
    return papers


@pytest.fixture(scope="module")
def topics() -> PaperIndex:
    return index_papers(made_up_corpus())


def of_topic(topic: int, count: int) -> list[int]:
    """Return the rows of the first papers of a topic; ids are one more."""
    return list(range(topic * PAPERS_PER_TOPIC, topic * PAPERS_PER_TOPIC + count))


def products_of(rows: sparse.csr_matrix, background: Background) -> np.ndarray:
    centred = rows.toarray().astype(np.float64) - background.mean_
    return centred @ centred.T


def rows_of(index: PaperIndex, evidence: Evidence) -> sparse.csr_matrix:
    papers = index.rows[[*evidence.liked, *evidence.disliked]]
    return sparse.vstack([papers, evidence.words], format="csr")


def cosines_of(index: PaperIndex, evidence: Evidence) -> np.ndarray:
    rows = rows_of(index, evidence)
    return (rows @ rows.T).toarray()


def planned(index: PaperIndex, evidence: Evidence) -> Heads:
    mean = index.background.mean_
    likes = len(evidence.liked)
    cosines = cosines_of(index, evidence)
    products = centred_products(
        cosines[:likes, :likes],
        (rows_of(index, evidence) @ mean)[:likes],
        float(mean @ mean),
    )
    chance = chance_likeness(index.background)
    groups = split_interests(products, evidence.weights[:likes], chance=chance)
    return weigh_heads(evidence, groups, cosines)


def grouped(
    rows: sparse.csr_matrix, background: Background, liked: list[int], weights: object = None
) -> set[frozenset[int]]:
    groups = split_interests(
        products_of(rows[liked], background),
        np.ones(len(liked)) if weights is None else weights,
        chance=chance_likeness(background),
    )
    return {frozenset(liked[like] for like in group) for group in groups}


def interests_in(index: PaperIndex, liked: list[int]) -> set[frozenset[int]]:
    return grouped(index.rows, index.background, liked)


def evidence_of(
    index: PaperIndex, liked: list[int], disliked: list[int] | None = None, stated: str = ""
) -> Evidence:
    said = [Rating(row + 1, 1, False, NOW) for row in liked]
    said += [Rating(row + 1, -1, False, NOW) for row in disliked or []]
    return gather_evidence(index, said, stated)


def test_chance_is_the_spread_of_what_papers_of_the_background_have_in_common() -> None:
    rows = sparse.random(300, 40, density=0.3, random_state=1, format="csr", dtype=np.float32)
    background = Background(axes=40).fit(rows)
    products = products_of(rows, background)
    # tr(Σ²) is the mean square over all pairs, a paper with itself included.
    assert pytest.approx(np.sqrt((products**2).mean()), rel=1e-3) == chance_likeness(background)


@pytest.mark.parametrize("sizes", [(5, 5), (10, 10), (3, 7), (5, 20)])
def test_two_topics_are_split_into_exactly_the_two(
    topics: PaperIndex, sizes: tuple[int, int]
) -> None:
    one, other = of_topic(2, sizes[0]), of_topic(7, sizes[1])
    assert {frozenset(one), frozenset(other)} == interests_in(topics, one + other)


@pytest.mark.parametrize("count", [3, 4])
def test_three_and_four_topics_are_found(topics: PaperIndex, count: int) -> None:
    parts = [of_topic(topic, 8) for topic in range(count)]
    liked = [row for part in parts for row in part]
    assert set(map(frozenset, parts)) == interests_in(topics, liked)


def test_more_topics_than_heads_leave_no_like_out(topics: PaperIndex) -> None:
    liked = [row for topic in range(3) for row in of_topic(topic, 8)]
    groups = split_interests(
        products_of(topics.rows[liked], topics.background),
        np.ones(24),
        chance=chance_likeness(topics.background),
        most=2,
    )
    assert sorted(map(len, groups)) == [8, 16]


@pytest.mark.parametrize("count", [10, 20, 40])
@pytest.mark.parametrize("topic", range(TOPICS))
def test_likes_of_one_topic_stay_one(topics: PaperIndex, topic: int, count: int) -> None:
    assert len(interests_in(topics, of_topic(topic, count))) == 1


@pytest.mark.parametrize("outliers", [1, 2])
def test_single_outliers_make_no_head(topics: PaperIndex, outliers: int) -> None:
    assert len(interests_in(topics, of_topic(1, 9) + of_topic(5, outliers))) == 1


def test_small_share_of_the_likes_makes_no_head(topics: PaperIndex) -> None:
    assert len(interests_in(topics, of_topic(1, 40) + of_topic(5, 5))) == 1


def test_few_likes_are_never_split(topics: PaperIndex) -> None:
    assert len(interests_in(topics, of_topic(1, 3) + of_topic(5, 2))) == 1


def test_no_likes_have_no_interest(topics: PaperIndex) -> None:
    assert interests_in(topics, []) == set()


def test_papers_that_have_nothing_in_common_are_one_interest(topics: PaperIndex) -> None:
    liked = [row for topic in range(TOPICS) for row in of_topic(topic, 1)]
    assert len(interests_in(topics, liked)) == 1


def test_same_paper_liked_twice_over_is_no_error(topics: PaperIndex) -> None:
    assert interests_in(topics, [4] * 8) == {frozenset([4])}


def test_weights_do_not_blur_clear_topics(topics: PaperIndex) -> None:
    one, other = of_topic(2, 5), of_topic(7, 5)
    weights = [0.5, 1, 2, 2, 0.5, 1, 1, 2, 0.5, 1]
    groups = grouped(topics.rows, topics.background, one + other, weights)
    assert {frozenset(one), frozenset(other)} == groups


def test_largest_group_stands_first_and_each_is_in_order(topics: PaperIndex) -> None:
    liked = of_topic(2, 4) + of_topic(7, 6)
    groups = split_interests(
        products_of(topics.rows[liked], topics.background),
        np.ones(10),
        chance=chance_likeness(topics.background),
    )
    assert groups == ((4, 5, 6, 7, 8, 9), (0, 1, 2, 3))


def test_wrong_shapes_and_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="likes"):
        split_interests(np.eye(3), [1, 1], chance=0.1)
    with pytest.raises(ValueError, match="positive"):
        split_interests(np.eye(2), [1, 0], chance=0.1)


@settings(max_examples=40)
@given(data=st.data(), seed=st.integers(0, 1000))
def test_order_of_likes_does_not_matter(topics: PaperIndex, data: st.DataObject, seed: int) -> None:
    chosen = np.random.default_rng(seed).choice(4 * PAPERS_PER_TOPIC, 14, replace=False).tolist()
    shuffled = data.draw(st.permutations(chosen))
    assert interests_in(topics, chosen) == interests_in(topics, shuffled)


@settings(max_examples=40)
@given(st.integers(0, 40), st.integers(0, 1000), st.integers(1, 4))
def test_every_like_is_in_one_group_and_no_group_is_small(count: int, seed: int, most: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(count, 4))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    groups = split_interests(vectors @ vectors.T, np.ones(count), chance=0.0, most=most)
    assert sorted(like for group in groups for like in group) == list(range(count))
    assert len(groups) <= most
    if len(groups) > 1:
        assert min(map(len, groups)) >= max(3, 0.15 * count)


def test_split_together_all_have_the_groups_that_each_has_alone(topics: PaperIndex) -> None:
    """From a newcomer to more than are cut exactly, of one to five topics."""
    liked = [
        [row for topic in range(first, first + count) for row in of_topic(topic, likes)]
        for first, (count, likes) in enumerate(
            [(2, 3), (1, 25), (3, 12), (2, 14), (4, 9), (1, 2), (2, 20), (5, 7), (2, 15), (1, 0)]
        )
    ]
    products = [products_of(topics.rows[rows], topics.background) for rows in liked]
    weights = [np.ones(len(rows)) for rows in liked]
    chance = chance_likeness(topics.background)
    alone = [
        split_interests(own, weight, chance=chance)
        for own, weight in zip(products, weights, strict=True)
    ]
    assert alone == split_all(products.__getitem__, weights, chance=chance)
    assert [len(groups) for groups in alone] == [2, 1, 3, 2, 4, 1, 2, 1, 2, 0]


def test_one_interest_is_fitted_on_the_evidence_as_it_stands(topics: PaperIndex) -> None:
    evidence = evidence_of(topics, of_topic(1, 10), of_topic(3, 2), "common1")
    heads = planned(topics, evidence)
    np.testing.assert_array_equal(evidence.weights[None, :], heads.weights)
    assert heads.shares.tolist() == [1.0]


def test_withdrawn_ratings_restore_the_single_head_exactly(topics: PaperIndex) -> None:
    before = [Rating(row + 1, 1, False, NOW) for row in of_topic(1, 10)]
    added = [Rating(row + 1, 1, False, NOW) for row in of_topic(6, 10)]
    withdrawn = [Rating(rating.paper_id, 0, False, NOW) for rating in added]
    single, split, restored = (
        planned(topics, gather_evidence(topics, said, ""))
        for said in (before, before + added, before + withdrawn)
    )
    assert len(split.weights) == 2
    np.testing.assert_array_equal(single.weights, restored.weights)
    np.testing.assert_array_equal(single.shares, restored.shares)


def test_likes_count_whole_in_their_head_and_less_in_others_and_dislikes_in_all(
    topics: PaperIndex,
) -> None:
    evidence = evidence_of(topics, of_topic(1, 3) + of_topic(6, 3), of_topic(9, 2))
    heads = planned(topics, evidence)
    less = OTHERS_COUNT
    assert [
        [1, 1, 1, less, less, less, 1, 1],
        [less, less, less, 1, 1, 1, 1, 1],
    ] == heads.weights.tolist()


def test_shares_follow_the_weight_of_what_is_each_heads_own(topics: PaperIndex) -> None:
    """Three likes of which one is saved are 4, three likes and a phrase 3.5; dislikes are none."""
    said = [Rating(row + 1, 1, False, NOW) for row in of_topic(1, 2) + of_topic(6, 3)]
    said += [Rating(of_topic(1, 3)[-1] + 1, 1, True, NOW)]
    said += [Rating(row + 1, -1, False, NOW) for row in of_topic(9, 5)]
    evidence = gather_evidence(topics, said, "topic6x1 topic6x2")
    heads = planned(topics, evidence)
    np.testing.assert_allclose([4 / 7.5, 3.5 / 7.5], heads.shares)


def test_phrase_belongs_to_the_head_whose_likes_have_its_words(topics: PaperIndex) -> None:
    liked = of_topic(1, 5) + of_topic(6, 5)
    evidence = evidence_of(topics, liked, stated="topic6x1 topic6x2 topic6x3, topic1x4 topic1x5")
    heads = weigh_heads(evidence, [range(5), range(5, 10)], cosines_of(topics, evidence))
    stated = heads.weights[:, -2:]
    assert stated.tolist() == [[0.5 * OTHERS_COUNT, 0.5], [0.5, 0.5 * OTHERS_COUNT]]


def test_phrase_that_is_like_no_like_counts_in_all_heads(topics: PaperIndex) -> None:
    evidence = evidence_of(topics, of_topic(1, 5) + of_topic(6, 5), stated="topic9x1")
    heads = weigh_heads(evidence, [range(5), range(5, 10)], cosines_of(topics, evidence))
    assert heads.weights[:, -1].tolist() == [0.5, 0.5]


def test_term_they_want_less_of_counts_in_all_heads_and_one_they_want_more_of_in_its_own(
    topics: PaperIndex,
) -> None:
    said = [Rating(row + 1, 1, False, NOW) for row in of_topic(1, 5) + of_topic(6, 5)]
    terms = [
        TermRating("topic1x1", "topic1x1", -1, NOW),
        TermRating("topic6x2", "topic6x2", 1, NOW),
    ]
    evidence = gather_evidence(topics, said, terms=terms)
    heads = weigh_heads(evidence, [range(5), range(5, 10)], cosines_of(topics, evidence))
    assert evidence.targets[-2:].tolist() == [-1, 1]
    assert heads.weights[:, -2:].tolist() == [[1, OTHERS_COUNT], [1, 1]]
    assert heads.shares.tolist() == [5 / 11, 6 / 11]


@pytest.mark.parametrize("liked", [0, 1, 5])
def test_newcomers_have_one_head(topics: PaperIndex, liked: int) -> None:
    evidence = evidence_of(topics, of_topic(1, liked), stated="topic6x1")
    assert planned(topics, evidence).weights.shape == (1, liked + 1)


@dataclass(frozen=True)
class Year:
    titles: list[str]
    rows: sparse.csr_matrix
    background: Background

    def about(self, pattern: str) -> list[int]:
        matches = re.compile(pattern, re.IGNORECASE).search
        return [row for row, title in enumerate(self.titles) if matches(title)]


@pytest.fixture(scope="module")
def daily(real_days: Mapping[date, Digest]) -> Year:
    documents: dict[str, str] = {}
    for digest in real_days.values():
        documents.update((entry.title, entry.abstract) for entry in digest.entries)
    counts = FeatureSpace().fit_transform([Document(*each) for each in documents.items()])
    rows = TermWeighting().fit(counts).transform(counts)
    return Year(list(documents), rows, Background().fit(rows))


@pytest.mark.parametrize(
    "topic", ["speech", "gaussian splat", "video generation", "quantiz", "medical", "robot"]
)
def test_likes_of_a_real_topic_stay_one(daily: Year, topic: str) -> None:
    liked = daily.about(topic)[:20]
    assert len(liked) == 20
    assert len(grouped(daily.rows, daily.background, liked)) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("graph neural|knowledge graph", "radiolog|medical imag"),
        ("graph neural|graphs", "speech"),
        ("speech", "gaussian splat"),
        ("medical", "music"),
        ("text-to-image", "theorem prov"),
        ("robot", "quantiz"),
    ],
)
def test_likes_of_two_real_topics_are_split(daily: Year, one: str, other: str) -> None:
    first, second = daily.about(one), daily.about(other)
    both = set(first) & set(second)
    first, second = ([row for row in rows if row not in both][:10] for rows in (first, second))
    groups = grouped(daily.rows, daily.background, first + second)
    assert len(groups) == 2
    mixed = sum(min(len(group & set(first)), len(group & set(second))) for group in groups)
    assert mixed <= 1
