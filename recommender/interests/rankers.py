"""Interests room: the production model as a ranker of held-out papers, and its baselines. Pure.

Each is an `evaluation.Ranker`: it scores the candidates of a batch for each of its cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.interests.batch import fit_interests, fitting_slices
from recommender.interests.evaluation import Batch
from recommender.interests.evidence import Evidence
from recommender.interests.metrics import FloatArray, RowArray
from recommender.interests.paper_index import PaperIndex, RatedRows
from recommender.interests.parameters import InterestParameters

_MOST_NEGATIVES: Final = 5000
_SEED: Final = 0


def score_candidates(
    index: PaperIndex,
    evidences: Sequence[Evidence],
    candidates: RowArray,
    parameters: InterestParameters,
) -> FloatArray:
    """Fit the production model to each subscriber and give its interest in the candidates.

    Parameters
    ----------
    index : PaperIndex
    evidences : sequence of Evidence
    candidates : ndarray of int, shape (n_candidates,)
        Rows in the index.
    parameters : InterestParameters

    Returns
    -------
    ndarray of shape (n_subscribers, n_candidates)
        The ``interest_score`` in [0, 1].
    """
    rows = index.paper_rows(candidates)
    rated_rows = RatedRows(index)
    scores = np.empty((len(evidences), len(candidates)))
    for some in fitting_slices(evidences):
        interests = fit_interests(index, evidences[some], parameters, rated_rows=rated_rows)
        scores[some] = interests.interest_scores(rows)
    return scores


def by_interest(
    index: PaperIndex,
    evidences: Sequence[Evidence],
    batch: Batch,
    *,
    parameters: InterestParameters,
) -> FloatArray:
    """Order by the ``interest_score`` of the production model."""
    return score_candidates(index, evidences, batch.candidates, parameters)


def by_trend(index: PaperIndex, evidences: Sequence[Evidence], batch: Batch) -> FloatArray:
    """Order by public attention alone, the same for everybody."""
    del index
    return np.broadcast_to(batch.trend_scores, (len(evidences), len(batch.trend_scores)))


def by_centroid(
    index: PaperIndex, evidences: Sequence[Evidence], batch: Batch
) -> NDArray[np.float32]:
    """Order by the cosine to the mean of the liked papers (Rocchio 1971, likes only)."""
    centroids = np.zeros((len(evidences), index.rows.shape[1]), dtype=np.float32)
    for case, evidence in enumerate(evidences):
        total = np.asarray(index.rows[list(evidence.liked)].sum(axis=0)).ravel()
        centroids[case] = total / (np.linalg.norm(total) or 1.0)
    scores: NDArray[np.float32] = (index.rows[batch.candidates] @ centroids.T).T
    return scores


def by_svm(index: PaperIndex, evidences: Sequence[Evidence], batch: Batch) -> FloatArray:
    """Order by a linear SVM for each subscriber: the papers that they liked against all others.

    What the recommenders of this field do, ``LinearSVC(class_weight="balanced", C=0.01)`` over the
    whole corpus, candidates included; some tens of milliseconds each.
    """
    # Takes memory and a second to import, which the daemon need not spend.
    from sklearn.svm import LinearSVC  # noqa: PLC0415 - see above

    # As liblinear takes them, converted once; in the primal it would need ten times as long.
    corpus = index.rows.astype(np.float64)
    scores = np.zeros((len(evidences), len(batch.candidates)))
    for case, evidence in enumerate(evidences):
        liked = np.zeros(len(index.papers), dtype=bool)
        liked[list(evidence.liked)] = True
        if liked.any() and not liked.all():
            svm = LinearSVC(
                C=0.01, class_weight="balanced", dual=True, max_iter=10_000, random_state=0
            )
            scores[case] = svm.fit(corpus, liked).decision_function(corpus[batch.candidates])
    return scores


def by_logistic_regression(
    index: PaperIndex, evidences: Sequence[Evidence], batch: Batch
) -> FloatArray:
    """Order by a logistic regression for each subscriber: their likes against 5,000 other papers.

    As Scholar Inbox ranks (Flicke et al. 2025): the others are drawn at random from the whole
    corpus, candidates included, ``class_weight="balanced"``, ``C=0.4``.
    """
    # As for the linear SVM.
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - see above

    shuffled = np.random.default_rng(_SEED).permutation(len(index.papers))
    scores = np.zeros((len(evidences), len(batch.candidates)))
    for case, evidence in enumerate(evidences):
        liked = np.array(sorted(evidence.liked), dtype=np.intp)
        others = shuffled[~np.isin(shuffled, liked)][:_MOST_NEGATIVES]
        if len(liked) and len(others):
            rows = index.rows[np.concatenate([liked, others])]
            is_liked = np.arange(len(liked) + len(others)) < len(liked)
            model = LogisticRegression(C=0.4, class_weight="balanced", max_iter=1000)
            model.fit(rows, is_liked)
            scores[case] = model.decision_function(index.rows[batch.candidates])
    return scores
