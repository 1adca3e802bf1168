"""The production features and models on real libraries: a floor under their quality."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from recommender.interests.community import CommunityMap
from recommender.interests.evaluation import MEASURES, outcome_of, rank_batches
from recommender.interests.paper_index import PaperIndex
from recommender.interests.parameters import InterestParameters
from recommender.interests.rankers import by_interest


def figures_of(
    citeulike: Any, index: PaperIndex, parameters: InterestParameters
) -> dict[str, float]:
    rankings = rank_batches(
        index,
        citeulike.batches,
        partial(by_interest, parameters=parameters),
        halvings_per_year=parameters.halvings_per_year,
        cpu_seconds=lambda: 0.0,
    )
    figures = [outcome_of(ranking).figures for ranking in rankings]
    assert (len(figures), len(citeulike.batches[0].candidates)) == (300, 5195)
    return dict(zip(MEASURES, np.mean(figures, axis=0).tolist(), strict=True))


def test_defaults_do_not_fall_below_what_was_reached(citeulike: Any) -> None:
    """Reached: 0.178, 0.374, 0.331, 0.889; the best peers have 0.172, 0.379, 0.317, 0.879."""
    reached = figures_of(citeulike, citeulike.index, InterestParameters())
    assert reached["ndcg_at_10"] >= 0.175
    assert reached["recall_at_50"] >= 0.371
    assert reached["mrr"] >= 0.325
    assert reached["auc"] >= 0.886


def test_community_adds_to_every_figure(citeulike: Any) -> None:
    """Reached: 0.186, 0.397, 0.351, 0.907."""
    community = CommunityMap().fit(citeulike.index.rows, citeulike.likes)
    index = replace(citeulike.index, community=community)
    reached = figures_of(citeulike, index, InterestParameters(community_weight=0.3))
    assert reached["ndcg_at_10"] >= 0.18
    assert reached["recall_at_50"] >= 0.392
    assert reached["mrr"] >= 0.34
    assert reached["auc"] >= 0.9
