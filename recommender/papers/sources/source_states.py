"""Room 1, papers: how each source fares now. The thin part that reads what `rhythm` judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from recommender.domain import Source, SourceDay, SourceState
from recommender.papers.sources.one_feed import fetched_as, how_to_remove
from recommender.papers.sources.rhythm import HISTORY_DAYS, Verdict, judge, with_silent_days
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
    known = sources.every(session)
    others = fetched_as(known)
    return [
        JudgedSource(
            each,
            papers.get(each.id, 0),
            _fetched_as(each, others[each.id])
            if each.id in others
            else _judge(each, days.get(each.id, ()), now=now),
        )
        for each in known
    ]


def _fetched_as(source: Source, kept: Source) -> Verdict:
    message = f"it has the address of {kept.name} for good, and is fetched as that"
    return Verdict(SourceState.PAUSED, f"{message}; {how_to_remove(source)}")


def _judge(source: Source, history: Sequence[SourceDay], *, now: datetime) -> Verdict:
    verdict = judge(source, with_silent_days(source, history, now=now), now=now)
    if not source.left_out or source.paused_because:
        return verdict
    return replace(verdict, message=f"{verdict.message}; {source.left_out}")
