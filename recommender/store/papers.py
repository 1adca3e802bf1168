"""Store: papers, by what identifies them and by id.

A paper's row has the arXiv id and the DOI that are shown; ``paper_identifier`` has all that it was
ever known by, so that each of them finds it again.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, or_, update
from sqlalchemy import select as sqlalchemy_select
from sqlmodel import Session, col, select

from recommender.domain import Paper
from recommender.domain.author_keys import authors_key
from recommender.domain.dois import ARXIV_DOI_PREFIX, identifiers_of, work_of_doi
from recommender.store import content_state, paper_search
from recommender.store.query_batches import in_batches, in_parts, insert_numbered
from recommender.store.tables import PaperIdentifierRow, PaperRow, columns_of

_ADDED_AT_A_TIME = 1_000
_MOST_OF_PEOPLE = 2_000
"""Papers of a few hundred lists of authors. An "Editorial Board" has any number of them."""
_RANGES_AT_A_TIME = 100

# As objects of the session, rows take three times as long to read.
_COLUMNS = sqlalchemy_select(*columns_of(PaperRow))
# Made once: to take a list of values apart takes as long as to read some papers.
_BY_IDS = _COLUMNS.where(col(PaperRow.id).in_(bindparam("ids", expanding=True)))

# What always fits into an id; the driver refuses a number that fits into no integer.
MAX_ID_DIGITS = 9


@dataclass(frozen=True, slots=True)
class NewPaper:
    """A paper that is not stored yet; `title_key` recognises it where no identifier does.

    ``identifiers`` are what it is known by besides its arXiv id and DOI.
    """

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
    withdrawn_at: datetime | None = None
    keywords: tuple[str, ...] = ()
    code_url: str | None = None
    project_url: str | None = None
    thumbnail_url: str | None = None
    identifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownPaper:
    """What identifies a stored paper."""

    paper: Paper
    title_key: str
    identifiers: tuple[str, ...] = ()


def find_by_identity(
    session: Session,
    *,
    arxiv_ids: Iterable[str],
    dois: Iterable[str],
    title_keys: Iterable[str],
    authors_keys: Iterable[int] = (),
) -> list[KnownPaper]:
    """Find every stored paper that has one of these identifiers or keys, oldest first."""
    arxiv_ids, dois = set(arxiv_ids), set(dois)
    named = [each for arxiv_id in arxiv_ids for each in identifiers_of(arxiv_id, None)]
    named += [each for doi in dois for each in identifiers_of(None, doi)]
    rows: dict[int, PaperRow] = {}
    batches = zip_longest(
        in_batches(sorted(set(title_keys))), in_batches(sorted(set(named))), fillvalue=()
    )
    for some_keys, some_names in batches:
        known = select(PaperIdentifierRow.paper_id).where(
            col(PaperIdentifierRow.identifier).in_(some_names)
        )
        is_meant = or_(col(PaperRow.title_key).in_(some_keys), col(PaperRow.id).in_(known))
        for row in session.exec(select(PaperRow).where(is_meant)):
            rows[row.id or 0] = row
    for row in _rows_that_show(session, arxiv_ids, dois):
        rows[row.id or 0] = row
    for row in list(_rows_of_people(session, authors_keys, rows)):
        rows[row.id or 0] = row
    known_by: dict[int, list[str]] = {paper_id: [] for paper_id in rows}
    for some_ids in in_batches(sorted(rows)):
        columns = (col(PaperIdentifierRow.identifier), col(PaperIdentifierRow.paper_id))
        of_papers = select(*columns).where(columns[1].in_(some_ids)).order_by(columns[0])
        for identifier, paper_id in session.exec(of_papers):
            known_by[paper_id].append(identifier)
    return [
        KnownPaper(paper_of(rows[each]), rows[each].title_key, tuple(known_by[each]))
        for each in sorted(rows)
    ]


def _rows_of_people(
    session: Session, authors_keys: Iterable[int], known: Collection[int]
) -> Iterator[PaperRow]:
    """Read the rows of these people, but for those that are known: most that come again are."""
    columns = (col(PaperRow.id), col(PaperRow.authors_key))
    for some in in_batches(sorted(set(authors_keys))):
        found = select(columns[0]).where(columns[1].in_(some))
        ids = session.exec(found.order_by(columns[0].desc()).limit(_MOST_OF_PEOPLE))
        for missing in in_batches(each for each in ids if each not in known):
            yield from session.exec(select(PaperRow).where(columns[0].in_(missing)))


def _rows_that_show(
    session: Session, arxiv_ids: Iterable[str], dois: Iterable[str]
) -> Iterator[PaperRow]:
    """Read the rows that show one of these, or another version of one.

    Those that were stored before a rule told versions share an identifier, which is put down once.
    """
    arxiv_ids = set(arxiv_ids)
    shown = {*dois, *map(work_of_doi, dois), *(ARXIV_DOI_PREFIX + each for each in arxiv_ids)}
    for column, values in ((PaperRow.arxiv_id, arxiv_ids), (PaperRow.doi, shown)):
        for some in in_batches(sorted(values)):
            yield from session.exec(select(PaperRow).where(col(column).in_(some)))
    versioned = sorted({work for doi in dois if (work := work_of_doi(doi)) != doi})
    for first in range(0, len(versioned), _RANGES_AT_A_TIME):
        some = versioned[first : first + _RANGES_AT_A_TIME]
        ranges = (col(PaperRow.doi).between(work, work + "~") for work in some)
        for row in session.exec(select(PaperRow).where(or_(*ranges))):
            if row.doi is not None and work_of_doi(row.doi) in some:
                yield row


def ids_by_identifier(
    session: Session, *, arxiv_ids: Iterable[str], dois: Iterable[str]
) -> dict[str, int]:
    """Return the ids of the stored papers among these, each by its arXiv id or DOI as given."""
    named = {arxiv_id: identifiers_of(arxiv_id, None) for arxiv_id in arxiv_ids}
    named |= {doi: identifiers_of(None, doi) for doi in dois}
    ids = _ids_of(session, [each for some in named.values() for each in some])
    return {
        identifier: ids[each] for identifier, some in named.items() for each in some if each in ids
    }


def standing_id(session: Session, paper_id: int) -> int:
    """Return the id of the paper that a row was, which may have turned out to be another's."""
    return _ids_of(session, [f"paper:{paper_id}"]).get(f"paper:{paper_id}", paper_id)


def _ids_of(session: Session, identifiers: Iterable[str]) -> dict[str, int]:
    columns = (col(PaperIdentifierRow.identifier), col(PaperIdentifierRow.paper_id))
    found: dict[str, int] = {}
    for some in in_batches(sorted(set(identifiers))):
        found.update(session.exec(select(*columns).where(columns[0].in_(some))).all())
    return found


def add(session: Session, papers: Sequence[NewPaper]) -> list[int]:
    """Store new papers; their ids come back in the same order."""
    ids: list[int] = []
    # What the driver is handed takes several times the memory of the papers.
    for first in range(0, len(papers), _ADDED_AT_A_TIME):
        values = [
            {
                "title": paper.title,
                "title_key": paper.title_key,
                "abstract": paper.abstract,
                "authors": paper.authors,
                "arxiv_id": paper.arxiv_id,
                "doi": paper.doi,
                "url": paper.url,
                "published_at": paper.published_at,
                "first_seen_at": paper.first_seen_at,
                "summary": paper.summary,
                "withdrawn_at": paper.withdrawn_at,
                "keywords": paper.keywords,
                "code_url": paper.code_url,
                "project_url": paper.project_url,
                "thumbnail_url": paper.thumbnail_url,
                "authors_key": authors_key(paper.authors),
            }
            for paper in papers[first : first + _ADDED_AT_A_TIME]
        ]
        numbers = insert_numbered(session, PaperRow, col(PaperRow.id), values)
        paper_search.put_in(
            session, ({**row, "id": number} for number, row in zip(numbers, values, strict=True))
        )
        content_state.rename(session)
        ids += numbers
    known_by: dict[str, int] = {}
    for paper_id, paper in zip(ids, papers, strict=True):
        for each in (*paper.identifiers, *identifiers_of(paper.arxiv_id, paper.doi)):
            known_by.setdefault(each, paper_id)
    add_identifiers(session, known_by)
    return ids


def add_identifiers(session: Session, known_by: Mapping[str, int]) -> None:
    """Put down what papers are known by; what another paper is known by stays as it is."""
    stand = _ids_of(session, known_by)
    new = [
        {"identifier": each, "paper_id": paper_id}
        for each, paper_id in known_by.items()
        if each not in stand
    ]
    if new:
        session.connection().execute(insert(PaperIdentifierRow), new)


def forget_identifiers(session: Session, paper_ids: Iterable[int]) -> None:
    """Drop what papers are known by, but for the ids that their rows once had."""
    for some in in_batches(sorted(set(paper_ids))):
        session.execute(
            delete(PaperIdentifierRow).where(
                col(PaperIdentifierRow.paper_id).in_(some),
                col(PaperIdentifierRow.identifier).not_like("paper:%"),
            )
        )


def hide_identifiers(session: Session, paper_ids: Iterable[int]) -> None:
    """Have papers show no arXiv id and no DOI, for others to show them."""
    for some in in_batches(sorted(set(paper_ids))):
        session.execute(
            update(PaperRow).where(col(PaperRow.id).in_(some)).values(arxiv_id=None, doi=None)
        )


def change(session: Session, paper: Paper, title_key: str) -> None:
    """Write a stored paper's fields anew, all but when it was first seen."""
    paper_search.take_out(session, [paper.id])
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
            withdrawn_at=paper.withdrawn_at,
            keywords=list(paper.keywords),
            code_url=paper.code_url,
            project_url=paper.project_url,
            thumbnail_url=paper.thumbnail_url,
            reinstated_at=paper.reinstated_at,
            authors_key=authors_key(paper.authors),
        )
    )
    paper_search.put_in(
        session,
        [
            {
                "id": paper.id,
                "title": paper.title,
                "abstract": paper.abstract,
                "authors": paper.authors,
                "keywords": paper.keywords,
            }
        ],
    )
    content_state.rename(session)


def by_ids(session: Session, paper_ids: Iterable[int]) -> dict[int, Paper]:
    """Read papers by id; an unknown id is left out."""
    papers: dict[int, Paper] = {}
    for some in in_batches(sorted(set(paper_ids))):
        rows = session.connection().execute(_BY_IDS, {"ids": some})
        papers.update((paper.id, paper) for paper in map(paper_of, rows))
    return papers


def every(session: Session) -> Generator[Paper, None, None]:
    """Read all papers in the order in which they came."""
    statement = select(PaperRow).order_by(col(PaperRow.id))
    for (row,) in in_parts(session, statement):
        yield paper_of(row)


def withdrawn(session: Session) -> list[Paper]:
    """Read the papers that were taken back, the last one first."""
    withdrawn_at = col(PaperRow.withdrawn_at)
    statement = select(PaperRow).where(withdrawn_at.is_not(None))
    rows = session.exec(statement.order_by(withdrawn_at.desc(), col(PaperRow.id).desc()))
    return [paper_of(row) for row in rows]


def texts(session: Session) -> Iterator[tuple[int, str, str, list[str]]]:
    """Read id, title, abstract and authors of all papers in the order in which they came."""
    statement = select(PaperRow.id, PaperRow.title, PaperRow.abstract, PaperRow.authors)
    statement = statement.order_by(col(PaperRow.id))
    for row in in_parts(session, statement):
        yield row.id, row.title, row.abstract, row.authors


def count(session: Session) -> int:
    """Count all papers."""
    return session.exec(select(func.count()).select_from(PaperRow)).one()


def last_id(session: Session) -> int | None:
    """Return the id of the paper that was stored last."""
    return session.exec(select(func.max(PaperRow.id))).one()


def search(session: Session, text: str) -> list[Paper]:
    """Find the papers with this id, arXiv id, DOI or words of the title, at most 20."""
    found = select(PaperRow).where(_meant_by(session, text))
    return [paper_of(row) for row in session.exec(found.order_by(col(PaperRow.id)).limit(20))]


def count_found(session: Session, text: str) -> int:
    """Count what `search` finds, all of it."""
    return session.exec(select(func.count(col(PaperRow.id))).where(_meant_by(session, text))).one()


def _meant_by(session: Session, text: str) -> ColumnElement[bool]:
    named = [*identifiers_of(text, text.lower()), f"paper:{text}"]
    conditions = [
        col(PaperRow.id).in_(set(_ids_of(session, named).values())),
        col(PaperRow.title).icontains(text, autoescape=True),
    ]
    if text.isdecimal() and len(text) <= MAX_ID_DIGITS:
        conditions.append(col(PaperRow.id) == int(text))
    return or_(*conditions)


def paper_of(row: Any) -> Paper:
    """Read a row, or its columns, as the other rooms know it."""
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
        withdrawn_at=row.withdrawn_at,
        keywords=tuple(row.keywords),
        code_url=row.code_url,
        project_url=row.project_url,
        thumbnail_url=row.thumbnail_url,
        reinstated_at=row.reinstated_at,
    )
