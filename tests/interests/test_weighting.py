from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from recommender.interests.features import Document, FeatureSpace
from recommender.interests.weighting import TermWeighting

WORDS = st.lists(st.sampled_from(["graph", "protein", "speech", "pruning"]), max_size=6)
TEXTS = WORDS.map(" ".join)
NAMES = st.lists(st.sampled_from(["Jane Doe", "Ann Lee", "John Smith"]), max_size=3)
DOCUMENTS = st.lists(st.builds(Document, TEXTS, TEXTS, NAMES), max_size=8)
WEIGHTINGS = st.builds(
    TermWeighting,
    saturation=st.floats(0, 10),
    length_normalisation=st.floats(0, 1),
    idf_sharpness=st.floats(0.5, 4),
    idf_floor=st.floats(0, 0.5),
    title_emphasis=st.floats(1, 3),
    author_share=st.floats(0, 0.3),
)


def rows_of(documents: list[Document], **parameters: float) -> NDArray[np.float32]:
    counts = FeatureSpace().fit_transform(documents)
    rows: NDArray[np.float32] = TermWeighting(**parameters).fit(counts).transform(counts).toarray()
    return rows


def test_row_by_hand() -> None:
    """Of 3 papers all have "graph", 2 "protein", 1 "speech"."""
    documents = [
        Document("", "graph graph protein"),
        Document("", "graph protein speech"),
        Document("", "graph"),
    ]
    k1, b, sharpness, floor = 1.5, 0.5, 2.0, 0.2
    idf = floor + (1 - floor) * (np.log(4 / np.array([4, 3, 2])) / np.log(3000)) ** sharpness
    length = 1 - b + b * 3 / (7 / 3)
    twice, once = 2 * (k1 + 1) / (2 + k1 * length), (k1 + 1) / (1 + k1 * length)
    expected = np.array([twice * idf[0], once * idf[1], 0])

    row = rows_of(
        documents,
        saturation=k1,
        length_normalisation=b,
        idf_sharpness=sharpness,
        idf_floor=floor,
    )[0]

    np.testing.assert_allclose(expected / np.linalg.norm(expected), row, rtol=1e-5)


def test_term_in_the_title_counts_more_than_one_in_the_abstract() -> None:
    rows = rows_of([Document("graph", "protein"), Document("protein", "graph")], title_emphasis=1.5)
    np.testing.assert_allclose([1.5, 1 / 1.5], rows[:, 0] / rows[:, 1], rtol=1e-5)


def test_second_occurrence_adds_less_the_lower_the_saturation() -> None:
    documents = [Document("", "graph graph protein"), Document("", "speech")]
    ratio = [
        row[0] / row[1] for row in (rows_of(documents, saturation=k1)[0] for k1 in (0.0, 1.0, 9.0))
    ]
    assert ratio[0] == pytest.approx(1)
    assert ratio[0] < ratio[1] < ratio[2] < 2


def test_sharp_weights_lower_common_terms_and_the_floor_raises_them() -> None:
    """Of 99 papers half have "protein", and one has "speech"."""
    documents = [Document("", "graph protein speech")] + [Document("", "graph")] * 49
    documents += [Document("", "graph protein")] * 49

    def common_to_rare(sharpness: float, floor: float) -> float:
        row = rows_of(documents, idf_sharpness=sharpness, idf_floor=floor)[0]
        return float(row[1] / row[2])

    assert common_to_rare(3.0, 0.0) < common_to_rare(1.0, 0.0) < common_to_rare(1.0, 0.4)


def test_likeness_is_the_mean_of_that_of_words_and_that_of_authors() -> None:
    documents = [
        Document("", "graph", ["Jane Doe"]),
        Document("", "graph", ["Ann Lee"]),
        Document("", "protein", ["Jane Doe"]),
        Document("", "protein", ["Ann Lee"]),
    ]
    rows = rows_of(documents, author_share=0.2)
    np.testing.assert_allclose([1, 0.8, 0.2, 0], rows @ rows[0], atol=1e-6)


def test_term_of_one_document_in_three_thousand_counts_one_and_one_of_all_the_floor() -> None:
    weighting = TermWeighting(idf_floor=0.25, idf_sharpness=2.0)
    weighting.restore(np.array([0, 2999]), 2999, 1.0)
    np.testing.assert_allclose([1, 0.25], weighting.idf_, rtol=1e-6)


def test_author_of_few_papers_counts_more_than_one_of_many() -> None:
    both = Document("", "graph", ["Jane Doe", "Ann Lee"])
    counts = FeatureSpace()
    others = [Document("", "graph", ["Ann Lee"])] * 97
    row = counts.fit_transform([both, both, *others])
    weighted = TermWeighting(author_share=0.2).fit(row).transform(row).toarray()[0]
    assert counts.columns_ == ["graph", "by ann lee", "by jane doe"]
    assert weighted[2] > 2 * weighted[1] > 0  # of 2 papers, and of all 99


def test_without_a_share_authors_are_no_part_of_a_row() -> None:
    counts = FeatureSpace().fit_transform([Document("", "graph", ["Jane Doe"])] * 2)
    rows = TermWeighting(author_share=0.0).fit(counts).transform(counts)
    assert rows.nnz == 2
    np.testing.assert_allclose([[1, 0], [1, 0]], rows.toarray())
    assert counts.matrix.nnz == 4


@pytest.mark.parametrize("floor", [1.4e-23, 1e-30, 1e-40])
def test_rows_of_terms_that_all_papers_have_are_of_length_one_however_low_the_floor(
    floor: float,
) -> None:
    rows = rows_of([Document("", "graph protein"), Document("", "graph protein")], idf_floor=floor)
    np.testing.assert_allclose([1, 1], np.linalg.norm(rows, axis=1), rtol=1e-5)


@example([Document("", "graph protein")], TermWeighting(idf_floor=1.4e-23))
@given(DOCUMENTS, WEIGHTINGS)
def test_rows_are_float32_of_length_one_at_most(
    documents: list[Document], weighting: TermWeighting
) -> None:
    counts = FeatureSpace().fit_transform(documents)
    rows = weighting.fit(counts).transform(counts)
    assert (len(documents), np.float32) == (rows.shape[0], rows.dtype)
    assert np.isfinite(rows.data).all()
    assert (np.linalg.norm(rows.toarray(), axis=1) <= 1 + 1e-5).all()


@given(DOCUMENTS, WEIGHTINGS)
def test_row_does_not_depend_on_what_is_weighted_beside_it(
    documents: list[Document], weighting: TermWeighting
) -> None:
    counts = FeatureSpace().fit_transform(documents)
    together = weighting.fit(counts).transform(counts).toarray()
    for row in range(len(documents)):
        alone = weighting.transform(counts[np.array([row])]).toarray()[0]
        np.testing.assert_allclose(together[row], alone, atol=1e-6)


def test_words_no_document_has_weigh_nothing_and_no_document_is_no_error() -> None:
    counts = FeatureSpace().fit_transform([])
    assert TermWeighting().fit(counts).transform(counts).shape == (0, 0)
