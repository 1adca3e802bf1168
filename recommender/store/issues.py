"""Store: frozen issues."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any

from sqlalchemy import bindparam, func, insert
from sqlalchemy import select as sqlalchemy_select
from sqlmodel import Session, col, select

from recommender.domain import Issue
from recommender.store import frozen
from recommender.store.frozen import FrozenPaper
from recommender.store.issue_content import (
    are_personal,
    entries_of,
    numbers_in,
    packed,
    propensities_of,
    text_of,
    texts_of,
    unpacked,
)
from recommender.store.issue_tables import SentPaperRow
from recommender.store.query_batches import in_batches
from recommender.store.tables import IssueRow, columns_of

# Built once: for every newsletter and every vote that takes as long as to carry them out.
_ISSUES = sqlalchemy_select(*columns_of(IssueRow)).where(
    col(IssueRow.id).in_(bindparam("ids", expanding=True))
)
_PAPERS = sqlalchemy_select(col(IssueRow.papers)).where(
    col(IssueRow.id) == bindparam("its_id"),
    col(IssueRow.subscriber_id) == bindparam("its_subscriber"),
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
    shown = [[FrozenPaper.of(entry) for entry in issue.entries] for issue in issues]
    paper_numbers = frozen.keep_papers(session, chain.from_iterable(shown))
    text_numbers = frozen.keep_texts(session, map(texts_of, issues))
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
                "composed_at": issue.composed_at,
                "papers": [paper_numbers[paper] for paper in papers],
                "content": packed(issue, text_numbers),
            }
            for issue, papers in zip(issues, shown, strict=True)
        ],
    )
    id_of = {(subscriber_id, number): issue_id for issue_id, subscriber_id, number in stored}
    return [id_of[issue.subscriber_id, issue.number] for issue in issues]


def by_id(session: Session, issue_id: int) -> Issue | None:
    """Read an issue with its entries."""
    return by_ids(session, [issue_id]).get(issue_id)


def by_ids(session: Session, issue_ids: Iterable[int]) -> dict[int, Issue]:
    """Read issues with their entries; an unknown id is left out."""
    issues: dict[int, Issue] = {}
    for some in in_batches(sorted(set(issue_ids))):
        rows = session.connection().execute(_ISSUES, {"ids": some}).all()
        contents = [unpacked(row.content) for row in rows]
        papers = frozen.papers(session, (number for row in rows for number in row.papers))
        texts = frozen.texts(session, set().union(*map(numbers_in, contents)))
        for row, content in zip(rows, contents, strict=True):
            issues[row.id] = _issue(row, content, papers, texts)
    return issues


def of_subscriber(session: Session, subscriber_id: int) -> list[Issue]:
    """Read all issues of a subscriber with their entries, the first one first."""
    statement = select(IssueRow.id).where(IssueRow.subscriber_id == subscriber_id)
    ids = [issue_id for issue_id in session.exec(statement) if issue_id is not None]
    return sorted(by_ids(session, ids).values(), key=lambda issue: issue.number)


def paper_ids(session: Session, issue_id: int, *, subscriber_id: int) -> set[int] | None:
    """Return which papers are in an issue of a subscriber; None where they have no such issue."""
    asked = {"its_id": issue_id, "its_subscriber": subscriber_id}
    numbers = session.connection().execute(_PAPERS, asked).scalar_one_or_none()
    return None if numbers is None else set(frozen.paper_ids(session, numbers).values())


def sent_papers(session: Session, subscriber_ids: Iterable[int]) -> dict[int, set[int]]:
    """Return which papers were in any issue of each of these subscribers, kept or not."""
    sent: dict[int, set[int]] = {}
    for some in in_batches(subscriber_ids):
        statement = sqlalchemy_select(col(IssueRow.subscriber_id), col(IssueRow.papers)).where(
            col(IssueRow.subscriber_id).in_(some)
        )
        numbers: dict[int, set[int]] = {}
        for subscriber_id, papers in session.connection().execute(statement).all():
            numbers.setdefault(subscriber_id, set()).update(papers)
        paper_of = frozen.paper_ids(session, set().union(*numbers.values()))
        for subscriber_id, theirs in numbers.items():
            if theirs:
                sent[subscriber_id] = {paper_of[number] for number in theirs}
        before = sqlalchemy_select(*columns_of(SentPaperRow)).where(
            col(SentPaperRow.subscriber_id).in_(some)
        )
        for subscriber_id, paper_id in session.connection().execute(before).all():
            sent.setdefault(subscriber_id, set()).add(paper_id)
    return sent


def shown(session: Session, subscriber_ids: Iterable[int]) -> dict[int, list[ShownIssue]]:
    """Read which papers each of these subscribers was shown when, the first issue first.

    Issues without papers are left out, and so is who had no other.
    """
    issues: dict[int, list[ShownIssue]] = {}
    for some in in_batches(sorted(set(subscriber_ids))):
        statement = (
            sqlalchemy_select(*columns_of(IssueRow))
            .where(col(IssueRow.subscriber_id).in_(some))
            .order_by(col(IssueRow.number))
        )
        rows = [row for row in session.connection().execute(statement) if row.papers]
        paper_of = frozen.paper_ids(session, (number for row in rows for number in row.papers))
        for row in rows:
            propensities = propensities_of(unpacked(row.content))
            issue = ShownIssue(
                row.composed_at,
                {
                    paper_of[number]: propensity
                    for number, propensity in zip(row.papers, propensities, strict=True)
                },
            )
            issues.setdefault(row.subscriber_id, []).append(issue)
    return issues


def places_since(session: Session, subscriber_id: int, since: date) -> list[ShownPlace]:
    """Read the places of a subscriber's issues from a day on, the first issue first."""
    statement = (
        sqlalchemy_select(*columns_of(IssueRow))
        .where(col(IssueRow.subscriber_id) == subscriber_id, col(IssueRow.date) >= since)
        .order_by(col(IssueRow.number))
    )
    rows = session.connection().execute(statement).all()
    paper_of = frozen.paper_ids(session, (number for row in rows for number in row.papers))
    return [
        ShownPlace(row.date, paper_of[number], is_personal)
        for row in rows
        for number, is_personal in zip(row.papers, are_personal(unpacked(row.content)), strict=True)
    ]


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


def _issue(
    row: Any,
    content: Mapping[str, Any],
    papers: Mapping[int, Mapping[str, Any]],
    texts: Mapping[int, str],
) -> Issue:
    return Issue(
        id=row.id or 0,
        subscriber_id=row.subscriber_id,
        number=row.number,
        date=row.date,
        welcome=content["welcome"],
        schedule=text_of(content["schedule"], texts),
        curator=text_of(content["curator"], texts),
        composed_at=row.composed_at,
        likes=content["likes"],
        dislikes=content["dislikes"],
        saves=content["saves"],
        entries=tuple(
            sorted(
                entries_of(content, texts, [papers[number] for number in row.papers]),
                key=lambda entry: entry.position,
            )
        ),
        poor_signal=content["poor_signal"],
        unmet_interests=tuple(content["unmet_interests"]),
        language=content["language"],
    )
