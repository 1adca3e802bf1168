"""Jobs: what an instance learns for all its rankings from everybody's ratings, once a night."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Final

import numpy as np
from scipy import sparse

from recommender.domain import Rating, Tuning
from recommender.interests import rankers, tuning
from recommender.interests.calibration import Calibration
from recommender.interests.community import NO_COMMUNITY
from recommender.interests.paper_index import PaperIndex
from recommender.jobs.issues.corpus import keep_community, load_index, require_kept_index
from recommender.jobs.issues.offer import offered_since
from recommender.jobs.issues.readers import HALF_EVIDENCE, ranking_parameters
from recommender.jobs.quality.prequential import load_history
from recommender.jobs.quality.ranked_issues import ranked_anew
from recommender.jobs.services import Services
from recommender.newsletter.blend import learn_half_evidence
from recommender.newsletter.reader import RankingParameters
from recommender.store import digests, ratings, subscribers, tunings
from recommender.store.database import Session
from recommender.wording import counted

DAYS_LOOKED_BACK: Final = 30
"""Issues of these days tell how many ratings it takes until interest predicts better than trend."""

SMALLEST_STEP: Final = 1.05
"""Factor by which half the evidence, or a probability, must have moved to be worth a new tuning."""

FEWEST_VOICES: Final = 100
"""Readers whose likes the community's map is learned from: of thirty, a single like of one of them
may move any paper from one end of somebody else's ranking to the other."""

_DISTANCES: Final = np.array([4.0, 8.0, 16.0])
"""At which probabilities are compared: of what is shown, half lies between the first two."""


def tune(services: Services, proceed: Callable[[], None]) -> str:
    """Choose parameters anew, take back those that made things worse, learn the community's map.

    Parameters
    ----------
    proceed : callable
        Is called often; what it raises ends the work, and nothing is changed.

    Returns
    -------
    str
        What came of it, in words.

    Raises
    ------
    RecommenderError
        If the file of the index, which the community's map is handed over in, cannot be written.
    """
    with services.database.read() as session:
        index = load_index(services, session)
        require_kept_index(services)
        said = load_rating_history(services, session, index, proceed)
        likes = _likes_of_the_community(services, session, index)
        before = ranking_parameters(services, session)
        adopted = tunings.adopted(session)
    # The map that is in use knows the likes that are held out.
    tuned = tuning.tune(
        replace(index, community=NO_COMMUNITY), said, start=before.interest, proceed=proceed
    )
    course = _learn_course(services, before, proceed)
    interest = before.interest if tuned is None else tuned.chosen.parameters
    interest = interest.calibrated(course.calibration)
    community = NO_COMMUNITY
    index = index.weighted_by(interest.weighting)
    if interest.community_weight and np.count_nonzero(np.diff(likes.indptr)) >= FEWEST_VOICES:
        community = tuning.learn_community(index, likes, proceed)

    note = _in_words(tuned, course)
    is_new = tuned is not None and (tuned.is_changed or tuned.is_rolled_back)
    if is_new or course.has_moved_from(before):
        with services.database.write() as session:
            if adopted is not None and tuned is not None and tuned.is_rolled_back:
                tunings.withdraw(session, adopted.id, "rolled back: the defaults rank better")
            tunings.add(
                session,
                Tuning(
                    id=0,
                    tuned_at=services.clock(),
                    parameters=asdict(interest) | {HALF_EVIDENCE: course.half_evidence},
                    ndcg_at_10=course.ndcg_at_10 if tuned is None else tuned.chosen.ndcg_at_10,
                    ndcg_at_10_before=course.ndcg_at_10
                    if tuned is None
                    else tuned.start.ndcg_at_10,
                    subscribers=course.subscribers if tuned is None else len(tuned.start.figures),
                    adopted=True,
                    note=note,
                ),
            )
    # Last, so that a map is never in use without the parameters that it was chosen with.
    keep_community(services, index, community)
    return note


def load_rating_history(
    services: Services, session: Session, index: PaperIndex, proceed: Callable[[], None]
) -> tuning.RatingHistory:
    """Read what all subscribers said, as far as parameters are chosen by it."""
    row_of_subscriber: dict[int, int] = {}
    rows: list[int] = []
    columns: list[int] = []
    for subscriber_id, rating in ratings.every(session):
        proceed()
        column = index.row_of.get(rating.paper_id)
        if column is not None and (rating.value > 0 or rating.saved):
            rows.append(row_of_subscriber.setdefault(subscriber_id, len(row_of_subscriber)))
            columns.append(column)
    ids = list(row_of_subscriber)

    def ratings_of(wanted: Sequence[int]) -> list[Sequence[Rating]]:
        with services.database.read() as later:
            said = ratings.of_subscribers(later, [ids[row] for row in wanted])
        return [said.get(ids[row], ()) for row in wanted]

    appeared_on = np.zeros(len(index.papers), dtype=np.int64)
    for paper_id, day in digests.first_mentioned(session).items():
        if paper_id in index.row_of:
            appeared_on[index.row_of[paper_id]] = day.toordinal()
    return tuning.RatingHistory(
        likes=sparse.csr_matrix(
            (np.ones(len(rows), dtype=np.float32), (rows, columns)),
            shape=(len(ids), len(index.papers)),
        ),
        ratings_of=ratings_of,
        appeared_on=appeared_on,
    )


def _likes_of_the_community(
    services: Services, session: Session, index: PaperIndex
) -> sparse.csr_matrix:
    """Read the likes that the community's map is learned from: one row for each who has a record.

    Papers that are on offer are left out. The map is for papers that nobody rated yet; one that
    somebody did rate would stand where this one reader puts it, in everybody's ranking.
    """
    since = offered_since(services, session)
    on_offer = {mention.paper_id for mention in digests.mentions_since(session, since)}
    row_of = {
        each.id: row
        for row, each in enumerate(
            each
            for each in subscribers.every(session)
            if each.issues_composed >= ratings.ISSUES_OF_A_RECORD
        )
    }
    cells = [
        (row_of[subscriber_id], index.row_of[rating.paper_id])
        for subscriber_id, rating in ratings.every(session)
        if (rating.value > 0 or rating.saved)
        and subscriber_id in row_of
        and rating.paper_id in index.row_of
        and rating.paper_id not in on_offer
    ]
    rows, columns = np.array(cells, dtype=np.intp).reshape(-1, 2).T
    return sparse.csr_matrix(
        (np.ones(len(cells), dtype=np.float32), (rows, columns)),
        shape=(len(row_of), len(index.papers)),
    )


@dataclass(frozen=True, slots=True)
class Course:
    """How fast interest takes over from trend, how probable likes are, and of what it was learned.

    Attributes
    ----------
    half_evidence : float
    calibration : Calibration
        Of the papers that were shown.
    issues, subscribers : int
        That had a paper that was liked.
    ndcg_at_10 : float
        Mean of the interest's order over these issues; 0 without any.
    """

    half_evidence: float
    calibration: Calibration
    issues: int
    subscribers: int
    ndcg_at_10: float

    def has_moved_from(self, before: RankingParameters) -> bool:
        """Whether it differs enough to be worth writing down."""
        factors = [
            self.half_evidence / before.half_evidence,
            *(
                self.calibration.probability(_DISTANCES)
                / before.interest.calibration.probability(_DISTANCES)
            ),
        ]
        return any(max(factor, 1 / factor) >= SMALLEST_STEP for factor in factors)


def _learn_course(
    services: Services, before: RankingParameters, proceed: Callable[[], None]
) -> Course:
    """Learn from the last issues how many ratings it takes until interest beats trend."""
    history = load_history(services, days=DAYS_LOOKED_BACK)
    interest = ranked_anew(
        history.index,
        history.batches(),
        partial(rankers.by_interest, parameters=before.interest),
        before.interest.halvings_per_year,
        proceed,
    )
    trend = ranked_anew(history.index, history.batches(), rankers.by_trend, 0.0, proceed)
    liked = [issue for issue in interest if issue.ndcg_at_10 is not None]
    quality = np.array([issue.ndcg_at_10 for issue in liked])
    return Course(
        half_evidence=learn_half_evidence(
            np.array([issue.evidence for issue in liked]),
            np.array([issue.ndcg_at_10 for issue in trend if issue.ndcg_at_10 is not None]),
            quality,
        ),
        calibration=before.interest.calibration.anew(
            [issue.shown for issue in interest], [issue.liked for issue in interest]
        ),
        issues=len(liked),
        subscribers=len({issue.subscriber for issue in liked}),
        ndcg_at_10=float(quality.mean()) if len(quality) else 0.0,
    )


def _in_words(tuned: tuning.Tuned | None, course: Course) -> str:
    ratings_needed = f"interest and trend weigh the same at {course.half_evidence:.1f} ratings"
    if tuned is None:
        return f"{ratings_needed}; too few ratings yet to choose anything else by"
    measured = (
        f"nDCG@10 {tuned.chosen.ndcg_at_10:.4f}, was {tuned.start.ndcg_at_10:.4f}, "
        f"of {counted(len(tuned.start.figures), 'subscriber')}"
    )
    if tuned.is_rolled_back:
        return f"rolled back, the defaults rank better ({measured}); {ratings_needed}"
    if not tuned.is_changed:
        return f"nothing ranks better than what there is ({measured}); {ratings_needed}"
    chosen = ", ".join(
        f"{name} {value:g}" for name, value in asdict(tuned.chosen.parameters).items()
    )
    return f"adopted {chosen} ({measured}); {ratings_needed}"
