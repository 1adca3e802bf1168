from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.interests.features import FeatureSpace

WORDS = st.lists(st.sampled_from(["graph", "protein", "speech", "the", "pruning"]), max_size=6)
DOCUMENTS = st.lists(st.tuples(WORDS.map(" ".join), WORDS.map(" ".join)), max_size=8)


def test_row_is_tf_idf_by_hand() -> None:
    """Of 2 papers both have "graph": idf 1. One has "protein": idf ln(3/2) + 1."""
    space = FeatureSpace(title_emphasis=1.0)
    rows = space.fit_transform([("", "graph graph protein"), ("", "graph")]).toarray()
    graph, protein = 1 + np.log(2), np.log(3 / 2) + 1
    assert space.terms_ == ["graph", "protein"]
    np.testing.assert_allclose(
        [[graph / np.hypot(graph, protein), protein / np.hypot(graph, protein)], [1, 0]],
        rows,
        rtol=1e-6,
    )


def test_term_in_the_title_counts_more_than_one_in_the_abstract() -> None:
    rows = FeatureSpace(title_emphasis=1.5).fit_transform(
        [("graph", "protein"), ("protein", "graph")]
    )
    np.testing.assert_allclose(
        [1.5, 1 / 1.5], rows[:, 0].toarray()[:, 0] / rows[:, 1].toarray()[:, 0]
    )


def test_pair_of_words_is_a_feature_of_titles_alone() -> None:
    space = FeatureSpace().fit([("graph pruning", "protein folding")])
    assert space.terms_ == ["folding", "graph", "graph pruning", "protein", "pruning"]


@settings(deadline=None)
@given(DOCUMENTS)
def test_rows_are_float32_of_length_one_or_zero(documents: list[tuple[str, str]]) -> None:
    rows = FeatureSpace().fit_transform(documents)
    lengths = np.sqrt(rows.multiply(rows).sum(axis=1)).A1
    assert (len(documents), np.float32) == (rows.shape[0], rows.dtype)
    assert all(length == pytest.approx(1, abs=1e-5) or length == 0 for length in lengths)


@settings(deadline=None)
@given(DOCUMENTS)
def test_transform_gives_the_rows_that_fitting_gave(documents: list[tuple[str, str]]) -> None:
    space = FeatureSpace()
    np.testing.assert_allclose(
        space.fit_transform(documents).toarray(), space.transform(documents).toarray(), atol=1e-6
    )


@pytest.mark.parametrize(("papers", "min_df"), [(3, 1), (499, 1), (500, 2), (20_000, 3)])
def test_terms_of_few_papers_are_left_out_of_a_large_corpus(papers: int, min_df: int) -> None:
    rare = [("", "three"), ("", "threefold three"), ("", "threefold fourier three")]
    documents = [("", f"{text} common") for _, text in rare] + [("", "common")] * (papers - 3)
    frequency = {"common": papers, "fourier": 1, "threefold": 2}
    expected = sorted(term for term, df in frequency.items() if df >= min_df)
    assert expected == FeatureSpace().fit(documents).terms_


def test_vocabulary_keeps_the_most_frequent_terms_and_breaks_ties_by_name() -> None:
    documents = [("", "zebra apple"), ("", "zebra banana")]
    assert FeatureSpace(max_terms=2).fit(documents).terms_ == ["apple", "zebra"]


def test_free_words_meet_the_papers_that_have_them() -> None:
    space = FeatureSpace()
    rows = space.fit_transform([("Graph neural networks", ""), ("Protein folding", "")])
    words = space.transform_words(["the folding of proteins", "cooking"])
    np.testing.assert_array_equal([[False, False], [True, False]], (rows @ words.T).toarray() > 0)


def test_no_papers_and_papers_without_words_give_empty_rows() -> None:
    assert FeatureSpace().fit_transform([]).shape == (0, 0)
    assert FeatureSpace().fit_transform([("", ""), ("the", "")]).shape == (2, 0)
    assert FeatureSpace().fit([]).transform([("graph", "")]).shape == (1, 0)
