"""Jobs: a reading list as a file, for reference managers and spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from recommender.jobs.people.rated_papers import RatedPaper
from recommender.jobs.people.reading_list import whole_list
from recommender.jobs.services import Services
from recommender.papers.references.writing import (
    Reference,
    write_bibtex,
    write_csl_json,
    write_ris,
)
from recommender.spreadsheet_cells import as_cell
from recommender.uris import as_uri

COLUMNS: Final = (
    *("title", "authors", "published", "url", "arxiv_id", "doi"),
    *("saved_at", "read_at", "tags", "note"),
)


@dataclass(frozen=True, slots=True)
class ListFormat:
    """A form of a list: its media type, and what writes it."""

    media_type: str
    write: Callable[[Sequence[RatedPaper]], str]


def export_list(services: Services, token: str, suffix: str) -> str:
    """Return a whole reading list in one of `FORMATS`. Changes nothing.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError, NotFoundError
        See `linked_subscriber`.
    """
    return FORMATS[suffix].write(whole_list(services, token))


def _references(listed: Sequence[RatedPaper]) -> list[Reference]:
    return [Reference(each.paper, each.note.note, each.note.tags) for each in listed]


def _as_csv(listed: Sequence[RatedPaper]) -> str:
    written = io.StringIO()
    # Spreadsheets take a file without this mark for one in Windows' Western encoding.
    written.write("\N{BYTE ORDER MARK}")
    table = csv.writer(written)
    table.writerow(COLUMNS)
    table.writerows([as_cell(text) for text in _cells(each)] for each in listed)
    return written.getvalue()


def _cells(each: RatedPaper) -> list[str]:
    paper, note = each.paper, each.note
    return [
        paper.title,
        "; ".join(paper.authors),
        f"{paper.published_at:%Y-%m-%d}" if paper.published_at else "",
        as_uri(paper.url or ""),
        paper.arxiv_id or "",
        paper.doi or "",
        each.stood_at.isoformat(timespec="minutes"),
        note.read_at.isoformat(timespec="minutes") if note.read_at else "",
        ", ".join(note.tags),
        note.note,
    ]


FORMATS: Final = {
    "bib": ListFormat("application/x-bibtex", lambda each: write_bibtex(_references(each))),
    "ris": ListFormat(
        "application/x-research-info-systems", lambda each: write_ris(_references(each))
    ),
    "json": ListFormat(
        "application/vnd.citationstyles.csl+json", lambda each: write_csl_json(_references(each))
    ),
    "csv": ListFormat("text/csv", _as_csv),
}
"""What a list can be had as, by the ending of its address."""
