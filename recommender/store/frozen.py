"""Store: what issues show of papers, once for all issues that show the same.

Each version is known by a digest of what it says, so it is found again whichever process composes.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, select
from sqlmodel import Session, SQLModel, col

from recommender.domain import IssueEntry
from recommender.store.issue_tables import FrozenPaperRow, FrozenTextRow
from recommender.store.query_batches import in_batches, insert_missing

OFTEN: Final = 2
"""Readers at a time who are told a text from which on it is kept apart: so no text that one reader
alone wrote outlives their issues."""

_DIGEST_BYTES: Final = 16


class FrozenPaper(NamedTuple):
    """What an issue shows of a paper, whoever it is for; the fields are those of `IssueEntry`."""

    paper_id: int
    title: str
    authors: tuple[str, ...]
    url: str | None
    excerpt: str
    excerpt_is_summary: bool
    code_url: str | None
    project_url: str | None
    topic: str
    thumbnail: str

    @classmethod
    def of(cls, entry: IssueEntry) -> FrozenPaper:
        """Take it of an entry."""
        return cls(
            paper_id=entry.paper_id,
            title=entry.title,
            authors=entry.authors,
            url=entry.url,
            excerpt=entry.excerpt,
            excerpt_is_summary=entry.excerpt_is_summary,
            code_url=entry.code_url,
            project_url=entry.project_url,
            topic=entry.topic,
            thumbnail=entry.thumbnail,
        )


# Built once: for every newsletter that takes as long as to carry them out.
_PAPERS = select(
    col(FrozenPaperRow.id), *(col(getattr(FrozenPaperRow, name)) for name in FrozenPaper._fields)
).where(col(FrozenPaperRow.id).in_(bindparam("ids", expanding=True)))
_PAPER_IDS = select(col(FrozenPaperRow.id), col(FrozenPaperRow.paper_id)).where(
    col(FrozenPaperRow.id).in_(bindparam("ids", expanding=True))
)
_TEXTS = select(col(FrozenTextRow.id), col(FrozenTextRow.text)).where(
    col(FrozenTextRow.id).in_(bindparam("ids", expanding=True))
)


def keep_papers(session: Session, shown: Iterable[FrozenPaper]) -> dict[FrozenPaper, int]:
    """Freeze what is not frozen yet, and return the number of each."""
    digests = {each: _digest(each) for each in dict.fromkeys(shown)}
    rows = {digest: {**each._asdict(), "digest": digest} for each, digest in digests.items()}
    numbers = _numbers(session, FrozenPaperRow, rows)
    return {each: numbers[digest] for each, digest in digests.items()}


def keep_texts(session: Session, told: Iterable[Iterable[str]]) -> dict[str, int]:
    """Freeze the texts that several readers are told, and return the numbers of those frozen.

    Parameters
    ----------
    told : iterable of iterable of str
        What each reader is told.
    """
    counts = Counter(text for texts in told for text in set(texts))
    digests = {text: _digest(text) for text in counts}
    rows = {digests[text]: {"text": text, "digest": digests[text]} for text in counts}
    often = {digests[text] for text, count in counts.items() if count >= OFTEN}
    numbers = _numbers(session, FrozenTextRow, rows, only=often)
    return {text: numbers[digest] for text, digest in digests.items() if digest in numbers}


def papers(session: Session, numbers: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Read frozen papers by their numbers: the values of `FrozenPaper`, by name."""
    found: dict[int, dict[str, Any]] = {}
    for some in in_batches(sorted(set(numbers))):
        for number, *values in session.connection().execute(_PAPERS, {"ids": some}).all():
            paper = dict(zip(FrozenPaper._fields, values, strict=True))
            paper["authors"] = tuple(paper["authors"])
            found[number] = paper
    return found


def paper_ids(session: Session, numbers: Iterable[int]) -> dict[int, int]:
    """Return which paper each frozen one is of."""
    found: dict[int, int] = {}
    for some in in_batches(sorted(set(numbers))):
        rows = session.connection().execute(_PAPER_IDS, {"ids": some}).all()
        found.update({number: paper_id for number, paper_id in rows if number is not None})
    return found


def texts(session: Session, numbers: Iterable[int]) -> dict[int, str]:
    """Read frozen texts by their numbers."""
    found: dict[int, str] = {}
    for some in in_batches(sorted(set(numbers))):
        rows = session.connection().execute(_TEXTS, {"ids": some}).all()
        found.update({number: text for number, text in rows if number is not None})
    return found


def _numbers(
    session: Session,
    row: type[FrozenPaperRow | FrozenTextRow],
    rows: Mapping[bytes, Mapping[str, Any]],
    *,
    only: set[bytes] | None = None,
) -> dict[bytes, int]:
    """Return the numbers of rows by their digests; those that are missing are inserted first.

    Parameters
    ----------
    only : set of bytes or None
        Those that may be inserted; None: all.
    """
    known = _known(session, row, rows)
    # In one order in every process: who waits for a row that another one freezes has none after it.
    missing = sorted(
        digest for digest in rows if digest not in known and (only is None or digest in only)
    )
    if missing:
        insert_missing(session, row, [rows[digest] for digest in missing])
        known.update(_known(session, row, missing))
    return known


def _known(session: Session, row: type[SQLModel], digests: Iterable[bytes]) -> dict[bytes, int]:
    known: dict[bytes, int] = {}
    columns = row.__table__.c  # type: ignore[attr-defined]  # SQLModel's
    for some in in_batches(digests):
        statement = select(columns.digest, columns.id).where(columns.digest.in_(some))
        rows = session.connection().execute(statement).all()
        known.update({digest: number for digest, number in rows})  # noqa: C416 - rows, no tuples
    return known


def _digest(said: Sequence[Any]) -> bytes:
    return hashlib.blake2b(json.dumps(said).encode(), digest_size=_DIGEST_BYTES).digest()
