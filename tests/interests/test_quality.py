"""The production features and model on real libraries: a floor under their quality."""

from __future__ import annotations

from typing import Any

import numpy as np

from recommender.interests.features import FeatureSpace
from recommender.interests.metrics import auc, ndcg_at_k, recall_at_k, reciprocal_rank
from recommender.interests.model import Background, InterestModel


def test_ranking_on_citeulike_does_not_fall_below_what_was_reached(citeulike: Any) -> None:
    """Reached: 0.173, 0.375, 0.322, 0.888; the best peers have 0.172, 0.379, 0.317, 0.879."""
    rows = FeatureSpace().fit_transform(citeulike.documents)
    background, candidates = Background().fit(rows), rows[citeulike.candidates]
    figures = []
    for who, before in citeulike.before.items():
        model = InterestModel(background).fit(rows[before], np.ones(len(before)))
        order = np.argsort(-model.decision_function(candidates), kind="stable")
        ranked = citeulike.candidates[order]
        ranked = ranked[~np.isin(ranked, before)]
        relevant = np.isin(ranked, list(citeulike.after[who]))
        figures.append(
            (
                ndcg_at_k(relevant, 10),
                recall_at_k(relevant, 50),
                reciprocal_rank(relevant),
                auc(relevant),
            )
        )
    ndcg, recall, mrr, area = np.mean(figures, axis=0).tolist()
    assert (len(figures), len(citeulike.candidates)) == (300, 5195)
    assert ndcg >= 0.172
    assert recall >= 0.37
    assert mrr >= 0.317
    assert area >= 0.88
