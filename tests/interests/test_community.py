from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import clone

from recommender.interests.community import NO_COMMUNITY, CommunityMap

PEOPLE = 12
PAPERS_PER_SUBJECT = 6
FOLDING, DYNAMICS, SPEECH = range(3)
WORDS = 4


def terms_of(*subjects: int, seed: int = 0) -> sparse.csr_matrix:
    """Papers with three of the four words of their subject each, and no word of another."""
    random = np.random.default_rng(seed)
    rows = np.zeros((len(subjects), 3 * WORDS))
    for row, subject in zip(rows, subjects, strict=True):
        row[subject * WORDS + random.choice(WORDS, 3, replace=False)] = random.uniform(0.5, 1, 3)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return sparse.csr_matrix(rows, dtype=np.float32)


CORPUS = terms_of(*(subject for subject in range(3) for _ in range(PAPERS_PER_SUBJECT)))


def likes_of(*readers: tuple[int, ...], seed: int = 1) -> sparse.csr_matrix:
    """Each likes three papers of each of their subjects."""
    random = np.random.default_rng(seed)
    likes = np.zeros((len(readers), CORPUS.shape[0]), dtype=np.float32)
    for row, subjects in zip(likes, readers, strict=True):
        for subject in subjects:
            papers = random.choice(PAPERS_PER_SUBJECT, 3, replace=False)
            row[subject * PAPERS_PER_SUBJECT + papers] = 1
    return sparse.csr_matrix(likes)


LIKES = likes_of(*[(FOLDING, DYNAMICS), (SPEECH,)] * (PEOPLE // 2))


def fitted(likes: sparse.csr_matrix = LIKES, **parameters: float) -> CommunityMap:
    return CommunityMap(**{"dimensions": 3, "penalty": 0.1, **parameters}).fit(CORPUS, likes)


def random_matrix(rows: int, columns: int, seed: int) -> sparse.csr_matrix:
    return sparse.random(
        rows, columns, density=0.4, random_state=seed, format="csr", dtype=np.float32
    )


def test_papers_that_share_readers_and_no_word_are_near() -> None:
    new = terms_of(FOLDING, DYNAMICS, SPEECH, seed=9)
    cosines = (new @ new.T).toarray()
    assert cosines[FOLDING, DYNAMICS] == 0
    places = fitted().transform(new)
    near = places @ places.T
    assert near[FOLDING, DYNAMICS] > 0.9
    assert near[FOLDING, SPEECH] < 0
    assert near[DYNAMICS, SPEECH] < 0


def test_papers_of_one_vocabulary_with_readers_of_their_own_are_not_brought_near_others() -> None:
    apart = fitted(likes_of(*[(FOLDING,), (DYNAMICS,), (SPEECH,)] * 4))
    places = apart.transform(terms_of(FOLDING, DYNAMICS, SPEECH, seed=9))
    assert (places @ places.T)[np.triu_indices(3, 1)].max() < 0.1


def test_map_is_the_ridge_regression_of_the_places_in_the_graph_of_likes() -> None:
    """From the definition, dense; products of components, for signs are free."""
    likes = random_matrix(16, CORPUS.shape[0], seed=2).sign()
    learned = CommunityMap(dimensions=4, penalty=3.0).fit(CORPUS, likes)
    liked = likes.toarray()
    graph = liked / np.sqrt(liked.sum(axis=1, keepdims=True)) / np.sqrt(liked.sum(axis=0))
    places = np.linalg.svd(graph)[2][:4].T
    centred = CORPUS.toarray() - CORPUS.toarray().mean(axis=0)
    expected = np.linalg.solve(
        centred.T @ centred + 3.0 * np.eye(CORPUS.shape[1]), centred.T @ places
    )
    np.testing.assert_allclose(
        expected @ expected.T, learned.components_ @ learned.components_.T, atol=1e-4
    )


@pytest.mark.parametrize(("people", "dimensions"), [(0, 0), (3, 0), (4, 1), (11, 2), (12, 3)])
def test_each_dimension_takes_four_subscribers(people: int, dimensions: int) -> None:
    """People without likes are none."""
    likes = sparse.vstack([LIKES[:people], sparse.csr_matrix((7, CORPUS.shape[0]))], format="csr")
    learned = fitted(likes, dimensions=1000)
    assert learned.components_.shape == (CORPUS.shape[1], dimensions)
    assert learned.transform(CORPUS).shape == (CORPUS.shape[0], dimensions)


def test_few_liked_papers_have_few_dimensions() -> None:
    likes = sparse.csr_matrix((np.ones(12), ([*range(12)], [0, 1, 2, 3] * 3)), (12, 18))
    assert len(fitted(likes).offset_) == 1


@given(st.integers(0, 1000))
def test_places_have_length_one_or_none(seed: int) -> None:
    papers = random_matrix(20, CORPUS.shape[1], seed)
    papers = sparse.vstack([papers, sparse.csr_matrix((1, CORPUS.shape[1]))], format="csr")
    learned = fitted()
    lengths = np.linalg.norm(learned.transform(papers.astype(np.float32)), axis=1)
    has_terms = np.diff(papers.indptr) > 0
    np.testing.assert_allclose(lengths, has_terms.astype(float), atol=1e-5)


def test_place_is_linear_in_the_terms_up_to_its_length() -> None:
    learned = fitted()
    expected = CORPUS.toarray() @ learned.components_ - learned.offset_
    places = learned.transform(CORPUS) * learned.lengths(CORPUS)[:, None]
    np.testing.assert_allclose(expected, places, atol=1e-6)
    np.testing.assert_allclose(np.zeros(3), expected.mean(axis=0), atol=1e-6)


def test_paper_without_terms_has_an_endless_length_and_no_place() -> None:
    empty = sparse.csr_matrix((1, CORPUS.shape[1]), dtype=np.float32)
    learned = fitted()
    assert learned.lengths(empty).tolist() == [np.inf]
    assert not learned.transform(empty).any()


def test_map_without_dimensions_gives_no_places() -> None:
    assert NO_COMMUNITY.transform(CORPUS).shape == (CORPUS.shape[0], 0)
    np.testing.assert_array_equal(NO_COMMUNITY.lengths(CORPUS), np.ones(CORPUS.shape[0]))


def test_same_seed_gives_the_same_map() -> None:
    np.testing.assert_array_equal(fitted().components_, fitted().components_)
    assert (fitted(seed=1).components_ != fitted().components_).any()


def test_map_of_another_seed_says_the_same_of_papers() -> None:
    one, other = (fitted(seed=seed).transform(CORPUS) for seed in (0, 1))
    np.testing.assert_allclose(one @ one.T, other @ other.T, atol=1e-3)


def test_moved_map_knows_the_terms_that_stayed_and_nothing_of_new_ones() -> None:
    learned = CommunityMap(dimensions=2, penalty=7.0).restore(
        np.array([[1, 2], [3, 4], [5, 6]], dtype=np.float32), np.array([0.5, 1], dtype=np.float32)
    )
    moved = learned.moved(["graph", "protein", "speech"], ["dna", "graph", "rna", "speech"])
    assert moved.components_.tolist() == [[0, 0], [1, 2], [0, 0], [5, 6]]
    assert moved.offset_.tolist() == [0.5, 1]
    assert moved.get_params() == learned.get_params()
    assert learned.components_.tolist() == [[1, 2], [3, 4], [5, 6]]


def test_map_without_dimensions_moves_to_any_vocabulary() -> None:
    moved = NO_COMMUNITY.moved([], ["dna", "rna"])
    assert moved.components_.shape == (2, 0)
    assert moved.transform(sparse.identity(2, format="csr", dtype=np.float32)).shape == (2, 0)


def test_hyper_parameters_survive_cloning_and_nothing_learned_does() -> None:
    copy = clone(fitted(penalty=7.0))
    assert copy.get_params() == {"dimensions": 3, "penalty": 7.0, "seed": 0}
    assert not hasattr(copy, "components_")


@pytest.mark.parametrize("stages", [0, 1])
def test_work_is_ended_by_what_is_asked_before_each_stage(stages: int) -> None:
    asked = iter([*[None] * stages, InterruptedError("stop")])

    def proceed() -> None:
        answer = next(asked)
        if answer:
            raise answer

    with pytest.raises(InterruptedError):
        CommunityMap().fit(CORPUS, LIKES, proceed=proceed)
