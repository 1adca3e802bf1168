"""How many issues it takes until the newsletter is its reader's, beside three other rankers.

On the days from November 2025 to August 2026; whoever tunes the ranking leaves them alone and takes
`simulated_readers.digest_days`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from simulated_readers import (
    BASELINES,
    RARE_TASTES,
    TASTES,
    FloatArray,
    Period,
    audience,
    base_rates,
    by_program,
    cut,
    dataset_days,
    digest_days,
    heading,
    learning_curve,
    possible,
    row_of_table,
)

from recommender.domain import Digest
from recommender.newsletter.reader import RankingParameters

SEEDS = range(3)
LAST_TO_TUNE_ON = date(2025, 10, 31)
PROGRAM, EXPLORING = "this program", "the same, exploring"
NEWSLETTERS = {
    PROGRAM: by_program(),
    EXPLORING: by_program(RankingParameters(exploration=2)),
    **BASELINES,
}


@pytest.fixture(scope="module")
def period(shared_data: Path) -> Period:
    days = dataset_days(shared_data)
    return cut(days, [day for day in days if day.day > LAST_TO_TUNE_ON])


def test_days_to_tune_on_have_no_paper_of_those_that_are_reported_on(
    real_days: Mapping[date, Digest], period: Period
) -> None:
    tuned_on = {paper.title for day in digest_days(real_days) for paper in day.papers}
    reported_on = {
        period.index.papers[row].title for block in period.blocks for row in block.candidates
    }
    assert len(tuned_on) > 5000
    assert len(tuned_on & reported_on) < 0.01 * len(reported_on)


def curves(period: Period, title: str, tastes: Sequence[str]) -> dict[str, FloatArray]:
    """Let every ranker compose for the same readers, and print what of it fits them."""
    readers = audience(period.index, tastes, SEEDS)
    report(f"{title}: share of the ten papers that fits, {len(readers.fits)} readers")
    report(heading())
    report(row_of_table("base rate", base_rates(period, readers)))
    report(row_of_table("possible", possible(period, readers)))
    shares = {}
    for name, compose in NEWSLETTERS.items():
        shares[name] = learning_curve(period, readers, compose)
        report(row_of_table(name, shares[name]))
    return shares


def test_newsletter_becomes_its_readers_sooner_than_with_other_rankers(period: Period) -> None:
    """Once there is something to learn from: from the fourth issue on."""
    shares = curves(period, "all tastes", TASTES)
    learned = {name: float(of_name[:, 3:].mean()) for name, of_name in shares.items()}
    assert learned[PROGRAM] > learned["linear SVM"] + 0.01
    assert learned[PROGRAM] > learned["centroid"] + 0.05
    assert learned[PROGRAM] > learned["trend"] + 0.4


def test_rare_tastes_are_found(period: Period) -> None:
    """Three papers of a hundred fit: ten places hold at most five or six in the mean."""
    shares = curves(period, "rare tastes", RARE_TASTES)
    assert float(shares[PROGRAM][:, 12:].mean()) > 4 * float(np.mean(shares["trend"][:, 12:]))


def report(line: str) -> None:
    print(f"\n{line}", end="")  # noqa: T201 - the figures are the benchmark's result
