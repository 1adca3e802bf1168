"""Interests room: hyper-parameters, chosen by what an instance's own ratings say. Pure.

The papers that appeared last are held out, and for a second look those before them. Interests are
fitted on the ratings of older ones, the community's map on the likes of older ones, and what is
compared is how well each setting ranks the held-out papers. A change must gain more than chance
would: on instances where a few curators dominate, or with few ratings, the defaults stay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import compress
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.domain import Rating
from recommender.interests import rankers
from recommender.interests.community import CommunityMap
from recommender.interests.evaluation import (
    MEASURES,
    Batch,
    Case,
    Outcome,
    batches_of,
    by_subscriber,
    held_out_case,
    mean_figures,
    outcome_of,
    rank_batches,
)
from recommender.interests.paper_index import PaperIndex
from recommender.interests.parameters import InterestParameters

FloatArray = NDArray[np.float64]

PERIODS: Final = 2
HELD_OUT_SHARE: Final = 0.3
"""Of all likes: those of the papers that appeared last, and again of those before them. Where
people rate little, as on hf-authors, a fifth of the likes shows too little of what helps.
"""

FEWEST_SUBSCRIBERS: Final = 20
MOST_SUBSCRIBERS: Final = 600
"""Of each period."""

MOST_CANDIDATES: Final = 5000
FEWEST_RATINGS: Final = 3
FEWEST_LIKES: Final = 1
MOST_RATINGS: Final = 100

MOST_LIKES: Final = 50
"""Of one subscriber, that the community's map is learned from. With all of them, hf-authors and
citeulike-t have the same nDCG@10, and who likes hundreds of papers moves everybody's ranking."""

STANDARD_ERRORS: Final = 2.0
"""What a change must gain, in standard errors of the gain."""

CHANGES: Final[Sequence[Sequence[Mapping[str, float]]]] = (
    tuple(
        {"idf_sharpness": sharpness, "idf_floor": floor, "saturation": saturation}
        for sharpness, floor in ((1.0, 0.1), (1.5, 0.1), (2.0, 0.1), (2.5, 0.1), (3.0, 0.15))
        for saturation in (0.9, 1.5, 3.0)
    ),
    tuple({"idf_floor": floor} for floor in (0.05, 0.1, 0.15, 0.2)),
    tuple({"length_normalisation": length} for length in (0.0, 0.4, 0.75)),
    tuple({"title_emphasis": emphasis} for emphasis in (1.0, 1.1, 1.3, 1.6)),
    tuple({"author_share": share} for share in (0.0, 0.05, 0.1, 0.2, 0.3)),
    tuple(
        {"penalty": penalty, "background_weight": background_weight}
        for penalty in (1.0, 3.0, 10.0, 30.0)
        for background_weight in (10.0, 30.0, 100.0)
    ),
    tuple({"centring": centring} for centring in (0.0, 0.5, 1.0)),
    tuple({"community_weight": weight} for weight in (0.0, 0.1, 0.2, 0.4, 0.6)),
    tuple({"focus": focus} for focus in (0.0, 0.05, 0.2)),
    tuple({"halvings_per_year": halvings} for halvings in (0.0, 1.0, 4.0)),
)
"""What is tried, one kind of change after the other; all within `parameters.BOUNDS`."""


@dataclass(frozen=True, slots=True, eq=False)
class RatingHistory:
    """What an instance's subscribers said, as far as it is needed to choose by.

    Attributes
    ----------
    likes : csr_matrix of shape (n_subscribers, n_papers)
        1 where a subscriber likes or saved a paper; columns are rows of the index.
    ratings_of : callable
        Gives all ratings of some subscribers, by their rows in ``likes``.
    appeared_on : ndarray of int, shape (n_papers,)
        Day on which each paper appeared, as a number; the least where nobody was offered it.
    """

    likes: sparse.csr_matrix
    ratings_of: Callable[[Sequence[int]], Sequence[Sequence[Rating]]]
    appeared_on: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """Parameters, and how they ranked the held-out papers of each subscriber.

    Attributes
    ----------
    figures : ndarray of shape (n_subscribers, n_measures)
        In the order of `evaluation.MEASURES`.
    """

    parameters: InterestParameters
    figures: FloatArray

    @property
    def quality(self) -> FloatArray:
        """What is compared, for each subscriber: the mean of nDCG@10 and recall@50."""
        quality: FloatArray = self.figures[:, [_NDCG, _RECALL]].mean(axis=1)
        return quality

    @property
    def ndcg_at_10(self) -> float:
        """Mean over subscribers."""
        return float(self.figures[:, _NDCG].mean())

    def gains_over(self, other: Trial) -> bool:
        """Return whether these parameters are better, by more than chance."""
        gain = self.quality - other.quality
        error = gain.std(ddof=1) / np.sqrt(len(gain))
        return bool(gain.mean() > STANDARD_ERRORS * error)


@dataclass(frozen=True, slots=True)
class Tuned:
    """What came of choosing.

    Attributes
    ----------
    start, chosen : Trial
        With the parameters that there were, and with those that are better or the same.
    is_rolled_back : bool
        The parameters that there were had become worse than the defaults.
    """

    start: Trial
    chosen: Trial
    is_rolled_back: bool

    @property
    def is_changed(self) -> bool:
        """Whether other parameters are better."""
        return self.start.parameters != self.chosen.parameters


@dataclass(slots=True, eq=False)
class _Corpus:
    """All papers, as they are weighted now: a weighting takes longer than ranking with it."""

    index: PaperIndex

    def weighted_by(self, weighting: Mapping[str, float]) -> PaperIndex:
        self.index = self.index.weighted_by(weighting)
        return self.index


@dataclass(slots=True, eq=False)
class _HeldOut:
    """The papers of one period, held out of some subscribers, and what is needed to rank them."""

    corpus: _Corpus
    likes_before: sparse.csr_matrix
    batches: Sequence[Batch]
    proceed: Callable[[], object]
    index_with_community: PaperIndex | None = field(default=None)

    def outcomes(self, parameters: InterestParameters) -> list[Outcome]:
        """Rank the held-out papers with these parameters."""
        index = self._index_for(parameters)
        rankings = rank_batches(
            index,
            self.batches,
            partial(rankers.by_interest, parameters=parameters),
            halvings_per_year=parameters.halvings_per_year,
            cpu_seconds=lambda: 0.0,
        )
        outcomes = []
        for ranking in rankings:
            self.proceed()
            outcomes.append(outcome_of(ranking))
        return outcomes

    def _index_for(self, parameters: InterestParameters) -> PaperIndex:
        """Return the papers, weighted, with the community as it was; the last of each is kept."""
        self.proceed()
        weighting, learned = parameters.weighting, self.index_with_community
        index = self.corpus.weighted_by(weighting)
        if not parameters.community_weight:
            return index
        if learned is None or learned.weighting.get_params() != weighting:
            # From the likes of older papers alone.
            community = learn_community(index, self.likes_before, self.proceed)
            learned = self.index_with_community = replace(index, community=community)
        return learned


def tune(
    index: PaperIndex,
    history: RatingHistory,
    *,
    start: InterestParameters,
    seed: int = 0,
    proceed: Callable[[], object] = lambda: None,
) -> Tuned | None:
    """Choose hyper-parameters by how they rank the papers that appeared last.

    Parameters
    ----------
    index : PaperIndex
        Its community is not used: it knows the likes of the held-out papers.
    history : RatingHistory
    start : InterestParameters
        Those that there are; if the defaults are better by now, it begins with these instead.
    seed : int
        Of the sample of subscribers.
    proceed : callable
        Is called often; what it raises ends the work.

    Returns
    -------
    Tuned or None
        None where too few subscribers have ratings of older and likes of newer papers.
    """
    generator = np.random.default_rng(seed)
    corpus = _Corpus(index)
    periods = [
        _hold_out(corpus, history, period, generator, proceed) for period in _periods(history)
    ]
    measured = {
        case.subscriber for period in periods for batch in period.batches for case in batch.cases
    }
    if len(measured) < FEWEST_SUBSCRIBERS:
        return None
    first = best = _trial(periods, start)
    defaults = first
    if start != InterestParameters():
        defaults = _trial(periods, InterestParameters())
    is_rolled_back = defaults.gains_over(first)
    if is_rolled_back:
        best = defaults
    for changes in CHANGES:
        settings = [replace(best.parameters, **change) for change in changes]
        trials = [_trial(periods, each) for each in settings if each != best.parameters]
        winner = max(trials, key=lambda trial: float(trial.quality.mean()))
        if winner.gains_over(best):
            best = winner
    return Tuned(start=first, chosen=best, is_rolled_back=is_rolled_back)


def learn_community(
    index: PaperIndex, likes: sparse.csr_matrix, proceed: Callable[[], object] = lambda: None
) -> CommunityMap:
    """Learn the map from terms to the community's coordinates, for the terms of an index.

    Nobody says more than `MOST_LIKES` likes do, drawn from theirs, however much they rate.
    """
    return CommunityMap().fit(index.rows, _at_most(MOST_LIKES, likes), proceed=proceed)


def _at_most(number: int, likes: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return the likes with at most so many of each subscriber, the same ones each time."""
    generator = np.random.default_rng(0)
    some = likes.astype(np.float32)
    for row in np.flatnonzero(np.diff(likes.indptr) > number).tolist():
        first, end = likes.indptr[row], likes.indptr[row + 1]
        some.data[first + generator.permutation(end - first)[number:]] = 0
    some.eliminate_zeros()
    return some


def _trial(periods: Sequence[_HeldOut], parameters: InterestParameters) -> Trial:
    """Rank the held-out papers of all periods; who stands in several counts once."""
    outcomes = [outcome for period in periods for outcome in period.outcomes(parameters)]
    figures = [mean_figures(of_one) for of_one in by_subscriber(outcomes).values()]
    return Trial(parameters, np.array(figures, dtype=np.float64))


def _periods(history: RatingHistory) -> list[tuple[int, int]]:
    """Return first day and day after the last of each period that is held out, the newest first."""
    likes, appeared_on = history.likes, history.appeared_on
    if not likes.nnz:
        return []
    days = np.sort(appeared_on[likes.indices])
    periods = []
    until = int(appeared_on.max()) + 1
    for number in range(1, PERIODS + 1):
        since = int(days[int((1 - number * HELD_OUT_SHARE) * len(days))])
        appeared = appeared_on[appeared_on < until]
        if len(appeared) > MOST_CANDIDATES:
            since = max(since, int(np.partition(appeared, -MOST_CANDIDATES)[-MOST_CANDIDATES]))
        if since < until:
            periods.append((since, until))
        until = min(since, until)
    return periods


def _hold_out(
    corpus: _Corpus,
    history: RatingHistory,
    period: tuple[int, int],
    generator: np.random.Generator,
    proceed: Callable[[], object],
) -> _HeldOut:
    """Hold out the papers that appeared in a period, of those who liked older and some of them."""
    (since, until), appeared_on = period, history.appeared_on
    is_older, is_held_out = appeared_on < since, (appeared_on >= since) & (appeared_on < until)
    before, after = (_only(history.likes, which) for which in (is_older, is_held_out))
    measurable = np.flatnonzero(
        (np.diff(before.indptr) >= FEWEST_RATINGS) & (np.diff(after.indptr) >= FEWEST_LIKES)
    )
    sample = np.sort(generator.permutation(measurable)[:MOST_SUBSCRIBERS])
    candidates = generator.permutation(np.flatnonzero(is_held_out))
    cases = [
        _case(
            corpus.index,
            row,
            said,
            is_older=is_older,
            is_held_out=is_held_out,
            candidates=candidates,
        )
        for row, said in zip(sample.tolist(), history.ratings_of(sample.tolist()), strict=True)
    ]
    return _HeldOut(
        corpus=corpus,
        likes_before=before,
        batches=list(batches_of(candidates, np.zeros(len(candidates)), cases)),
        proceed=proceed,
    )


def _only(likes: sparse.csr_matrix, papers: NDArray[np.bool_]) -> sparse.csr_matrix:
    """Return the likes of some papers, in the same shape."""
    some = (likes @ sparse.diags(papers.astype(np.float32))).tocsr()
    some.eliminate_zeros()
    return some


def _case(
    index: PaperIndex,
    row: int,
    said: Sequence[Rating],
    *,
    is_older: NDArray[np.bool_],
    is_held_out: NDArray[np.bool_],
    candidates: NDArray[np.intp],
) -> Case:
    """Return what a subscriber said of older papers, and which of the held-out ones they liked."""
    indexed = [rating for rating in said if rating.paper_id in index.row_of]
    indexed.sort(key=lambda rating: rating.rated_at)
    rows = [index.row_of[rating.paper_id] for rating in indexed]
    return held_out_case(
        index,
        str(row),
        known=list(compress(indexed, is_older[rows]))[-MOST_RATINGS:],
        later=compress(indexed, is_held_out[rows]),
        candidates=candidates,
    )


_NDCG, _RECALL = (list(MEASURES).index(name) for name in ("ndcg_at_10", "recall_at_50"))
