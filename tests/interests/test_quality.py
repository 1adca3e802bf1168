"""The production features and model on real libraries: what the README's table claims."""

from __future__ import annotations

from typing import Any

import numpy as np

from recommender.interests.features import FeatureSpace
from recommender.interests.metrics import auc, ndcg_at_k, recall_at_k, reciprocal_rank
from recommender.interests.model import Background, InterestModel


def test_ranking_on_citeulike_is_at_least_that_of_the_peers(citeulike: Any) -> None:
    """The best peers reach nDCG@10 0.172, recall@50 0.379, MRR 0.317, AUC 0.879."""
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
