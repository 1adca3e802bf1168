"""Store: frozen issues."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, insert
from sqlmodel import Session, col, select

from recommender.domain import Issue, IssueEntry
from recommender.store.papers import in_batches
from recommender.store.tables import IssueEntryRow, IssueRow


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
    ids = session.execute(
        insert(IssueRow).returning(col(IssueRow.id), sort_by_parameter_order=True),
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
            }
            for issue in issues
        ],
    )
    issue_ids = [issue_id for (issue_id,) in ids]
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
                    "authors": list(entry.authors),
                    "url": entry.url,
                    "excerpt": entry.excerpt,
                    "upvotes": entry.upvotes,
                    "trend_score": entry.trend_score,
                    "interest_score": entry.interest_score,
                    "interest_weight": entry.interest_weight,
                    "ranking_score": entry.ranking_score,
                    "reason": entry.reason,
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
        rows = session.exec(
            select(IssueEntryRow)
            .where(col(IssueEntryRow.issue_id).in_(some))
            .order_by(col(IssueEntryRow.issue_id), col(IssueEntryRow.position))
        )
        for row in rows:
            entries.setdefault(row.issue_id, []).append(_entry(row))
        for issue in session.exec(select(IssueRow).where(col(IssueRow.id).in_(some))):
            issue_id = issue.id or 0
            issues[issue_id] = _issue(issue, entries.get(issue_id, ()))
    return issues


def of_subscriber(session: Session, subscriber_id: int) -> list[Issue]:
    """Read all issues of a subscriber with their entries, the first one first."""
    statement = select(IssueRow.id).where(IssueRow.subscriber_id == subscriber_id)
    ids = [issue_id for issue_id in session.exec(statement) if issue_id is not None]
    return sorted(by_ids(session, ids).values(), key=lambda issue: issue.number)


def sent_papers(session: Session, subscriber_ids: Iterable[int]) -> dict[int, set[int]]:
    """Tell which papers were in any issue of each of these subscribers."""
    sent: dict[int, set[int]] = {}
    for some in in_batches(subscriber_ids):
        statement = (
            select(IssueRow.subscriber_id, IssueEntryRow.paper_id)
            .join(IssueEntryRow, col(IssueEntryRow.issue_id) == col(IssueRow.id))
            .where(col(IssueRow.subscriber_id).in_(some))
        )
        for subscriber_id, paper_id in session.exec(statement):
            sent.setdefault(subscriber_id, set()).add(paper_id)
    return sent


def last_composed_at(session: Session, subscriber_id: int) -> datetime | None:
    """Tell when a subscriber's last issue was composed."""
    statement = select(func.max(IssueRow.composed_at)).where(
        IssueRow.subscriber_id == subscriber_id
    )
    return session.exec(statement).one()


def _issue(row: IssueRow, entries: Sequence[IssueEntry]) -> Issue:
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
    )


def _entry(row: IssueEntryRow) -> IssueEntry:
    return IssueEntry(
        position=row.position,
        paper_id=row.paper_id,
        title=row.title,
        authors=tuple(row.authors),
        url=row.url,
        excerpt=row.excerpt,
        upvotes=row.upvotes,
        trend_score=row.trend_score,
        interest_score=row.interest_score,
        interest_weight=row.interest_weight,
        ranking_score=row.ranking_score,
        reason=row.reason,
    )
