from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.interests.features import Document, FeatureSpace, TermCounts, author_key

WORDS = st.lists(st.sampled_from(["graph", "protein", "speech", "the", "pruning"]), max_size=6)
TEXTS = WORDS.map(" ".join)
NAMES = st.lists(
    st.sampled_from(["Jane Doe", "Doe, Jane A.", "J. Doe", "李明", "", "-"]), max_size=3
)
DOCUMENTS = st.lists(st.builds(Document, TEXTS, TEXTS, NAMES), max_size=8)


def assert_same(expected: TermCounts, actual: TermCounts) -> None:
    np.testing.assert_array_equal(expected.matrix.toarray(), actual.matrix.toarray())
    np.testing.assert_array_equal(expected.in_title, actual.in_title)
    assert expected.n_terms == actual.n_terms


def test_terms_of_title_and_abstract_are_counted_together() -> None:
    space = FeatureSpace()
    counts = space.fit_transform([Document("Graph", "graph protein graphs"), Document("", "graph")])
    assert space.columns_ == ["graph", "protein"]
    assert counts.matrix.dtype == np.uint8
    assert counts.matrix.toarray().tolist() == [[3, 1], [1, 0]]
    assert counts.in_title.tolist() == [True, False, False]


def test_count_ends_at_255_instead_of_beginning_anew() -> None:
    counts = FeatureSpace().fit_transform([Document("graph", "graph " * 300)])
    assert counts.matrix.toarray().tolist() == [[255]]
    assert counts.in_title.all()


def test_pair_of_words_is_a_feature_of_titles_alone() -> None:
    space = FeatureSpace().fit([Document("graph pruning", "protein folding")])
    assert space.columns_ == ["folding", "graph", "graph pruning", "protein", "pruning"]


def test_author_of_two_papers_is_a_feature_after_the_terms() -> None:
    space = FeatureSpace()
    counts = space.fit_transform(
        [
            Document("Graphs", "", ["Jane Doe", "John Smith"]),
            Document("Speech", "", ["Doe, Jane A."]),
        ]
    )
    assert space.columns_ == ["graph", "speech", "by jane doe"]
    assert (space.n_terms_, counts.n_terms) == (2, 2)
    assert counts.matrix.toarray().tolist() == [[1, 0, 1], [0, 1, 1]]
    assert not counts.in_title[counts.matrix.indices == 2].any()


def test_author_named_twice_by_one_paper_wrote_it_once() -> None:
    space = FeatureSpace()
    papers = [Document("", "", ["Jane Doe", "Jane A. Doe"]), Document("", "", ["Jane Doe"])]
    assert space.fit_transform(papers).matrix.toarray().tolist() == [[1], [1]]
    assert FeatureSpace().fit(papers[:1]).columns_ == []


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Jane Doe", "by jane doe"),
        ("Doe, Jane", "by jane doe"),
        ("Jane A. Doe", "by jane doe"),
        ("J. A. Doe", "by j a doe"),
        ("Łukasz van der Müller", "by lukasz van der muller"),
        ("Doe", "by doe"),
        ("…", None),
    ],
)
def test_author_is_named_by_the_full_given_names(written: str, key: str | None) -> None:
    assert key == author_key(written)


@given(DOCUMENTS)
def test_transform_gives_the_counts_that_fitting_gave(documents: list[Document]) -> None:
    space = FeatureSpace()
    assert_same(space.fit_transform(documents), space.transform(documents))


@given(DOCUMENTS, st.randoms(use_true_random=False))
def test_counts_of_some_documents_are_those_of_the_whole(
    documents: list[Document], random: object
) -> None:
    space = FeatureSpace()
    whole = space.fit_transform(documents)
    order = list(range(len(documents)))
    random.shuffle(order)  # type: ignore[attr-defined]
    first, rest = order[: len(order) // 2], order[len(order) // 2 :]
    parts = [whole[np.array(some, dtype=np.intp)] for some in (first, rest)]
    assert_same(space.transform([documents[at] for at in order]), parts[0].followed_by(parts[1]))


@pytest.mark.parametrize(("papers", "min_df"), [(3, 1), (499, 1), (500, 2), (20_000, 3)])
def test_terms_of_few_papers_are_left_out_of_a_large_corpus(papers: int, min_df: int) -> None:
    rare = ["three", "threefold three", "threefold fourier three"]
    documents = [Document("", f"{text} common") for text in rare]
    documents += [Document("", "common")] * (papers - 3)
    frequency = {"common": papers, "fourier": 1, "threefold": 2}
    expected = sorted(term for term, df in frequency.items() if df >= min_df)
    assert expected == FeatureSpace().fit(documents).columns_


def test_vocabulary_keeps_the_most_frequent_terms_and_breaks_ties_by_name() -> None:
    documents = [Document("", "zebra apple"), Document("", "zebra banana")]
    assert FeatureSpace(max_terms=2).fit(documents).columns_ == ["apple", "zebra"]


def test_vocabulary_keeps_the_authors_of_most_papers() -> None:
    documents = [Document("", "", ["Jane Doe", "Ann Lee"])] * 2 + [Document("", "", ["Ann Lee"])]
    assert FeatureSpace(max_authors=1).fit(documents).columns_ == ["by ann lee"]


def test_no_papers_and_papers_without_words_give_empty_rows() -> None:
    assert FeatureSpace().fit_transform([]).matrix.shape == (0, 0)
    assert FeatureSpace().fit_transform([Document(""), Document("the")]).matrix.shape == (2, 0)
    assert FeatureSpace().fit([]).transform([Document("graph")]).matrix.shape == (1, 0)


def test_endless_name_or_word_is_none_and_takes_no_room_of_the_others() -> None:
    endless = "a" * 100_000
    documents = [Document("graph", authors=(f"Jane Doe{number}",)) for number in range(500)]
    documents += [Document("graph", endless, (f"{endless} Doe",))] * 2

    tracemalloc.start()
    space = FeatureSpace().fit(documents)
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert space.columns_ == ["graph"]
    assert most_bytes < 20_000_000
