"""Room 1, papers: one record of a bibliography, and the paper that it describes. Pure.

Knows neither BibTeX nor RIS: their modules hand over what a record says, in plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from recommender.domain import DigestEntry
from recommender.papers.identifiers import identifiers_of
from recommender.papers.plain_text import MOST_TITLE_CHARACTERS

MOST_PAPERS: Final = 500
SPLIT: Final = f"at most {MOST_PAPERS} at a time: split it, and send one part after the other"

MOST_ABSTRACT_CHARACTERS: Final = 20_000
MOST_AUTHORS_CHARACTERS: Final = 50_000
"""Well beyond any paper's. A record that has more is no paper, or somebody fills the disk."""

_DATE = re.compile(r"(?P<year>1[5-9]\d\d|20\d\d)(?:[-/](?P<month>\d\d?)(?:[-/](?P<day>\d\d?))?)?")
_MONTHS: Final = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
_MONTH = re.compile(
    rf"\b(?:(?P<name>{'|'.join(_MONTHS)})|(?P<number>1[0-2]|0?[1-9])\b)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not be taken: where it stands (``line 47``), and why with the fix."""

    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Record:
    """What a bibliography says of one work, as plain text on one line each.

    Attributes
    ----------
    where : str
        The place in the document: ``line 47``.
    identified_by : tuple of str
        Fields that may hold or name an arXiv id or a DOI, the surest first.
    date : str
        Begins with the year where it is known: ``2017``, ``2017/06/12``.
    """

    where: str
    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    identified_by: tuple[str, ...] = ()
    date: str = ""
    month: str = ""


def entry_of(record: Record) -> DigestEntry:
    """Read a record as a paper; its title is empty where the record has none.

    Its address is that of its identifier. Other addresses are not taken: who names a paper is not
    to decide where others who name it are led.
    """
    named = [identifiers_of(text) for text in record.identified_by]
    arxiv_id = next((arxiv_id for arxiv_id, _ in named if arxiv_id), None)
    doi = next((doi for _, doi in named if doi), None)
    return DigestEntry(
        title=record.title,
        abstract=record.abstract,
        authors=record.authors,
        arxiv_id=arxiv_id,
        doi=doi,
        url=_identifier_url(arxiv_id, doi),
        published_at=published_at(record.date, record.month),
    )


def problem_of(record: Record) -> str | None:
    """Return why a record cannot be a paper; None where it can."""
    sizes = (
        ("title", len(record.title), MOST_TITLE_CHARACTERS),
        ("abstract", len(record.abstract), MOST_ABSTRACT_CHARACTERS),
        ("list of authors", sum(map(len, record.authors)), MOST_AUTHORS_CHARACTERS),
    )
    for name, characters, most in sizes:
        if characters > most:
            return f"its {name} has {characters:,} characters; write at most {most:,}"
    return None


def published_at(date: str, month: str = "") -> datetime | None:
    """Read a date from 1500 to 2099 as midnight UTC; what is missing of it is its first.

    Parameters
    ----------
    date : str
        Begins with the year: ``2017``, ``2017-06``, ``2017/06/12/``.
    month : str
        By name or number, in whatever words: ``jun``, ``June``, ``06``, ``12 June``.
    """
    found = _DATE.match(date.strip())
    if found is None:
        return None
    month_number = int(found["month"]) if found["month"] else _month_number(month)
    try:
        return datetime(int(found["year"]), month_number, int(found["day"] or 1), tzinfo=UTC)
    except ValueError:
        return datetime(int(found["year"]), 1, 1, tzinfo=UTC)  # a month or day that there is not


def first_name_first(names: Iterable[str]) -> tuple[str, ...]:
    """Turn ``Last, First`` and ``Last, First, Suffix`` round; other names stay."""
    turned = []
    for name in names:
        last, *others = (part.strip() for part in name.split(",", maxsplit=2))
        turned.append(" ".join(filter(None, [*others[:1], last, *others[1:]])))
    return tuple(filter(None, turned))


def _month_number(month: str) -> int:
    found = [each for each in _MONTH.finditer(month) if each["name"]] or list(
        _MONTH.finditer(month)
    )
    if not found:
        return 1
    name = found[0]["name"]
    return _MONTHS.index(name.lower()) + 1 if name else int(found[0]["number"])


def _identifier_url(arxiv_id: str | None, doi: str | None) -> str | None:
    """Where an identifier leads: to arXiv first, where everybody may read."""
    if arxiv_id:
        return f"https://arxiv.org/abs/{arxiv_id}"
    return f"https://doi.org/{doi}" if doi else None
