"""Jobs: how good the ranking is, on a data set or on the instance's own issues. Writes nothing.

A data set is split by a day. Of an instance, every issue that was composed is ranked anew by the
model as it was then. `held_out` and `prequential` have the cases, `measuring` the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Final, TextIO

import numpy as np

from recommender.errors import RecommenderError
from recommender.interests import rankers
from recommender.interests.evaluation import Batch, Case, Ranker, Ranking
from recommender.interests.evidence import Evidence
from recommender.interests.metrics import FloatArray
from recommender.interests.paper_index import PaperIndex, index_papers
from recommender.interests.parameters import InterestParameters
from recommender.interests.tuning import learn_community, tune
from recommender.jobs.quality.held_out import (
    FEWEST_LIKES_AFTER,
    FEWEST_RATINGS_BEFORE,
    hold_out,
    rating_history_before,
)
from recommender.jobs.quality.measuring import (
    Measuring,
    Progress,
    Report,
    ShownScores,
    compared,
    no_progress,
    summary_of,
)
from recommender.jobs.quality.newcomers import ByInterestAsNewcomers
from recommender.jobs.quality.prequential import load_history
from recommender.jobs.services import Services
from recommender.newsletter.blend import PRIOR_HALF_EVIDENCE, blend, interest_weight
from recommender.papers.datasets.dataset import Dataset, csv_line
from recommender.spreadsheet_cells import as_cell
from recommender.wording import counted

SAMPLED_SUBSCRIBERS: Final = 100
"""How many are measured by the baselines that take as long for one as the model for all."""

RANKING_COLUMNS: Final = ("subscriber", "rank", "paper")
RANKS_WRITTEN: Final = 1000

_SEED: Final = 0
_DEFAULTS: Final = InterestParameters()


def evaluate_dataset(
    dataset: Dataset,
    split_at: date,
    *,
    parameters: InterestParameters | None = None,
    likes: int | None = None,
    baselines: bool = True,
    rankings: TextIO | None = None,
    progress: Progress = no_progress,
    cpu_seconds: Callable[[], float] = time.process_time,
) -> Report:
    """Fit on what was rated before a day, rank what was published from then on, and score that.

    Ranked for each subscriber is every paper published since, but those that they had rated by
    then; good is one that they came to like. See `hold_out` for who is left out.

    Parameters
    ----------
    dataset : Dataset
    split_at : date
        Begins at midnight UTC.
    parameters : InterestParameters or None
        Of the production model; None chooses them as an installation does every night, by what
        was rated before the split.
    likes : int or None
        How many likes each subscriber is left with, their last ones before the split, as if they
        had been newcomers then; see `HeldOut.with_last_likes`. The parameters still follow from all
        that was rated, the community as `newcomers` says. None: everything counts.
    baselines : bool
        Measure them too; the linear SVM and the logistic regression on a sample of 100 subscribers.
    rankings : text file or None
        Takes the production model's first 1,000 ranks of each subscriber, as CSV.
    progress : Progress
    cpu_seconds : callable
        See `evaluation.rank_batches`.

    Raises
    ------
    RecommenderError
        If nobody has enough ratings and likes.
    """
    split = datetime(split_at.year, split_at.month, split_at.day, tzinfo=UTC)
    progress("index", 0, None)
    index = index_papers(dataset.papers)
    held_out = hold_out(dataset, index, split)
    if not held_out.cases:
        raise RecommenderError(
            f"nobody can be evaluated at {split_at}: none of "
            f"{counted(len(dataset.ratings), 'subscriber')} has {FEWEST_RATINGS_BEFORE} ratings "
            f"before it, and {FEWEST_LIKES_AFTER} likes among the "
            f"{counted(len(held_out.candidates), 'paper')} published since; "
            "choose another --split-at"
        )
    if likes is not None:
        held_out = held_out.with_last_likes(likes)
    progress("choose", 0, None)
    told = rating_history_before(dataset, index, split)
    if parameters is None:
        tuned = tune(index, told, start=_DEFAULTS)
        parameters = _DEFAULTS if tuned is None else tuned.chosen.parameters
    index = index.weighted_by(parameters.weighting)
    by_production: Ranker = partial(rankers.by_interest, parameters=parameters)
    if parameters.community_weight and likes is not None:
        row_of = {subscriber: row for row, subscriber in enumerate(dataset.ratings)}
        by_production = ByInterestAsNewcomers.learned(
            index, told.likes, row_of, held_out.cases, parameters
        )
    elif parameters.community_weight:
        index = replace(index, community=learn_community(index, told.likes))
    measuring = Measuring(index, parameters, progress, cpu_seconds)
    shown = ShownScores()
    watchers = [shown.watch]
    if rankings is not None:
        watchers.append(RankingsWriter(dataset, index, rankings).watch)
    production = measuring.outcomes(
        "production",
        by_production,
        held_out.batches(held_out.cases),
        len(held_out.cases),
        watchers,
    )
    candidates = len(held_out.candidates)
    return Report(
        candidates=candidates,
        left_out=len(dataset.ratings) - len(held_out.cases),
        production=summary_of(production, candidates=candidates),
        baselines={
            name: measuring.baseline(
                name,
                ranker,
                held_out.batches(some),
                len(some),
                production=production,
                candidates=candidates,
            )
            for name, ranker, some in (_compared(held_out.cases) if baselines else ())
        },
        calibration_error=shown.calibration_error(),
        parameters=asdict(parameters),
        likes=likes,
    )


def evaluate_instance(
    services: Services,
    *,
    parameters: InterestParameters = _DEFAULTS,
    half_evidence: float = PRIOR_HALF_EVIDENCE,
    baselines: bool = True,
    progress: Progress = no_progress,
    cpu_seconds: Callable[[], float] = time.process_time,
) -> Report:
    """Rank what each issue could have held by what was known then, and score that by its likes.

    The production ranking is the blend of interest and trend, before near-duplicates are spread
    and wishes are granted. Good is a paper of the issue that its reader liked or saved afterwards.
    What was never shown could not be liked, so the figures favour the ranking that chose the
    issues; the estimate of likes an issue, which weighs by the propensities that were logged, does
    not. Measured are subscribers who rated anything; they count in the figures if they liked a
    paper of an issue, and in the estimate in any case.

    Parameters
    ----------
    services : Services
    parameters : InterestParameters
        Of the production model.
    half_evidence : float
        Of the blend, see `newsletter.blend.interest_weight`.
    baselines : bool
        Measure interest alone, trend alone and the centroid too.
    progress : Progress
    cpu_seconds : callable
        See `evaluation.rank_batches`.

    Raises
    ------
    RecommenderError
        If nobody liked a paper of an issue yet.
    """
    progress("index", 0, None)
    history = load_history(services)
    measuring = Measuring(history.index, parameters, progress, cpu_seconds)
    blended = partial(by_blend, parameters=parameters, half_evidence=half_evidence)
    production = measuring.outcomes("production", blended, history.batches(), None)
    measured_on = {outcome.subscriber for outcome in production if outcome.likes}
    if not measured_on:
        raise RecommenderError(
            f"nothing can be evaluated yet: of {counted(len(production), 'issue')} to subscribers "
            "who rated anything, none has a paper that was liked or saved after it came; rate "
            "some papers first, or name a data set"
        )
    candidates = history.candidates()
    shown = ShownScores()
    interest = measuring.outcomes(
        "interest",
        partial(rankers.by_interest, parameters=parameters),
        history.batches(),
        len(production),
        [shown.watch],
    )
    beside = {"interest": compared(interest, production, candidates=candidates)}
    for name, ranker in (("trend", rankers.by_trend), ("centroid", rankers.by_centroid)):
        if baselines:
            beside[name] = measuring.baseline(
                name,
                ranker,
                history.batches(),
                len(production),
                production=production,
                candidates=candidates,
            )
    return Report(
        candidates=candidates,
        left_out=len(history.raters) - len(measured_on),
        production=summary_of(production, candidates=candidates),
        baselines=beside if baselines else {},
        calibration_error=shown.calibration_error(),
        parameters=asdict(parameters) | {"half_evidence": half_evidence},
        issues=len(production),
    )


def by_blend(
    index: PaperIndex,
    evidences: Sequence[Evidence],
    batch: Batch,
    *,
    parameters: InterestParameters,
    half_evidence: float,
) -> FloatArray:
    """Order by interest and trend as issues are: by the ``ranking_score`` before crowding."""
    weight = np.array([interest_weight(each.amount, half_evidence) for each in evidences])
    interest = rankers.score_candidates(index, evidences, batch.candidates, parameters)
    return blend(batch.trend_scores, interest, weight[:, None])


def _compared(cases: Sequence[Case]) -> Iterator[tuple[str, Ranker, Sequence[Case]]]:
    """Yield the baselines, each with the cases that it is measured on."""
    yield "trend", rankers.by_trend, cases
    yield "centroid", rankers.by_centroid, cases
    drawn = np.random.default_rng(_SEED).permutation(len(cases))[:SAMPLED_SUBSCRIBERS]
    sample = [cases[at] for at in np.sort(drawn)]
    yield "svm", rankers.by_svm, sample
    yield "logistic", rankers.by_logistic_regression, sample


@dataclass(slots=True)
class RankingsWriter:
    """Writes the first ranks of each subscriber as CSV, with the data set's own ids."""

    dataset: Dataset
    index: PaperIndex
    file: TextIO

    def __post_init__(self) -> None:
        self.file.write(csv_line(RANKING_COLUMNS))

    def watch(self, ranking: Ranking) -> None:
        """Write one ranking."""
        for rank, row in enumerate(ranking.rows[:RANKS_WRITTEN].tolist(), start=1):
            name = self.dataset.names[self.index.papers[row].id - 1]
            self.file.write(csv_line((as_cell(ranking.case.subscriber), rank, as_cell(name))))
