from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import clone
from sklearn.linear_model import Ridge

from recommender.interests.background import Background
from recommender.interests.model import InterestModels, PaperRows, Products
from recommender.interests.parameters import InterestParameters

DEFAULTS = InterestParameters(focus=0.0)
"""The ridge regression itself; what its weights are focused to has tests of its own."""

WITH_COMMUNITY = replace(DEFAULTS, community_weight=0.6)
AVERAGE = float(DEFAULTS.calibration.probability(0.0))
LIKE, DISLIKE = 1.0, -1.0
Rated = tuple[int, float, float]
"""A row, what is said of it, and what that counts."""


def random_papers(seed: int, papers: int = 60, terms: int = 25, dimensions: int = 6) -> PaperRows:
    rows = sparse.random(papers, terms, density=0.3, random_state=seed).toarray()
    places = np.random.default_rng(seed).normal(size=(papers, dimensions))
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    places /= np.linalg.norm(places, axis=1, keepdims=True)
    return PaperRows(sparse.csr_matrix(rows, dtype=np.float32), places.astype(np.float32))


PAPERS = random_papers(1)
BACKGROUND = Background().fit(PAPERS.terms)


def fit(
    *people: Sequence[Rated],
    papers: PaperRows = PAPERS,
    background: Background = BACKGROUND,
    parameters: InterestParameters = DEFAULTS,
) -> InterestModels:
    """Fit an interest for what each of some people rated, rows of ``papers``."""
    ends = np.cumsum([0, *map(len, people)])
    rows, targets, weights = (
        np.array([each for rated in people for each in rated], dtype=np.float32).reshape(-1, 3).T
    )
    shape = (len(papers), len(people))
    y, sample_weight = (
        sparse.csc_matrix((values, rows.astype(int), ends), shape) for values in (targets, weights)
    )
    return InterestModels(background, papers, parameters).fit(papers, y, sample_weight)


def likes(*rows: int) -> list[Rated]:
    return [(row, LIKE, 1.0) for row in rows]


def dislikes(*rows: int) -> list[Rated]:
    return [(row, DISLIKE, 1.0) for row in rows]


def scores_of(models: InterestModels, papers: PaperRows = PAPERS) -> np.ndarray:
    return models.interest_score(models.decision_function(papers))


def prior_covariance(
    papers: PaperRows, background: Background, parameters: InterestParameters
) -> np.ndarray:
    """Of all pairs, from the definition: the inverse of the penalties of all directions."""
    sample = background.sample_.toarray().astype(np.float64)
    spread = np.cov(sample.T, bias=True)
    stiff = parameters.penalty * np.eye(len(spread)) + parameters.background_weight * spread
    centred = papers.terms.toarray() - parameters.centring * background.mean_
    places = papers.community_coordinates.astype(np.float64)
    through_community = parameters.community_weight / parameters.penalty * places @ places.T
    return centred @ np.linalg.inv(stiff) @ centred.T + through_community


@pytest.mark.parametrize("community_weight", [0.0, 0.6])
def test_solution_is_that_of_weighted_ridge_regression_in_the_primal(
    community_weight: float,
) -> None:
    """With all axes kept, the dual is scikit-learn's Ridge over ratings and background rows.

    The features are terms, and places times the root of what they count, so that the penalty of
    both is the same. The background is of terms alone.
    """
    background = Background(axes=60).fit(PAPERS.terms)
    targets, weights = [1, 1, -1, 1, -1, 1, 1], [1, 2, 1, 0.5, 1, 1, 3]
    parameters = replace(
        DEFAULTS, penalty=2.0, background_weight=12.0, community_weight=community_weight
    )
    models = fit(
        list(zip(range(7), targets, weights, strict=True)),
        background=background,
        parameters=parameters,
    )
    root = np.sqrt(community_weight)
    centred = PAPERS.terms.toarray() - background.mean_
    primal = Ridge(alpha=2.0, fit_intercept=False).fit(
        np.vstack(
            [
                np.hstack([centred[:7], root * PAPERS.community_coordinates[:7]]),
                np.hstack([centred, np.zeros_like(PAPERS.community_coordinates)]),
            ]
        ),
        np.r_[targets, np.zeros(60)],
        sample_weight=np.r_[weights, np.full(60, 12.0 / 60)],
    )
    np.testing.assert_allclose(primal.coef_[:25], models.coef_[:, 0], atol=1e-5)
    np.testing.assert_allclose(root * primal.coef_[25:], models.community_coef_[:, 0], atol=1e-5)


def test_axes_are_the_principal_axes_of_the_sample() -> None:
    background = Background(axes=5).fit(PAPERS.terms)
    covariance = np.cov(PAPERS.terms.toarray().T, bias=True)
    np.testing.assert_allclose(
        np.linalg.eigvalsh(covariance)[::-1][:5], background.variances_, rtol=1e-4
    )
    np.testing.assert_allclose(np.eye(5), background.axes_.T @ background.axes_, atol=1e-5)
    np.testing.assert_allclose(
        background.variances_,
        np.diag(background.axes_.T @ covariance @ background.axes_),
        rtol=1e-4,
    )


def test_sample_is_drawn_by_its_seed() -> None:
    first, again, other = (
        Background(papers=20, seed=seed).fit(PAPERS.terms).sample_.toarray() for seed in (0, 0, 1)
    )
    assert first.shape == (20, 25)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(("families", "members", "others"), [(2, 6, 60), (3, 4, 33), (1, 8, 90)])
def test_background_of_equally_unlike_papers_has_axes(
    families: int, members: int, others: int
) -> None:
    """Titles without abstracts: families of papers that share a word, and others that share none.

    Many variances are the same, and the axes that are kept are some of theirs.
    """
    papers = families * members + others
    shared = np.zeros((papers, families))
    for family in range(families):
        shared[family * members : (family + 1) * members, family] = 1
    rows = np.hstack([np.eye(papers), shared])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    background = Background().fit(sparse.csr_matrix(rows, dtype=np.float32))
    expected = np.linalg.eigvalsh(np.cov(rows.T, bias=True))[::-1][:32]
    np.testing.assert_allclose(expected, background.variances_, rtol=1e-4)
    np.testing.assert_allclose(np.eye(32), background.axes_.T @ background.axes_, atol=1e-5)


def test_hyper_parameters_survive_cloning_and_nothing_learned_does() -> None:
    parameters = replace(DEFAULTS, penalty=7.0)
    models = fit(likes(0, 1), parameters=parameters)
    copy = clone(models, safe=False)
    assert copy.get_params(deep=False)["parameters"] == parameters
    assert copy.get_params()["background__axes"] == 32
    assert not hasattr(copy, "coef_")
    assert Background().get_params() == {"papers": 1000, "axes": 32, "seed": 0}


def test_liked_paper_scores_above_average_and_disliked_below() -> None:
    liked, disliked = scores_of(fit(likes(0) + dislikes(1)))[:2, 0]
    assert disliked < AVERAGE < liked


def test_papers_of_the_background_decide_nought_on_average() -> None:
    decision = fit(likes(0, 1, 2)).decision_function(PAPERS)
    assert decision.mean() == pytest.approx(0, abs=1e-6)
    assert decision.std() > 0.01


def test_only_dislikes_push_their_papers_below_all_others() -> None:
    scores = scores_of(fit(dislikes(0, 1, 2)))[:, 0]
    assert {0, 1, 2} == set(np.argsort(scores)[:3].tolist())


def test_one_like_ranks_by_likeness_to_it() -> None:
    """Without a background to stand out from, the order is that of the centred cosine."""
    models = fit(likes(5), parameters=replace(DEFAULTS, background_weight=0.0))
    centred = PAPERS.terms.toarray() - BACKGROUND.mean_
    np.testing.assert_array_equal(
        np.argsort(-(centred @ centred[5]))[:10],
        np.argsort(-models.decision_function(PAPERS)[:, 0])[:10],
    )


def test_without_centring_the_order_is_that_of_the_cosine() -> None:
    models = fit(likes(5), parameters=replace(DEFAULTS, background_weight=0.0, centring=0.0))
    cosines = (PAPERS.terms @ PAPERS.terms[5].T).toarray().ravel()
    np.testing.assert_allclose(
        cosines / cosines[5],
        models.decision_function(PAPERS)[:, 0] / models.decision_function(PAPERS)[5, 0],
        atol=1e-5,
    )


def test_community_brings_near_what_shares_no_word() -> None:
    """Three papers without a word in common, of which the community puts two at one place."""
    papers = PaperRows(
        sparse.identity(3, dtype=np.float32, format="csr"),
        np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32),
    )
    background = Background().fit(papers.terms)
    fitted = [
        fit(likes(0), papers=papers, background=background, parameters=parameters)
        for parameters in (DEFAULTS, WITH_COMMUNITY)
    ]
    alone, with_community = (models.decision_function(papers)[:, 0] for models in fitted)
    assert alone[1] == pytest.approx(alone[2])
    assert with_community[1] > with_community[2]


def test_contradictory_ratings_of_one_paper_cancel() -> None:
    """The paper is stored twice in the column, and both count."""
    models = fit(likes(4) + dislikes(4))
    np.testing.assert_allclose(np.zeros((25, 1)), models.coef_, atol=1e-6)


def test_paper_stored_twice_counts_as_one_of_twice_the_weight() -> None:
    twice, heavy = fit(likes(4, 4, 7)), fit([(4, LIKE, 2.0), (7, LIKE, 1.0)])
    np.testing.assert_allclose(heavy.coef_, twice.coef_, atol=1e-6)


def test_without_evidence_every_paper_is_average() -> None:
    models = fit(likes(1), [])
    np.testing.assert_array_equal(np.full(60, AVERAGE), scores_of(models)[:, 1])


def test_nobody_is_no_error() -> None:
    assert scores_of(fit()).shape == (60, 0)
    assert scores_of(fit(papers=PAPERS[np.arange(0)])).shape == (60, 0)


def test_all_rated_and_rated_twice_can_be_fitted() -> None:
    models = fit(likes(*range(60), *range(60)))
    assert np.isfinite(models.decision_function(PAPERS)).all()


def test_zero_rows_score_the_intercept() -> None:
    models = fit(likes(0, 1) + dislikes(2), parameters=WITH_COMMUNITY)
    zero = PaperRows(
        sparse.csr_matrix((1, 25), dtype=np.float32), np.zeros((1, 6), dtype=np.float32)
    )
    np.testing.assert_array_equal(models.intercept_[None, :], models.decision_function(zero))


def test_likes_count_where_most_papers_have_no_words() -> None:
    empty = sparse.csr_matrix((90, 25), dtype=np.float32)
    terms = sparse.vstack([PAPERS.terms[:5], empty], format="csr")
    papers = PaperRows(terms, np.zeros((95, 0), dtype=np.float32))
    scores = scores_of(fit(likes(0), papers=papers, background=Background().fit(terms)), papers)
    assert int(np.argmax(scores)) == 0
    assert scores[0, 0] > 20 * AVERAGE
    assert scores[-1, 0] == pytest.approx(AVERAGE)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_tiny_corpora_have_a_background(count: int) -> None:
    papers = PAPERS[np.arange(count)]
    models = fit(likes(*range(count)), papers=papers, background=Background().fit(papers.terms))
    assert scores_of(models, papers).shape == (count, 1)
    assert np.isfinite(scores_of(models, papers)).all()
    assert models.background.axes_.shape == (25, len(models.background.variances_))


@pytest.mark.parametrize("count", [0, 60])
def test_what_is_learned_is_in_single_precision(count: int) -> None:
    """In double it would take twice the memory, and most of the time."""
    papers = PAPERS[np.arange(count)]
    background = Background().fit(papers.terms)
    models = fit(likes(*range(count)), papers=papers, background=background)
    for learned in (
        *(background.mean_, background.axes_, background.variances_),
        *(models.coef_, models.community_coef_, models.intercept_),
        *(models.decision_function(papers), models.prior_variance(papers)),
    ):
        assert learned.dtype == np.float32


def column(*stored: float, rows: int = 2) -> sparse.csc_matrix:
    """Return a column in which the first rows are stored."""
    return sparse.csc_matrix((list(stored), range(len(stored)), [0, len(stored)]), (rows, 1))


@pytest.mark.parametrize(
    ("targets", "weights"),
    [
        (column(1, 1, 1, rows=3), column(1, 1, 1, rows=3)),
        (column(1, 1), column(1)),
        (column(1), column(1, 1)),
        (column(1, 1), sparse.csc_matrix(([1, 1], [1, 0], [0, 2]), (2, 1))),
        (column(1, 1), sparse.hstack([column(1, 1), column()], format="csc")),
    ],
)
def test_wrong_shapes_are_refused(targets: sparse.csc_matrix, weights: sparse.csc_matrix) -> None:
    models = InterestModels(BACKGROUND, PAPERS, DEFAULTS)
    with pytest.raises(ValueError, match="2 rows, targets"):
        models.fit(PAPERS[np.arange(2)], targets, weights)


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan")])
def test_weights_that_are_not_positive_are_refused(weight: float) -> None:
    with pytest.raises(ValueError, match=r"^a rating's weight must be positive$"):
        fit([(0, LIKE, 1.0), (1, LIKE, weight)])


PEOPLE = st.lists(
    st.lists(
        st.tuples(st.integers(0, 59), st.sampled_from([-1.0, 1.0]), st.sampled_from([0.5, 1, 2])),
        max_size=30,
    ),
    min_size=1,
    max_size=4,
)


@given(PEOPLE, st.sampled_from([DEFAULTS, WITH_COMMUNITY]))
def test_fitted_together_all_have_what_each_has_alone(
    people: list[list[Rated]], parameters: InterestParameters
) -> None:
    """To 2·10⁻⁶, the rounding of sums in single precision in another order."""
    together = fit(*people, parameters=parameters)
    for at, rated in enumerate(people):
        alone = fit(rated, parameters=parameters)
        for name in ("coef_", "community_coef_", "intercept_", "centre_", "scale_"):
            np.testing.assert_allclose(
                getattr(together, name)[..., at], getattr(alone, name)[..., 0], rtol=0, atol=2e-6
            )


@pytest.mark.parametrize("parameters", [DEFAULTS, WITH_COMMUNITY, replace(DEFAULTS, centring=0.5)])
def test_variance_and_covariance_are_those_of_the_prior(parameters: InterestParameters) -> None:
    papers = PaperRows(PAPERS.terms, PAPERS.community_coordinates.copy())
    papers.community_coordinates[3] = 0  # nobody liked anything like it
    background = Background(axes=60).fit(papers.terms)
    models = fit(likes(0, 1), papers=papers, background=background, parameters=parameters)
    expected = prior_covariance(papers, background, parameters)
    np.testing.assert_allclose(
        expected,
        models.covariance(papers, (papers.terms @ papers.terms.T).toarray()),
        atol=1e-6,
    )
    np.testing.assert_allclose(np.diag(expected), models.prior_variance(papers), atol=1e-6)


@pytest.mark.parametrize("parameters", [DEFAULTS, WITH_COMMUNITY])
def test_deviation_is_that_of_the_gaussian_process(parameters: InterestParameters) -> None:
    """``k(x, x) − k(x, R) (k(R, R) + W⁻¹)⁻¹ k(R, x)``, with everything dense."""
    background = Background(axes=60).fit(PAPERS.terms)
    people = [likes(3, 7) + dislikes(20), [(50, LIKE, 2.0), (7, DISLIKE, 0.5), (7, LIKE, 1.0)], []]
    models = fit(*people, background=background, parameters=parameters)
    prior = prior_covariance(PAPERS, background, parameters)
    covariance = models.covariance(PAPERS, (PAPERS.terms @ PAPERS.terms.T).toarray())
    for interest, rated in enumerate(people):
        rows = [row for row, _, _ in rated]
        noise = np.diag([1 / weight for _, _, weight in rated]).reshape(len(rows), len(rows))
        across = prior[:, rows]
        explained = across @ np.linalg.solve(prior[np.ix_(rows, rows)] + noise, across.T)
        np.testing.assert_allclose(
            np.sqrt(np.diag(prior) - np.diag(explained)),
            models.deviation(covariance[:, rows], models.prior_variance(PAPERS), interest),
            atol=1e-5,
        )


def test_variance_of_papers_that_are_all_the_same_is_not_negative() -> None:
    """Each is the mean of all, up to a rounding in either direction."""
    for row in range(60):
        papers = PAPERS[np.full(7, row)]
        models = fit(likes(0), papers=papers, background=Background().fit(papers.terms))
        assert (models.prior_variance(papers) >= 0).all()


def test_rating_that_explains_more_than_there_is_leaves_no_deviation() -> None:
    """Rounding may do so, and the root of what is below nought would be no number."""
    models = fit(likes(3))
    covariance = models.covariance(PAPERS, (PAPERS.terms @ PAPERS.terms.T).toarray())[:, [3]]
    nothing = np.zeros(60, dtype=np.float32)
    np.testing.assert_array_equal(nothing, models.deviation(covariance, nothing, 0))


def test_model_is_surer_of_what_is_like_what_was_rated() -> None:
    models = fit(likes(3), parameters=replace(DEFAULTS, penalty=0.1))
    prior = models.prior_variance(PAPERS)
    cosines = (PAPERS.terms @ PAPERS.terms.T).toarray()
    deviations = models.deviation(models.covariance(PAPERS, cosines)[:, [3]], prior, 0)
    assert (deviations <= np.sqrt(prior)).all()
    assert int(np.argmin(deviations / np.sqrt(prior))) == 3


def of_one_row(cosine: float) -> Products:
    return Products(np.arange(1), range(1), np.array([[cosine]], dtype=np.float32))


def fit_one_word(
    *counts: float, penalty: float = 1.0, cosine: float | None = None
) -> InterestModels:
    """Fit a like of a paper of one word, of which the papers of the sample have so much.

    Nothing else is known: the mean of the background is nought and it has no axes. So the weight of
    the word is 1 / (penalty + cosine of the paper with itself).
    """
    liked, sample = (
        PaperRows(sparse.csr_matrix(column, dtype=np.float32), np.zeros((len(column), 0)))
        for column in ([[1.0]], np.reshape(counts, (-1, 1)))
    )
    background = Background().fit(sparse.csr_matrix((0, 1), dtype=np.float32))
    return InterestModels(background, sample, replace(DEFAULTS, penalty=penalty)).fit(
        liked,
        column(1, rows=1),
        column(1, rows=1),
        products=None if cosine is None else [of_one_row(cosine)],
    )


def test_scale_is_half_the_middle_two_thirds_of_the_sample() -> None:
    models = fit_one_word(*range(101))
    assert models.coef_ == pytest.approx(1 / 2)
    assert models.centre_ == pytest.approx(50 / 2)
    assert models.scale_ == pytest.approx((84 - 16) / 2 / 2)


def test_scale_is_a_quarter_of_the_deviation_where_the_middle_is_all_the_same() -> None:
    models = fit_one_word(10, *[0] * 99)
    assert models.centre_ == [0]
    # The mean of the squares is 1, the square of the mean 0.01.
    assert models.scale_ == pytest.approx(np.sqrt(0.99) / 4 / 2)


def test_score_is_the_calibrated_distance_from_the_centre_in_scales() -> None:
    models = fit(likes(0, 1))
    decision = models.centre_ + models.scale_ * np.array([[-2.5], [0], [2.5]])
    scores = models.interest_score(decision.astype(np.float32))
    expected = DEFAULTS.calibration.probability([-2.5, 0, 2.5])
    np.testing.assert_allclose(expected, scores[:, 0], rtol=1e-5)
    assert scores.dtype == np.float64


def test_products_that_are_known_are_taken_as_they_are() -> None:
    """Given others than the papers have, all that follows from them follows from those given."""
    models = fit_one_word(1, penalty=2.0, cosine=3.0)
    assert models.coef_ == pytest.approx(1 / (2 + 3))
    assert models.covariance(models.sample, np.array([[6.0]], np.float32)) == pytest.approx(6 / 2)


def test_kernel_that_is_none_is_refused() -> None:
    with pytest.raises(FloatingPointError, match="kernel of 1 ratings is not positive definite"):
        fit_one_word(1, cosine=-3.0)


def test_heads_are_tied_where_there_is_no_paper() -> None:
    models = fit([], [], papers=PAPERS[np.arange(0)])
    models.tie(range(2))
    assert (models.centre_.tolist(), models.scale_.tolist()) == ([0, 0], [0, 0])


def test_tied_heads_are_on_the_scale_of_the_best_of_them() -> None:
    """Those of other subscribers, before and after them, stay as they are."""
    models = fit(likes(50), likes(0, 1), likes(30, 31), likes(40))
    decision = models.decision_function(PAPERS)
    untouched = models.interest_score(decision)[:, [0, 3]]
    models.tie(range(1, 3))
    scores = models.interest_score(decision)
    best = decision[:, 1:3].max(axis=1)
    assert models.centre_[1:3] == pytest.approx([np.median(best)] * 2)
    assert np.median(scores[:, 1:3].max(axis=1)) == pytest.approx(AVERAGE, rel=0.1)
    np.testing.assert_array_equal(
        np.argsort(best, kind="stable"),
        np.argsort(scores[:, 1:3].max(axis=1), kind="stable"),
    )
    np.testing.assert_array_equal(untouched, scores[:, [0, 3]])


@given(PEOPLE, st.sampled_from([DEFAULTS, WITH_COMMUNITY]))
def test_any_ratings_give_scores_between_nought_and_one(
    people: list[list[Rated]], parameters: InterestParameters
) -> None:
    scores = scores_of(fit(*people, parameters=parameters))
    assert ((scores >= 0) & (scores <= 1)).all()


@given(st.integers(0, 59), st.integers(0, 59))
def test_interest_score_orders_as_the_decision_does(first: int, second: int) -> None:
    models = fit(likes(0, 1, 2) + dislikes(3))
    one, other = models.decision_function(PAPERS)[[first, second], 0]
    score, other_score = scores_of(models)[[first, second], 0]
    assert (one >= other) <= (score >= other_score)
