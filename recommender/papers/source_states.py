"""Room 1, papers: how each source fares now. The thin part that reads what `rhythm` judges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from recommender.domain import Source
from recommender.papers.rhythm import HISTORY_DAYS, Verdict, judge, with_silent_days
from recommender.store import sources
from recommender.store.database import Session


@dataclass(frozen=True, slots=True)
class JudgedSource:
    """A source, how many papers it brought, and how it fares."""

    source: Source
    papers: int
    verdict: Verdict


def judge_all(session: Session, *, now: datetime) -> list[JudgedSource]:
    """Judge how every source fares, by name."""
    days = sources.days_since(session, now.date() - timedelta(days=HISTORY_DAYS))
    papers = sources.papers_brought(session)
    return [
        JudgedSource(
            each,
            papers.get(each.id, 0),
            judge(each, with_silent_days(each, days.get(each.id, ()), now=now), now=now),
        )
        for each in sources.every(session)
    ]
