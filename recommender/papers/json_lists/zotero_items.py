"""Room 1, papers: an item as Zotero's Web API writes it in JSON. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from recommender.papers.identity.identifiers import find_identifiers
from recommender.papers.text.plain_text import clean_line

PAPER_TYPES: Final = frozenset(
    {
        *("journalArticle", "preprint", "conferencePaper", "manuscript"),
        *("report", "thesis", "book", "bookSection"),
    }
)
"""Items of other types (web pages, mails, films, notes, files) are no papers."""

_NAMED_LINE: Final = re.compile(r"\s*(?:doi|arxiv)\b", re.IGNORECASE)
_MOST_EXTRA_LINES: Final = 100
_LONGEST_EXTRA_LINE: Final = 500
_MOST_CREATORS: Final = 3_000
_LONGEST_TEXT: Final = 100_000


def data_of(record: Mapping[str, object]) -> Mapping[str, Any] | None:
    """Return the fields of an item that is a paper; None where it is none, or in the bin."""
    data = record.get("data")
    if not isinstance(data, Mapping) or data.get("deleted"):
        return None
    return data if data.get("itemType") in PAPER_TYPES else None


def day_named(record: Mapping[str, object], data: Mapping[str, object]) -> str:
    """Return when an item was published, as Zotero reads it where it does."""
    meta = record.get("meta")
    parsed = field_of(meta, "parsedDate") if isinstance(meta, Mapping) else ""
    return parsed or field_of(data, "date")


def field_of(record: Mapping[str, object], name: str) -> str:
    """Return a text in one line, empty where there is none or more of it than any paper has."""
    return clean_line(_raw(record, name))


def _raw(record: Mapping[str, object], name: str) -> str:
    value = record.get(name)
    return value if isinstance(value, str) and len(value) <= _LONGEST_TEXT else ""


def names_of_work(data: Mapping[str, object]) -> tuple[str, ...]:
    """Return what may name the paper, the surest first."""
    lines = _raw(data, "extra").split("\n", _MOST_EXTRA_LINES)[:_MOST_EXTRA_LINES]
    cut = (clean_line(line[:_LONGEST_EXTRA_LINE]) for line in lines)
    named = [find_identifiers(line) for line in cut if _NAMED_LINE.match(line)]
    in_extra = [each for one in named for each in (*one.arxiv_ids, *one.dois)]
    return (
        field_of(data, "DOI"),
        field_of(data, "archiveID"),
        *in_extra,
        field_of(data, "url"),
    )


def people_of(data: Mapping[str, object]) -> tuple[str, ...]:
    """Return the authors of an item."""
    creators = data.get("creators")
    if not isinstance(creators, list):
        return ()
    people: Iterable[object] = creators[:_MOST_CREATORS]
    names = (
        " ".join(filter(None, (field_of(each, "firstName"), field_of(each, "lastName"))))
        or field_of(each, "name")
        for each in people
        if isinstance(each, Mapping) and each.get("creatorType") == "author"
    )
    return tuple(filter(None, names))
