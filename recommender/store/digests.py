"""Store: digests and what they mention."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, false, func, insert, or_, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from recommender.domain import Mention, Paper
from recommender.store import content_state
from recommender.store.papers import paper_of
from recommender.store.query_batches import in_batches, insert_numbered
from recommender.store.tables import DigestRow, MentionRow, PaperRow


@dataclass(frozen=True, slots=True)
class StoredDigest:
    """A digest that was ingested."""

    id: int
    curator: str
    date: date
    file_name: str
    ingested_at: datetime


@dataclass(frozen=True, slots=True)
class RankedMention:
    """A paper's rank in the digest that is being stored."""

    paper_id: int
    rank: int
    upvotes: int


@dataclass(frozen=True, slots=True)
class NewDigest:
    """A digest that is not stored yet, and what it mentions."""

    sha256: str
    format: str
    source: str
    file_name: str
    curator: str
    day: date
    ingested_at: datetime
    mentions: Sequence[RankedMention]


def find_by_hash(session: Session, sha256: str) -> StoredDigest | None:
    """Find the digest whose bytes have this hash."""
    row = session.exec(select(DigestRow).where(DigestRow.sha256 == sha256)).first()
    return None if row is None else _digest(row)


def known_hashes(session: Session, hashes: Iterable[str]) -> set[str]:
    """Return which of these are hashes of stored digests."""
    found: set[str] = set()
    column = col(DigestRow.sha256)
    for some in in_batches(hashes):
        found.update(session.exec(select(column).where(column.in_(some))))
    return found


def add(
    session: Session,
    *,
    sha256: str,
    format: str,  # noqa: A002 - the digest's own word
    source: str,
    file_name: str,
    curator: str,
    day: date,
    ingested_at: datetime,
    mentions: Sequence[RankedMention],
) -> int:
    """Store a digest and its mentions; returns its id."""
    new = NewDigest(sha256, format, source, file_name, curator, day, ingested_at, mentions)
    [digest_id] = add_all(session, [new])
    return digest_id


def add_all(session: Session, new: Sequence[NewDigest]) -> list[int]:
    """Store digests and their mentions; their ids come back in the same order."""
    if not new:
        return []
    values = [
        {
            "sha256": each.sha256,
            "format": each.format,
            "source": each.source,
            "file_name": each.file_name,
            "curator": each.curator,
            "date": each.day,
            "ingested_at": each.ingested_at,
        }
        for each in new
    ]
    ids = insert_numbered(session, DigestRow, col(DigestRow.id), values)
    _add_mentions(
        session,
        ((digest_id, m) for digest_id, each in zip(ids, new, strict=True) for m in each.mentions),
    )
    return ids


def extend(session: Session, digest_id: int, mentions: Sequence[RankedMention]) -> None:
    """Add mentions behind those that a digest has."""
    of_digest = select(func.max(MentionRow.rank)).where(MentionRow.digest_id == digest_id)
    last = session.exec(of_digest).one() or 0
    _add_mentions(
        session,
        (
            (digest_id, replace(each, rank=place))
            for place, each in enumerate(mentions, start=last + 1)
        ),
    )


def _add_mentions(session: Session, mentions: Iterable[tuple[int, RankedMention]]) -> None:
    for some in in_batches(mentions):
        session.connection().execute(
            insert(MentionRow),
            [
                {
                    "digest_id": digest_id,
                    "rank": m.rank,
                    "paper_id": m.paper_id,
                    "upvotes": m.upvotes,
                }
                for digest_id, m in some
            ],
        )
        content_state.rename(session)


def by_sources(urls: Collection[str]) -> ColumnElement[bool]:
    """Select the digests of some sources, by the addresses that these were added with."""
    return col(DigestRow.source).in_(urls)


def hand_over(session: Session, before: str, after: str) -> None:
    """Have the digests of a source be those of another one."""
    session.execute(update(DigestRow).where(col(DigestRow.source) == before).values(source=after))


def by_name(format: str, curator: str) -> ColumnElement[bool]:  # noqa: A002 - the digest's own word
    """Select the digests of a kind under one name, by whichever way they came."""
    return (col(DigestRow.format) == format) & (col(DigestRow.curator) == curator)


def mentioned_by(
    session: Session, chosen: ColumnElement[bool], paper_ids: Iterable[int]
) -> set[int]:
    """Return which of these papers some digests mention."""
    found: set[int] = set()
    for some in in_batches(sorted(set(paper_ids))):
        statement = (
            select(MentionRow.paper_id)
            .join(DigestRow, col(DigestRow.id) == col(MentionRow.digest_id))
            .where(chosen, col(MentionRow.paper_id).in_(some))
        )
        found.update(session.exec(statement))
    return found


def last_mentioned_by_file(
    session: Session, file_name: str, *, ingested_by: datetime, but: str
) -> set[int]:
    """Return what the last file of this name mentioned by then, the one with a hash left out."""
    of_file = (
        (col(DigestRow.file_name) == file_name)
        & (col(DigestRow.ingested_at) <= ingested_by)
        & ~col(DigestRow.sha256).startswith(but)
    )
    last_at = select(func.max(DigestRow.ingested_at)).where(of_file).scalar_subquery()
    statement = (
        select(MentionRow.paper_id)
        .join(DigestRow, col(DigestRow.id) == col(MentionRow.digest_id))
        .where(of_file, col(DigestRow.ingested_at) == last_at)
    )
    return set(session.exec(statement))


def raise_upvotes(
    session: Session, chosen: ColumnElement[bool], mentions: Iterable[RankedMention]
) -> None:
    """Have the mentions in some digests say as many upvotes as these, where these are more."""
    of_these = select(DigestRow.id).where(chosen).scalar_subquery()
    raised = 0
    for each in mentions:
        if each.upvotes:
            result = session.connection().execute(
                update(MentionRow)
                .where(
                    col(MentionRow.paper_id) == each.paper_id,
                    col(MentionRow.digest_id).in_(of_these),
                    col(MentionRow.upvotes) < each.upvotes,
                )
                .values(upvotes=each.upvotes)
            )
            raised += result.rowcount
    if raised:
        content_state.rename(session)


def newest(session: Session) -> StoredDigest | None:
    """Return the digest with the latest date that mentions papers, the last ingested of several."""
    row = session.exec(_newest_first().limit(1)).first()
    return None if row is None else _digest(row)


def newest_by_source(session: Session) -> dict[str, date]:
    """Return the last day of the digests of each source, by the address it was added with."""
    statement = select(DigestRow.source, func.max(DigestRow.date)).group_by(col(DigestRow.source))
    return dict(session.exec(statement).all())


def of_day(session: Session, day: date) -> list[StoredDigest]:
    """Return the digests of one day that mention papers, the last ingested first."""
    return [_digest(row) for row in session.exec(_newest_first().where(DigestRow.date == day))]


def days(session: Session) -> list[date]:
    """Return the days that have a digest which mentions papers, newest first."""
    statement = select(col(DigestRow.date)).where(_mentions_papers()).distinct()
    statement = statement.order_by(col(DigestRow.date).desc())
    return list(session.exec(statement))


def papers_of_day(session: Session, day: date) -> list[tuple[Paper, int]]:
    """Read the papers of one day with their upvotes, those at the top of their digest first.

    Papers that were taken back are left out.
    """
    statement = (
        select(PaperRow, MentionRow.upvotes)
        .join(MentionRow, col(MentionRow.paper_id) == col(PaperRow.id))
        .join(DigestRow, col(MentionRow.digest_id) == col(DigestRow.id))
        .where(col(DigestRow.date) == day, col(PaperRow.withdrawn_at).is_(None))
        .order_by(col(MentionRow.rank), col(DigestRow.id))
    )
    papers: dict[int, tuple[Paper, int]] = {}
    for row, upvotes in session.exec(statement):
        paper = paper_of(row)
        _, upvotes_elsewhere = papers.get(paper.id, (paper, 0))
        papers[paper.id] = (paper, max(upvotes, upvotes_elsewhere))
    return list(papers.values())


def last_ingested_at(session: Session) -> datetime | None:
    """Return when the last digest was stored."""
    return session.exec(select(func.max(DigestRow.ingested_at))).one()


def last_id(session: Session) -> int | None:
    """Return the id of the digest that was stored last: only digests change papers' texts."""
    return session.exec(select(func.max(DigestRow.id))).one()


def ingested(session: Session) -> list[tuple[datetime, date]]:
    """Return when each digest was stored, and its date; the first stored first."""
    statement = select(col(DigestRow.ingested_at), col(DigestRow.date)).order_by(
        col(DigestRow.ingested_at), col(DigestRow.id)
    )
    return [(ingested_at, day) for ingested_at, day in session.exec(statement)]


def mentions_since(
    session: Session, day: date, *, ingested_by: datetime | None = None
) -> list[Mention]:
    """Read the mentions in digests of this day and later, digest by digest in order.

    Papers that were taken back are left out. ``ingested_by`` leaves out the digests that were
    stored after that moment, and only the papers that had been taken back by then.
    """
    withdrawn_at = col(PaperRow.withdrawn_at)
    is_offered = or_(
        withdrawn_at.is_(None), false() if ingested_by is None else withdrawn_at > ingested_by
    )
    statement = (
        select(MentionRow, col(DigestRow.curator), col(DigestRow.date))
        .join(DigestRow, col(MentionRow.digest_id) == col(DigestRow.id))
        .join(PaperRow, col(MentionRow.paper_id) == col(PaperRow.id))
        .where(col(DigestRow.date) >= day, is_offered)
        .order_by(col(DigestRow.date), col(DigestRow.id), col(MentionRow.rank))
    )
    if ingested_by is not None:
        statement = statement.where(col(DigestRow.ingested_at) <= ingested_by)
    return [
        Mention(row.paper_id, curator, digest_date, row.rank, row.upvotes)
        for row, curator, digest_date in session.exec(statement)
    ]


def most_upvotes(session: Session) -> dict[int, int]:
    """Return the most upvotes that any digest had of each paper."""
    statement = select(MentionRow.paper_id, func.max(MentionRow.upvotes)).group_by(
        col(MentionRow.paper_id)
    )
    return dict(session.exec(statement).all())


def first_mentioned(session: Session) -> dict[int, date]:
    """Read the date of the first digest that mentions each paper."""
    statement = (
        select(MentionRow.paper_id, func.min(DigestRow.date))
        .join(DigestRow, col(DigestRow.id) == col(MentionRow.digest_id))
        .group_by(col(MentionRow.paper_id))
    )
    return dict(session.exec(statement).all())


def last_mentioned(session: Session, paper_ids: Iterable[int]) -> dict[int, date]:
    """Read the date of the last digest that mentions each of these papers, if any does."""
    found: dict[int, date] = {}
    for some in in_batches(sorted(set(paper_ids))):
        statement = (
            select(MentionRow.paper_id, func.max(DigestRow.date))
            .join(DigestRow, col(DigestRow.id) == col(MentionRow.digest_id))
            .where(col(MentionRow.paper_id).in_(some))
            .group_by(col(MentionRow.paper_id))
        )
        found.update(session.exec(statement).all())
    return found


def count_offered(session: Session, since: date) -> int:
    """Count the papers that digests of this day and later mention, but those taken back."""
    statement = (
        select(func.count(func.distinct(MentionRow.paper_id)))
        .join(DigestRow, col(DigestRow.id) == col(MentionRow.digest_id))
        .join(PaperRow, col(PaperRow.id) == col(MentionRow.paper_id))
        .where(col(DigestRow.date) >= since, col(PaperRow.withdrawn_at).is_(None))
    )
    return session.exec(statement).one()


def mentioned(session: Session, paper_ids: Iterable[int]) -> set[int]:
    """Return which of these papers any digest mentions."""
    found: set[int] = set()
    for some in in_batches(sorted(set(paper_ids))):
        column = col(MentionRow.paper_id)
        found.update(session.exec(select(column).where(column.in_(some)).distinct()))
    return found


def _newest_first() -> SelectOfScalar[DigestRow]:
    mentioning = select(DigestRow).where(_mentions_papers())
    return mentioning.order_by(col(DigestRow.date).desc(), col(DigestRow.id).desc())


def _mentions_papers() -> ColumnElement[bool]:
    """Select digests that are some day's list: some bring new texts of papers and nothing else."""
    return exists().where(col(MentionRow.digest_id) == col(DigestRow.id))


def _digest(row: DigestRow) -> StoredDigest:
    return StoredDigest(row.id or 0, row.curator, row.date, row.file_name, row.ingested_at)
