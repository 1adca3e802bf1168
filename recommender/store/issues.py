"""Store: frozen issues."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, insert
from sqlalchemy import select as sqlalchemy_select
from sqlmodel import Session, col, select

from recommender.domain import Issue, IssueEntry
from recommender.store.query_batches import in_batches
from recommender.store.tables import IssueEntryRow, IssueRow, columns_of

_ENTRY_FIELDS = tuple(field.name for field in fields(IssueEntry))
_AUTHORS = _ENTRY_FIELDS.index("authors")
# Built once: for every newsletter and every vote that takes as long as to carry them out.
_ENTRIES = (
    sqlalchemy_select(
        col(IssueEntryRow.issue_id), *(col(getattr(IssueEntryRow, name)) for name in _ENTRY_FIELDS)
    )
    .where(col(IssueEntryRow.issue_id).in_(bindparam("ids", expanding=True)))
    .order_by(col(IssueEntryRow.issue_id), col(IssueEntryRow.position))
)
_ISSUES = sqlalchemy_select(*columns_of(IssueRow)).where(
    col(IssueRow.id).in_(bindparam("ids", expanding=True))
)
_PAPER_IDS = (
    select(col(IssueEntryRow.paper_id))
    .select_from(IssueRow)
    .outerjoin(IssueEntryRow, col(IssueEntryRow.issue_id) == col(IssueRow.id))
    .where(
        col(IssueRow.id) == bindparam("its_id"),
        col(IssueRow.subscriber_id) == bindparam("its_subscriber"),
    )
)


@dataclass(frozen=True, slots=True)
class ShownIssue:
    """What somebody was shown in one issue.

    Attributes
    ----------
    composed_at : datetime
    propensities : dict of int to float or None
        Its papers in order, with the probability with which it would hold each; None where none
        was logged.
    """

    composed_at: datetime
    propensities: dict[int, float | None]


@dataclass(frozen=True, slots=True)
class ShownPlace:
    """A place of an issue: when, and whether its paper was there for something of the reader's."""

    date: date
    paper_id: int
    is_personal: bool


def add(session: Session, issue: Issue) -> int:
    """Freeze one issue. See `add_all`."""
    return add_all(session, [issue])[0]


def add_all(session: Session, issues: Sequence[Issue]) -> list[int]:
    """Freeze issues, their entries included; their own ``id`` is not used.

    Returns
    -------
    list of int
        The new ids, in the order of the issues.
    """
    if not issues:
        return []
    # In any order: in that of the parameters they would be inserted one by one.
    stored = session.execute(
        insert(IssueRow).returning(
            col(IssueRow.id), col(IssueRow.subscriber_id), col(IssueRow.number)
        ),
        [
            {
                "subscriber_id": issue.subscriber_id,
                "number": issue.number,
                "date": issue.date,
                "welcome": issue.welcome,
                "schedule": issue.schedule,
                "curator": issue.curator,
                "composed_at": issue.composed_at,
                "likes": issue.likes,
                "dislikes": issue.dislikes,
                "saves": issue.saves,
                "poor_signal": issue.poor_signal,
                "unmet_interests": issue.unmet_interests,
                "language": issue.language,
            }
            for issue in issues
        ],
    )
    id_of = {(subscriber_id, number): issue_id for issue_id, subscriber_id, number in stored}
    issue_ids = [id_of[issue.subscriber_id, issue.number] for issue in issues]
    entries = [
        (issue_id, entry)
        for issue_id, issue in zip(issue_ids, issues, strict=True)
        for entry in issue.entries
    ]
    if entries:
        session.connection().execute(
            insert(IssueEntryRow),
            [
                {
                    "issue_id": issue_id,
                    "position": entry.position,
                    "paper_id": entry.paper_id,
                    "title": entry.title,
                    "authors": entry.authors,
                    "url": entry.url,
                    "excerpt": entry.excerpt,
                    "upvotes": entry.upvotes,
                    "trend_score": entry.trend_score,
                    "interest_score": entry.interest_score,
                    "interest_weight": entry.interest_weight,
                    "ranking_score": entry.ranking_score,
                    "reason": str(entry.reason),
                    "explored": entry.explored,
                    "propensity": entry.propensity,
                    "excerpt_is_summary": entry.excerpt_is_summary,
                    "code_url": entry.code_url,
                    "project_url": entry.project_url,
                    "reason_is_personal": entry.reason_is_personal,
                    "topic": entry.topic,
                    "thumbnail": entry.thumbnail,
                }
                for issue_id, entry in entries
            ],
        )
    return issue_ids


def by_id(session: Session, issue_id: int) -> Issue | None:
    """Read an issue with its entries."""
    return by_ids(session, [issue_id]).get(issue_id)


def by_ids(session: Session, issue_ids: Iterable[int]) -> dict[int, Issue]:
    """Read issues with their entries; an unknown id is left out."""
    issues: dict[int, Issue] = {}
    for some in in_batches(sorted(set(issue_ids))):
        entries: dict[int, list[IssueEntry]] = {}
        rows = session.connection().execute(_ENTRIES, {"ids": some})
        values: list[Any]
        for issue_id, *values in rows.all():
            values[_AUTHORS] = tuple(values[_AUTHORS])
            entries.setdefault(issue_id, []).append(IssueEntry(*values))
        stored = session.connection().execute(_ISSUES, {"ids": some})
        for issue in stored.all():
            issues[issue.id] = _issue(issue, entries.get(issue.id, ()))
    return issues


def of_subscriber(session: Session, subscriber_id: int) -> list[Issue]:
    """Read all issues of a subscriber with their entries, the first one first."""
    statement = select(IssueRow.id).where(IssueRow.subscriber_id == subscriber_id)
    ids = [issue_id for issue_id in session.exec(statement) if issue_id is not None]
    return sorted(by_ids(session, ids).values(), key=lambda issue: issue.number)


def paper_ids(session: Session, issue_id: int, *, subscriber_id: int) -> set[int] | None:
    """Return which papers are in an issue of a subscriber; None where they have no such issue."""
    asked = {"its_id": issue_id, "its_subscriber": subscriber_id}
    found = session.connection().execute(_PAPER_IDS, asked).scalars().all()
    return {paper_id for paper_id in found if paper_id is not None} if found else None


def sent_papers(session: Session, subscriber_ids: Iterable[int]) -> dict[int, set[int]]:
    """Return which papers were in any issue of each of these subscribers."""
    sent: dict[int, set[int]] = {}
    for some in in_batches(subscriber_ids):
        statement = (
            select(IssueRow.subscriber_id, IssueEntryRow.paper_id)
            .join(IssueEntryRow, col(IssueEntryRow.issue_id) == col(IssueRow.id))
            .where(col(IssueRow.subscriber_id).in_(some))
        )
        for subscriber_id, paper_id in session.connection().execute(statement).all():
            sent.setdefault(subscriber_id, set()).add(paper_id)
    return sent


def shown(session: Session, subscriber_ids: Iterable[int]) -> dict[int, list[ShownIssue]]:
    """Read which papers each of these subscribers was shown when, the first issue first.

    Issues without papers are left out, and so is who had no other.
    """
    issues: dict[int, dict[int, ShownIssue]] = {}
    for some in in_batches(sorted(set(subscriber_ids))):
        statement = (
            select(IssueRow.subscriber_id, IssueRow.number, IssueRow.composed_at)
            .add_columns(col(IssueEntryRow.paper_id), col(IssueEntryRow.propensity))
            .join(IssueEntryRow, col(IssueEntryRow.issue_id) == col(IssueRow.id))
            .where(col(IssueRow.subscriber_id).in_(some))
            .order_by(col(IssueRow.number), col(IssueEntryRow.position))
        )
        for subscriber_id, number, composed_at, paper_id, propensity in session.execute(statement):
            issue = issues.setdefault(subscriber_id, {}).setdefault(
                number, ShownIssue(composed_at, {})
            )
            issue.propensities[paper_id] = propensity
    return {subscriber_id: list(each.values()) for subscriber_id, each in issues.items()}


def places_since(session: Session, subscriber_id: int, since: date) -> list[ShownPlace]:
    """Read the places of a subscriber's issues from a day on, the first issue first."""
    statement = (
        select(col(IssueRow.date), col(IssueEntryRow.paper_id))
        .add_columns(col(IssueEntryRow.reason_is_personal))
        .join(IssueEntryRow, col(IssueEntryRow.issue_id) == col(IssueRow.id))
        .where(col(IssueRow.subscriber_id) == subscriber_id, col(IssueRow.date) >= since)
        .order_by(col(IssueRow.number), col(IssueEntryRow.position))
    )
    return [ShownPlace(*row) for row in session.execute(statement)]


def composed(session: Session) -> Iterator[tuple[int, datetime]]:
    """Read who was composed an issue when, the first one first."""
    statement = select(IssueRow.subscriber_id, IssueRow.composed_at).order_by(
        col(IssueRow.composed_at)
    )
    yield from session.exec(statement)


def last_composed_at(session: Session, subscriber_id: int) -> datetime | None:
    """Return when a subscriber's last issue was composed."""
    statement = select(func.max(IssueRow.composed_at)).where(
        IssueRow.subscriber_id == subscriber_id
    )
    return session.exec(statement).one()


def _issue(row: Any, entries: Sequence[IssueEntry]) -> Issue:
    return Issue(
        id=row.id or 0,
        subscriber_id=row.subscriber_id,
        number=row.number,
        date=row.date,
        welcome=row.welcome,
        schedule=row.schedule,
        curator=row.curator,
        composed_at=row.composed_at,
        likes=row.likes,
        dislikes=row.dislikes,
        saves=row.saves,
        entries=tuple(entries),
        poor_signal=row.poor_signal,
        unmet_interests=tuple(row.unmet_interests),
        language=row.language,
    )
