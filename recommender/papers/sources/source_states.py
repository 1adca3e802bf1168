"""Room 1, papers: how each source fares now. The thin part that reads what `rhythm` judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from recommender.domain import Source, SourceDay, SourceState
from recommender.papers.sources.one_feed import fetched_as, how_to_remove
from recommender.papers.sources.rhythm import HISTORY_DAYS, Verdict, judge, with_silent_days
from recommender.store import digests, sources
from recommender.store.database import Session


@dataclass(frozen=True, slots=True)
class JudgedSource:
    """A source, how many papers it brought, and how it fares.

    Attributes
    ----------
    source : Source
    papers : int
    verdict : Verdict
    is_too_old : bool
        No newsletter may have a paper of it, by the days from which these are.
    """

    source: Source
    papers: int
    verdict: Verdict
    is_too_old: bool = False


def judge_all(
    session: Session, *, now: datetime, offered_since: date | None = None
) -> list[JudgedSource]:
    """Judge how every source fares, by name.

    Parameters
    ----------
    now : datetime
        Timezone-aware.
    offered_since : date or None
        From which day on newsletters may have papers; None: nothing is said of that.
    """
    days = sources.days_since(session, now.date() - timedelta(days=HISTORY_DAYS))
    papers = sources.papers_brought(session)
    known = sources.every(session)
    others = fetched_as(known)
    newest = {} if offered_since is None else digests.newest_by_source(session)
    return [
        _with_age(
            JudgedSource(
                each,
                papers.get(each.id, 0),
                _fetched_as(each, others[each.id])
                if each.id in others
                else _judge(each, days.get(each.id, ()), now=now),
            ),
            newest.get(each.url),
            offered_since,
        )
        for each in known
    ]


def _with_age(judged: JudgedSource, newest: date | None, since: date | None) -> JudgedSource:
    verdict = judged.verdict
    is_told = verdict.state not in (SourceState.BROKEN, SourceState.PAUSED)
    if newest is None or since is None or newest >= since or not is_told:
        return judged
    message = f"{verdict.message}; none of its papers is within newsletter.window_days"
    return replace(judged, verdict=replace(verdict, message=message), is_too_old=True)


def _fetched_as(source: Source, kept: Source) -> Verdict:
    message = f"it has the address of {kept.name} for good, and is fetched as that"
    return Verdict(SourceState.PAUSED, f"{message}; {how_to_remove(source)}")


def _judge(source: Source, history: Sequence[SourceDay], *, now: datetime) -> Verdict:
    verdict = judge(source, with_silent_days(source, history, now=now), now=now)
    if not source.left_out or source.paused_because:
        return verdict
    return replace(verdict, message=f"{verdict.message}; {source.left_out}")
