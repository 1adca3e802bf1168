"""What rating the welcome teaches, beside rating ten trending papers drawn at random."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from simulated_readers import TASTES, audience, dataset_days, index_of
from simulated_welcome import (
    HALF,
    TRUTHFUL,
    Trial,
    by_chance,
    by_welcome,
    trials_on_days,
    trials_on_people,
    welcome_quality,
    with_community,
)

LAST_TO_TUNE_ON = date(2025, 10, 31)


def gains(title: str, *trials: Sequence[Trial], seeds: int) -> list[float]:
    """Print and return nDCG@10 after the welcome over that after trending papers.

    Of all newcomers of one or more sequences of trials.
    """
    ratios = []
    for answers, shares in (("half of what fits", HALF), ("all", TRUTHFUL)):
        welcome, chance = (
            float(
                np.nanmean(
                    np.concatenate(
                        [
                            welcome_quality(some, choose, seeds=seeds, shares=shares)
                            for some in trials
                        ],
                        axis=-1,
                    )
                )
            )
            for choose in (by_welcome, by_chance)
        )
        ratios.append(welcome / chance)
        report(
            f"{title}, who rate {answers}: nDCG@10 {welcome:.3f} after the welcome,"
            f" {chance:.3f} after trending papers, {ratios[-1]:.2f} times"
        )
    return ratios


def test_welcome_tells_more_of_a_topical_taste_than_trending_papers(shared_data: Path) -> None:
    """On days that are not for tuning: of eight days' papers, for the sixteen that follow."""
    source = dataset_days(shared_data)
    fits = audience(index_of(source), TASTES, [0]).fits
    days = [day for day in source if day.day > LAST_TO_TUNE_ON]
    trials = trials_on_days(days, index_of(source), fits, welcome=8, then=16)
    assert min(gains("topical readers", trials, seeds=2)) > 1.02


@pytest.mark.parametrize("known", [True, False])
def test_welcome_asks_about_what_the_community_likes(shared_data: Path, known: bool) -> None:
    """The community rated the days before. It has all tastes, or none of those of the newcomers."""
    source = dataset_days(shared_data)
    index = index_of(source)
    fits = audience(index, TASTES, [0]).fits
    before = [day for day in source if day.day <= LAST_TO_TUNE_ON]
    days = [day for day in source if day.day > LAST_TO_TUNE_ON]
    newcomers = [np.arange(len(fits))]
    if not known:
        newcomers = [newcomers[0][quarter::4] for quarter in range(4)]
    trials = []
    for tastes in newcomers:
        others = fits if known else np.delete(fits, tastes, axis=0)
        learned = with_community(index, before, others, of_each=8, likes=40)
        trials.append(trials_on_days(days, learned, fits[tastes], welcome=8, then=16))
    title = f"topical readers of tastes that a community {'has' if known else 'has not'}"
    assert min(gains(title, *trials, seeds=4)) > (1.1 if known else 1.02)


def test_welcome_of_people_who_write_papers(shared_data: Path) -> None:
    """Their later papers are so few that the figure is small, and its ratio is only printed."""
    trials = trials_on_people(shared_data, welcome=22, moments=2)
    assert min(gains("authors", trials, seeds=1)) > 0


def report(line: str) -> None:
    print(f"\n{line}", end="")  # noqa: T201 - the figures are the benchmark's result
