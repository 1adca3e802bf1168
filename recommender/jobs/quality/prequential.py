"""Jobs: what an instance sent and what was said of it, as cases to evaluate. Writes nothing.

Prequential (Dawid 1984): every issue is a case of its own, with what was known when it was
composed as evidence, and with what its subscriber said of its papers afterwards as the truth.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.domain import Rating, Subscriber, TermRating
from recommender.interests.community import NO_COMMUNITY
from recommender.interests.evaluation import (
    Batch,
    Case,
    batches_of,
    held_out_case,
    split_ratings,
)
from recommender.interests.metrics import FloatArray, RowArray
from recommender.interests.paper_index import PaperIndex
from recommender.jobs.issues.corpus import load_index
from recommender.jobs.services import Services
from recommender.newsletter.corpus import build_corpus
from recommender.store import digests, issues, ratings, subscribers, term_ratings
from recommender.store.database import Session
from recommender.store.issues import ShownIssue

SUBSCRIBERS_AT_A_TIME: Final = 100

_EVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """What could be sent at a moment: rows in the index, and the `trend_score` of each then."""

    candidates: RowArray
    trend_scores: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """What happened so far, to be looked at as of any moment. See `load_history`.

    Attributes
    ----------
    index : PaperIndex
        Of all papers of today, as the index of then held all candidates of then.
    raters : list of Subscriber
        Who rated anything, the first one first.
    ingested : list of (datetime, date)
        When each digest came, and its date; the first one first.
    rated_at : ndarray of shape (n_ratings,)
        Seconds since the epoch, ascending.
    rated, votes, raters_of : ndarray of shape (n_ratings,)
        Paper id; 1 for a like or a save, −1 for a dislike; whose it is.
    composed_at, composed_for : ndarray of shape (n_issues,)
        Seconds since the epoch, ascending; who got the issue.
    since : datetime
        Issues that were composed before it are no cases.
    offers : dict of datetime to Offer
        Those that were asked for.
    """

    services: Services
    index: PaperIndex
    raters: list[Subscriber]
    ingested: list[tuple[datetime, date]]
    rated_at: FloatArray
    rated: NDArray[np.int64]
    votes: NDArray[np.int64]
    raters_of: NDArray[np.int64]
    composed_at: FloatArray
    composed_for: NDArray[np.int64]
    since: datetime
    offers: dict[datetime, Offer] = field(default_factory=dict)

    def batches(self) -> Iterator[Batch]:
        """Yield the issues of all raters as cases, those with the same candidates together.

        An issue without papers is none. Subscribers are named by their ids.
        """
        for start in range(0, len(self.raters), SUBSCRIBERS_AT_A_TIME):
            some = self.raters[start : start + SUBSCRIBERS_AT_A_TIME]
            with self.services.database.read() as session:
                ids = [rater.id for rater in some]
                said, shown = ratings.of_subscribers(session, ids), issues.shown(session, ids)
                terms = term_ratings.of_subscribers(session, ids)
            cases: dict[datetime, list[Case]] = {}
            for rater in some:
                for moment, case in self._cases_of(
                    rater,
                    said.get(rater.id, []),
                    terms.get(rater.id, []),
                    shown.get(rater.id, []),
                ):
                    cases.setdefault(moment, []).append(case)
            for moment in sorted(cases):
                offer = self._offer_at(moment)
                yield from batches_of(offer.candidates, offer.trend_scores, cases[moment])

    def candidates(self) -> int:
        """Count the papers that could have been sent in any issue."""
        offers = [offer.candidates for offer in self.offers.values()]
        return len(np.unique(np.concatenate(offers))) if offers else 0

    def _cases_of(
        self,
        rater: Subscriber,
        said: Sequence[Rating],
        terms: Sequence[TermRating],
        shown: Sequence[ShownIssue],
    ) -> Iterator[tuple[datetime, Case]]:
        sent: set[int] = set()
        for issue in shown:
            if issue.composed_at < self.since:
                sent.update(issue.propensities)
                continue
            moment = self._known_at(issue.composed_at)
            known, later = split_ratings(said, issue.composed_at)
            yield (
                moment,
                held_out_case(
                    self.index,
                    str(rater.id),
                    known=known,
                    later=[each for each in later if each.paper_id in issue.propensities],
                    excluded=sent.union(rating.paper_id for rating in known),
                    candidates=self._offer_at(moment).candidates,
                    interests=rater.interests,
                    terms=[each for each in terms if each.rated_at < issue.composed_at],
                    propensities={
                        self.index.row_of[paper_id]: 1.0 if propensity is None else propensity
                        for paper_id, propensity in issue.propensities.items()
                        if paper_id in self.index.row_of
                    },
                ),
            )
            sent.update(issue.propensities)

    def _known_at(self, composed_at: datetime) -> datetime:
        """Return the moment from which on an issue could have been composed as it was.

        Of the digest that came last before it, or of midnight UTC, whichever is later: issues
        between two such moments are offered the same papers.
        """
        midnight = datetime.combine(composed_at.astimezone(UTC).date(), time(), UTC)
        came_before = bisect_right(self.ingested, (composed_at, date.max))
        if not came_before:
            return midnight
        return max(midnight, self.ingested[came_before - 1][0])

    def _offer_at(self, moment: datetime) -> Offer:
        if moment not in self.offers:
            with self.services.database.read() as session:
                self.offers[moment] = self._build_offer(session, moment)
        return self.offers[moment]

    def _build_offer(self, session: Session, moment: datetime) -> Offer:
        ranking, today = self.services.ranking, moment.date()
        known = self.ingested[: bisect_right(self.ingested, (moment, date.max))]
        newest = min(today, max((day for _, day in known), default=today))
        mentions = digests.mentions_since(
            session, newest - timedelta(days=ranking.window_days), ingested_by=moment
        )
        rated = np.searchsorted(self.rated_at, moment.timestamp())
        composed = np.searchsorted(self.composed_at, moment.timestamp())
        paper_ids, which = np.unique(self.rated[:rated], return_inverse=True)
        raters, whose = np.unique(self.raters_of[:rated], return_inverse=True)
        issues_of = np.searchsorted(np.sort(self.composed_for[:composed]), [raters, raters + 1])
        record = np.minimum(issues_of[1] - issues_of[0], ratings.ISSUES_OF_A_RECORD)
        weighted = self.votes[:rated] * record[whose] / ratings.ISSUES_OF_A_RECORD
        votes = np.bincount(which, weighted, minlength=len(paper_ids))
        corpus = build_corpus(
            self.index,
            mentions,
            dict(zip(paper_ids.tolist(), votes.tolist(), strict=True)),
            today=today,
            window_days=ranking.window_days,
            half_life_days=ranking.half_life_days,
        )
        return Offer(corpus.candidates, corpus.trend_scores)


def load_history(services: Services, *, days: int | None = None) -> History:
    """Read what all issues have in common: papers, digests, and the votes of everybody.

    The index is without the community's map, which was learned from what was liked later.

    Parameters
    ----------
    days : int or None
        Only issues of so many days up to now are cases.
    """
    since = services.clock() - timedelta(days=days) if days is not None else _EVER
    with services.database.read() as session:
        said = np.fromiter(
            (
                (
                    who,
                    rating.paper_id,
                    1 if rating.saved else rating.value,
                    rating.rated_at.timestamp(),
                )
                for who, rating in ratings.every(session)
            ),
            dtype=[("who", "i8"), ("paper", "i8"), ("vote", "i8"), ("rated_at", "f8")],
        )
        issued = np.fromiter(
            ((who, composed_at.timestamp()) for who, composed_at in issues.composed(session)),
            dtype=[("who", "i8"), ("composed_at", "f8")],
        )
        rater_ids = set(said["who"].tolist())
        return History(
            services=services,
            index=replace(load_index(services, session), community=NO_COMMUNITY),
            raters=[each for each in subscribers.every(session) if each.id in rater_ids],
            ingested=digests.ingested(session),
            rated_at=said["rated_at"],
            rated=said["paper"],
            votes=said["vote"],
            raters_of=said["who"],
            composed_at=issued["composed_at"],
            composed_for=issued["who"],
            since=since,
        )
