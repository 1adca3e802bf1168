"""Store: papers, by what identifies them and by id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, or_, update
from sqlmodel import Session, col, select

from recommender.domain import Paper
from recommender.store.query_batches import in_batches
from recommender.store.tables import PaperRow

_ADDED_AT_A_TIME = 1_000

# What always fits into an id; the driver refuses a number that fits into no integer.
MAX_ID_DIGITS = 9


@dataclass(frozen=True, slots=True)
class NewPaper:
    """A paper that is not stored yet; `title_key` recognises it where no identifier does."""

    title: str
    title_key: str
    abstract: str
    authors: tuple[str, ...]
    arxiv_id: str | None
    doi: str | None
    url: str | None
    published_at: datetime | None
    first_seen_at: datetime
    summary: str = ""


@dataclass(frozen=True, slots=True)
class KnownPaper:
    """What identifies a stored paper."""

    paper: Paper
    title_key: str


def find_by_identity(
    session: Session,
    *,
    arxiv_ids: Iterable[str],
    dois: Iterable[str],
    title_keys: Iterable[str],
) -> list[KnownPaper]:
    """Find every stored paper that has one of these identifiers or title keys, oldest first."""
    found: dict[int, KnownPaper] = {}
    for column, values in (
        (col(PaperRow.arxiv_id), arxiv_ids),
        (col(PaperRow.doi), dois),
        (col(PaperRow.title_key), title_keys),
    ):
        for some in in_batches(sorted(set(values))):
            for row in session.exec(select(PaperRow).where(column.in_(some))):
                paper = paper_of(row)
                found[paper.id] = KnownPaper(paper, row.title_key)
    return [found[paper_id] for paper_id in sorted(found)]


def ids_by_identifier(
    session: Session, *, arxiv_ids: Iterable[str], dois: Iterable[str]
) -> dict[str, int]:
    """Return the ids of the stored papers among these, each by its arXiv id and its DOI."""
    found = find_by_identity(session, arxiv_ids=arxiv_ids, dois=dois, title_keys=())
    return {
        identifier: each.paper.id
        for each in found
        for identifier in (each.paper.arxiv_id, each.paper.doi)
        if identifier
    }


def add(session: Session, papers: Sequence[NewPaper]) -> list[int]:
    """Store new papers; their ids come back in the same order."""
    ids: list[int] = []
    statement = insert(PaperRow).returning(col(PaperRow.id), sort_by_parameter_order=True)
    # What the driver is handed takes several times the memory of the papers.
    for first in range(0, len(papers), _ADDED_AT_A_TIME):
        values = [
            {
                "title": paper.title,
                "title_key": paper.title_key,
                "abstract": paper.abstract,
                "authors": list(paper.authors),
                "arxiv_id": paper.arxiv_id,
                "doi": paper.doi,
                "url": paper.url,
                "published_at": paper.published_at,
                "first_seen_at": paper.first_seen_at,
                "summary": paper.summary,
            }
            for paper in papers[first : first + _ADDED_AT_A_TIME]
        ]
        ids += [paper_id for (paper_id,) in session.execute(statement, values)]
    return ids


def change(session: Session, paper: Paper, title_key: str) -> None:
    """Write a stored paper's fields anew, all but when it was first seen."""
    session.execute(
        update(PaperRow)
        .where(col(PaperRow.id) == paper.id)
        .values(
            title=paper.title,
            title_key=title_key,
            abstract=paper.abstract,
            authors=list(paper.authors),
            arxiv_id=paper.arxiv_id,
            doi=paper.doi,
            url=paper.url,
            published_at=paper.published_at,
            summary=paper.summary,
        )
    )


def by_ids(session: Session, paper_ids: Iterable[int]) -> dict[int, Paper]:
    """Read papers by id; an unknown id is left out."""
    papers: dict[int, Paper] = {}
    for some in in_batches(sorted(set(paper_ids))):
        rows = session.exec(select(PaperRow).where(col(PaperRow.id).in_(some)))
        papers.update((paper.id, paper) for paper in map(paper_of, rows))
    return papers


def every(session: Session) -> Iterator[Paper]:
    """Read all papers in the order in which they came."""
    statement = select(PaperRow).order_by(col(PaperRow.id))
    for row in session.exec(statement.execution_options(yield_per=1000)):
        yield paper_of(row)


def texts(session: Session) -> Iterator[tuple[int, str, str, list[str]]]:
    """Read id, title, abstract and authors of all papers in the order in which they came."""
    statement = select(PaperRow.id, PaperRow.title, PaperRow.abstract, PaperRow.authors)
    statement = statement.order_by(col(PaperRow.id))
    for row in session.execute(statement.execution_options(yield_per=1000)):
        yield row.id, row.title, row.abstract, row.authors


def count(session: Session) -> int:
    """Count all papers."""
    return session.exec(select(func.count()).select_from(PaperRow)).one()


def last_id(session: Session) -> int | None:
    """Return the id of the paper that was stored last."""
    return session.exec(select(func.max(PaperRow.id))).one()


def search(session: Session, text: str) -> list[Paper]:
    """Find the papers with this id, arXiv id, DOI or words of the title, at most 20."""
    conditions = [
        col(PaperRow.arxiv_id) == text,
        col(PaperRow.doi) == text.lower(),
        col(PaperRow.title).icontains(text, autoescape=True),
    ]
    if text.isdecimal() and len(text) <= MAX_ID_DIGITS:
        conditions.append(col(PaperRow.id) == int(text))
    rows = session.exec(
        select(PaperRow).where(or_(*conditions)).order_by(col(PaperRow.id)).limit(20)
    )
    return [paper_of(row) for row in rows]


def paper_of(row: PaperRow) -> Paper:
    """Read a row as the other rooms know it."""
    return Paper(
        id=row.id or 0,
        title=row.title,
        abstract=row.abstract,
        authors=tuple(row.authors),
        arxiv_id=row.arxiv_id,
        doi=row.doi,
        url=row.url,
        published_at=row.published_at,
        first_seen_at=row.first_seen_at,
        summary=row.summary,
    )
