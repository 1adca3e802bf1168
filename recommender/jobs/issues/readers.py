"""Jobs: what subscribers' issues depend on, and what this instance learned for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from recommender.domain import InterestState, KeptInterest, KnownPaper, Rating, Subscriber
from recommender.interests.parameters import InterestParameters
from recommender.jobs.services import Services
from recommender.newsletter.blend import PRIOR_HALF_EVIDENCE
from recommender.newsletter.reader import RankingParameters, Reader
from recommender.papers.identity.identifiers import find_identifiers
from recommender.store import (
    issues,
    kept_interests,
    known_papers,
    learning_resets,
    papers,
    qualities,
    ratings,
    term_ratings,
    tunings,
)
from recommender.store.database import Session

HALF_EVIDENCE = "half_evidence"
"""The parameter of a tuning that is not the interest's own."""

MOST_OF_A_LIBRARY: Final = 500
"""Known papers that interests are fitted on, those that were added last: the time for that grows
with their cube, and what was added before them has faded."""

ENOUGH_TO_GUESS: Final = 10
"""Papers of a library, from which on a first issue need not ask what somebody likes: the people of
citeulike-t are ranked for by as many."""


def load_readers(session: Session, some: Sequence[Subscriber]) -> list[Reader]:
    """Read what the next issues of some subscribers depend on, in their order."""
    ids = [subscriber.id for subscriber in some]
    said = ratings.of_subscribers(session, ids)
    terms = term_ratings.of_subscribers(session, ids)
    known = known_papers.of_subscribers(session, ids, most=MOST_OF_A_LIBRARY)
    sent = issues.sent_papers(session, ids)
    forgotten = learning_resets.of_subscribers(session, ids)
    measured = qualities.newest(session, ids)
    named = named_papers(session, [subscriber.interests for subscriber in some])
    kept = kept_interests.of_subscribers(session, ids)
    return [
        Reader(
            papers=subscriber.preferences.papers,
            ratings=_with_named(
                said.get(subscriber.id, []),
                paper_ids,
                subscriber,
                forgotten.get(subscriber.id),
                kept.get(subscriber.id, ()),
            ),
            interests=find_identifiers(subscriber.interests).rest,
            terms=terms.get(subscriber.id, ()),
            library=_still_known(known.get(subscriber.id, []), kept.get(subscriber.id, ())),
            kept_interests=[
                each
                for each in kept.get(subscriber.id, ())
                if each.state is not InterestState.REMOVED
            ],
            followed=subscriber.followed,
            blocked=subscriber.blocked,
            # What was rated and forgotten teaches nothing, and is no news all the same.
            sent={
                *sent.get(subscriber.id, ()),
                *(each.paper_id for each in said.get(subscriber.id, [])),
                *(each.paper_id for each in known.get(subscriber.id, [])),
            }
            if subscriber.id in forgotten or subscriber.id in kept
            else sent.get(subscriber.id, ()),
            is_new=subscriber.welcome_due and len(known.get(subscriber.id, ())) < ENOUGH_TO_GUESS,
            poor_signal=measured[subscriber.id].poor_signal if subscriber.id in measured else None,
            seed=f"{subscriber.id} {subscriber.issues_composed}",
        )
        for subscriber, paper_ids in zip(some, named, strict=True)
    ]


def named_papers(session: Session, interests: Iterable[str]) -> list[tuple[int, ...]]:
    """Find the known papers that subscribers name by identifier in what they like to read.

    Parameters
    ----------
    interests : iterable of str
        As `Subscriber` has them; all are looked up together.

    Returns
    -------
    list of tuple of int
        Paper ids for each text, in the order of the text: arXiv ids before DOIs.
    """
    named = [find_identifiers(text) for text in interests]
    ids = papers.ids_by_identifier(
        session,
        arxiv_ids=[each for one in named for each in one.arxiv_ids],
        dois=[each for one in named for each in one.dois],
    )
    return [
        tuple(dict.fromkeys(ids[each] for each in (*one.arxiv_ids, *one.dois) if each in ids))
        for one in named
    ]


def ranking_parameters(services: Services, session: Session) -> RankingParameters:
    """Return what rankings are made with: what was learned last, and what the operator decided."""
    tuning = tunings.adopted(session)
    learned = {} if tuning is None else dict(tuning.parameters)
    return RankingParameters(
        half_evidence=learned.pop(HALF_EVIDENCE, PRIOR_HALF_EVIDENCE),
        interest=InterestParameters(**learned),
        exploration=services.ranking.exploration,
        title_search=services.site.title_search,
    )


def still_count(
    said: Sequence[Rating], forgotten_at: datetime | None, kept: Sequence[KeptInterest] = ()
) -> list[Rating]:
    """Return what was said of papers and was not forgotten since, nor removed with an interest."""
    removed_at = _removed_at(kept)
    return [
        each
        for each in said
        if (forgotten_at is None or each.rated_at > forgotten_at)
        and (each.paper_id not in removed_at or each.rated_at > removed_at[each.paper_id])
    ]


def _still_known(known: Sequence[KnownPaper], kept: Sequence[KeptInterest]) -> list[KnownPaper]:
    removed_at = _removed_at(kept)
    return [
        each
        for each in known
        if each.paper_id not in removed_at or each.added_at > removed_at[each.paper_id]
    ]


def _removed_at(kept: Sequence[KeptInterest]) -> dict[int, datetime]:
    """Return when a paper's interest was removed; what is said of it from then on counts."""
    removed: dict[int, datetime] = {}
    for each in kept:
        if each.state is InterestState.REMOVED:
            for paper_id in each.papers:
                removed[paper_id] = max(each.said_at, removed.get(paper_id, each.said_at))
    return removed


def _with_named(
    said: list[Rating],
    named: Sequence[int],
    subscriber: Subscriber,
    forgotten_at: datetime | None,
    kept: Sequence[KeptInterest],
) -> list[Rating]:
    """Count the papers that somebody named among their interests as liked when they signed up.

    What is named there is stated, and not learned: it stays when that is forgotten.
    """
    rated = {rating.paper_id for rating in said}
    liked = [
        Rating(paper_id, 1, saved=False, rated_at=subscriber.requested_at)
        for paper_id in named
        if paper_id not in rated
    ]
    return [*still_count(said, forgotten_at, kept), *liked]
