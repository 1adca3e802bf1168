"""Room 1, papers: entries of Zotero's Atom, whose author is who put them into a library. Pure.

What they are of stands in a table: a row for each field, and one for each author.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from recommender.html_text import walk_html
from recommender.papers.identity.canonical_ids import arxiv_id_of, normalise_doi
from recommender.papers.text.author_lists import authors_of
from recommender.papers.text.plain_text import clean_line

_NAME: Final = re.compile(
    r"https?://(?:www\.)?zotero\.org/(?:groups|users)/\d{1,12}/items/\w{1,12}\Z"
)
_MOST_CELLS: Final = 2_000
_MOST_AUTHORS: Final = 1_000
_AUTHORS: Final = frozenset({"author", "presenter", "inventor", "programmer"})
_NO_PAPERS: Final = frozenset({"attachment", "note", "annotation"})
_DAY: Final = re.compile(r"(?P<year>[12]\d{3})(?:[-/](?P<month>\d{1,2})(?:[-/](?P<day>\d{1,2}))?)?")


@dataclass(frozen=True, slots=True)
class ZoteroFields:
    """What the table of an entry says; empty or None where it says nothing.

    Attributes
    ----------
    kind : str
        "Journal Article"; empty where there is no table.
    """

    kind: str = ""
    authors: tuple[str, ...] = ()
    abstract: str = ""
    arxiv_id: str | None = None
    doi: str | None = None
    address: str = ""
    published_at: datetime | None = None

    @property
    def is_paper(self) -> bool:
        """Whether it is no file or note that belongs to another one."""
        return self.kind.lower() not in _NO_PAPERS


def is_zotero_entry(name: str) -> bool:
    """Whether the id of an entry is that of an item in one of Zotero's libraries."""
    return _NAME.match(name) is not None


def zotero_fields(markup: str) -> ZoteroFields:
    """Read the table of an entry.

    Parameters
    ----------
    markup : str
        Its content as HTML.
    """
    table = _Table()
    walk_html(markup, table)
    rows = table.rows()
    kind = _first(rows, "item type")
    if not kind:
        return ZoteroFields()
    names = [name for label in rows if label in _AUTHORS for name in rows[label]]
    identifiers = [_first(rows, label) for label in ("archive id", "url", "extra", "doi")]
    return ZoteroFields(
        kind=kind,
        authors=authors_of(names[:_MOST_AUTHORS], inverted=False),
        abstract=_first(rows, "abstract"),
        arxiv_id=next(filter(None, map(arxiv_id_of, identifiers)), None),
        doi=normalise_doi(_first(rows, "doi")),
        address=_first(rows, "url"),
        published_at=_moment(_first(rows, "date")),
    )


def _first(rows: Mapping[str, list[str]], label: str) -> str:
    return next(iter(rows.get(label, ())), "")


def _moment(date: str) -> datetime | None:
    """Read a date from its year on; what is missing of it is its first."""
    found = _DAY.match(date)
    if found is None:
        return None
    try:
        return datetime(
            int(found["year"]), int(found["month"] or 1), int(found["day"] or 1), tzinfo=UTC
        )
    except ValueError:
        return None


@dataclass(slots=True)
class _Table:
    """Gathers the cells of a table: heads and what stands behind them."""

    cells: list[tuple[str, list[str]]] = field(default_factory=list)
    is_within: bool = False

    def start(self, tag: str, _: Mapping[str, str]) -> None:
        if tag in ("th", "td") and len(self.cells) < _MOST_CELLS:
            self.cells.append((tag, []))
            self.is_within = True

    def end(self, tag: str) -> None:
        if tag in ("th", "td"):
            self.is_within = False

    def data(self, text: str) -> None:
        if self.is_within:
            self.cells[-1][1].append(text)

    def rows(self) -> dict[str, list[str]]:
        """Return what stands behind each head, in lower case and in the table's order."""
        rows: dict[str, list[str]] = {}
        head = ""
        for tag, pieces in self.cells:
            text = clean_line("".join(pieces))
            if tag == "th":
                head = text.lower()
            elif head:
                rows.setdefault(head, []).append(text)
                head = ""
        return rows
