from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import clone
from sklearn.linear_model import Ridge

from recommender.interests.model import Background, InterestModel


def random_rows(seed: int, papers: int = 60, terms: int = 25) -> sparse.csr_matrix:
    rows = sparse.random(papers, terms, density=0.3, random_state=seed, format="csr")
    rows.data = rows.data.astype(np.float32)
    lengths = np.sqrt(rows.multiply(rows).sum(axis=1)).A1
    scale = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return sparse.csr_matrix(sparse.diags(scale) @ rows, dtype=np.float32)


ROWS = random_rows(1)
BACKGROUND = Background().fit(ROWS)


def test_solution_is_that_of_weighted_ridge_regression_in_the_primal() -> None:
    """With all axes kept, the dual is scikit-learn's Ridge over ratings and background rows."""
    background = Background(axes=60).fit(ROWS)
    rated, targets, weights = ROWS[:7], [1, 1, -1, 1, -1, 1, 1], [1, 2, 1, 0.5, 1, 1, 3]
    model = InterestModel(background, penalty=2.0, background_weight=12.0)
    model.fit(rated, targets, weights)

    centred = ROWS.toarray() - background.mean_
    primal = Ridge(alpha=2.0, fit_intercept=False).fit(
        np.vstack([centred[:7], centred]),
        np.r_[targets, np.zeros(60)],
        sample_weight=np.r_[weights, np.full(60, 12.0 / 60)],
    )
    np.testing.assert_allclose(primal.coef_, model.coef_, atol=1e-5)


def test_axes_are_the_principal_axes_of_the_sample() -> None:
    background = Background(axes=5).fit(ROWS)
    covariance = np.cov(ROWS.toarray().T, bias=True)
    np.testing.assert_allclose(
        np.linalg.eigvalsh(covariance)[::-1][:5], background.variances_, rtol=1e-4
    )
    np.testing.assert_allclose(np.eye(5), background.axes_.T @ background.axes_, atol=1e-5)
    np.testing.assert_allclose(
        background.variances_,
        np.diag(background.axes_.T @ covariance @ background.axes_),
        rtol=1e-4,
    )


def test_hyper_parameters_survive_cloning_and_nothing_learned_does() -> None:
    model = InterestModel(BACKGROUND, penalty=7.0).fit(ROWS[:2], [1, 1])
    copy = clone(model, safe=False)
    assert copy.get_params()["penalty"] == 7.0
    assert not hasattr(copy, "coef_")


def test_liked_paper_scores_above_average_and_disliked_below() -> None:
    model = InterestModel(BACKGROUND).fit(ROWS[[0, 1]], [1, -1])
    liked, disliked = model.interest_score(ROWS[[0, 1]])
    assert disliked < 0.5 < liked


def test_only_dislikes_push_their_papers_below_all_others() -> None:
    model = InterestModel(BACKGROUND).fit(ROWS[:3], [-1, -1, -1])
    scores = model.interest_score(ROWS)
    assert {0, 1, 2} == set(np.argsort(scores)[:3].tolist())


def test_one_like_ranks_by_likeness_to_it() -> None:
    """Strongest regularisation: the order is that of the centred cosine."""
    model = InterestModel(BACKGROUND, background_weight=1e-9).fit(ROWS[[5]], [1])
    centred = ROWS.toarray() - BACKGROUND.mean_
    np.testing.assert_array_equal(
        np.argsort(-(centred @ centred[5]))[:10], np.argsort(-model.decision_function(ROWS))[:10]
    )


def test_contradictory_ratings_of_one_paper_cancel() -> None:
    model = InterestModel(BACKGROUND).fit(ROWS[[4, 4]], [1, -1])
    np.testing.assert_allclose(np.zeros(25), model.coef_, atol=1e-6)


def test_without_evidence_every_paper_is_average() -> None:
    model = InterestModel(BACKGROUND).fit(ROWS[:0], [])
    np.testing.assert_array_equal(np.full(60, 0.5), model.interest_score(ROWS))


def test_all_rated_and_rated_twice_can_be_fitted() -> None:
    model = InterestModel(BACKGROUND).fit(sparse.vstack([ROWS, ROWS], format="csr"), [1] * 120)
    assert np.isfinite(model.decision_function(ROWS)).all()


def test_zero_rows_score_the_intercept() -> None:
    model = InterestModel(BACKGROUND).fit(ROWS[:3], [1, 1, -1])
    zero = sparse.csr_matrix((1, 25), dtype=np.float32)
    assert pytest.approx(model.intercept_) == model.decision_function(zero)[0]


def test_likes_count_where_most_papers_have_no_words() -> None:
    empty = sparse.csr_matrix((90, 25), dtype=np.float32)
    rows = sparse.vstack([ROWS[:5], empty], format="csr")
    scores = InterestModel(Background().fit(rows)).fit(rows[:1], [1]).interest_score(rows)
    assert int(np.argmax(scores)) == 0
    assert scores[0] > 0.8
    assert scores[-1] == pytest.approx(0.5)


@pytest.mark.parametrize("papers", [0, 1, 3])
def test_tiny_corpora_have_a_background(papers: int) -> None:
    rows = ROWS[:papers]
    model = InterestModel(Background().fit(rows)).fit(rows, np.ones(papers))
    assert (papers,) == model.interest_score(rows).shape


def test_wrong_shapes_and_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="targets"):
        InterestModel(BACKGROUND).fit(ROWS[:2], [1])
    with pytest.raises(ValueError, match="positive"):
        InterestModel(BACKGROUND).fit(ROWS[:1], [1], [0.0])


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 59), st.sampled_from([-1.0, 1.0]), st.sampled_from([0.5, 1, 2])),
        max_size=70,
    )
)
def test_any_ratings_give_scores_between_nought_and_one(
    ratings: list[tuple[int, float, float]],
) -> None:
    papers, targets, weights = zip(*ratings, strict=True) if ratings else ((), (), ())
    rows = ROWS[np.array(papers, dtype=int)]
    model = InterestModel(BACKGROUND).fit(rows, targets, weights)
    scores = model.interest_score(ROWS)
    assert ((scores >= 0) & (scores <= 1)).all()


@settings(deadline=None)
@given(st.integers(0, 59), st.integers(0, 59))
def test_interest_score_orders_as_the_decision_does(first: int, second: int) -> None:
    model = InterestModel(BACKGROUND).fit(ROWS[:4], [1, 1, 1, -1])
    one, other = model.decision_function(ROWS[[first, second]])
    score, other_score = model.interest_score(ROWS[[first, second]])
    assert (one >= other) <= (score >= other_score)
