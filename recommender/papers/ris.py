"""Room 1, papers: RIS, read by rispy from text. Pure.

The tags: https://en.wikipedia.org/wiki/RIS_(file_format); exporters differ in which they use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

import rispy

from recommender.errors import DigestError
from recommender.papers.bibliography import (
    MOST_PAPERS,
    SPLIT,
    Record,
    Unread,
    first_name_first,
    published_at,
)
from recommender.papers.identifiers import NamedPapers, find_identifiers
from recommender.papers.plain_text import clean_line, text_of_html

_START: Final = re.compile(r"^[ \t]*TY  -", re.MULTILINE)
# rispy copies a field for each line that continues it. The authors of an experiment fit in.
_MOST_LINES: Final = 6_000
_MOST_CHARACTERS: Final = 200_000

_TITLES: Final = ("title", "primary_title")
_ABSTRACTS: Final = ("abstract", "notes_abstract")
_AUTHORS: Final = ("authors", "first_authors")
_DATES: Final = ("date", "publication_year", "year")
_IDENTIFYING: Final = (
    *("doi", "urls", "number", "note", "type_of_work", "accession_number", "custom7"),
    *("journal_name", "alternate_title3", "alternate_title2", "secondary_title", "notes"),
)


def is_ris(text: str) -> bool:
    """Whether a reference begins somewhere."""
    return _START.search(text) is not None


def read_ris(text: str) -> Iterator[Record | Unread | NamedPapers]:
    """Read the references of a RIS file, in order. One that is not ended ends at the next.

    Parameters
    ----------
    text : str
        The decoded file, its lines ended by a line feed.

    Yields
    ------
    Record or Unread or NamedPapers
        The last are in text before the first reference.

    Raises
    ------
    DigestError
        Where it has more references than are taken at a time.
    """
    starts = [found.start() for found in _START.finditer(text)]
    if len(starts) > MOST_PAPERS:
        raise DigestError("file", f"{len(starts):,} references; {SPLIT}")
    yield find_identifiers(text[: starts[0]])
    for start, end in pairwise([*starts, len(text)]):
        where = f"line {text.count(chr(10), 0, start) + 1}"
        lines = [line.strip() for line in text[start:end].splitlines()]
        if len(lines) > _MOST_LINES or end - start > _MOST_CHARACTERS:
            yield Unread(where, "longer than any reference is; export it without attachments")
            continue
        # Without its last line rispy would drop the reference silently.
        try:
            reference, *others = rispy.loads("\n".join([*lines, "ER  -"]), skip_unknown_tags=True)
        except Exception as error:  # noqa: BLE001, of a library that promises nothing of broken RIS
            yield Unread(where, f"no reference ({clean_line(str(error))}); export it again")
            continue
        yield _record(reference, where)
        if others:
            yield Unread(where, "after its end come lines that begin no reference, as TY  - does")


def _record(reference: Mapping[str, Any], where: str) -> Record:
    dates = [_first(reference, (key,)) for key in _DATES]
    return Record(
        where=where,
        title=text_of_html(_first(reference, _TITLES)),
        abstract=text_of_html(_first(reference, _ABSTRACTS)),
        authors=first_name_first(
            next((_texts(reference, key) for key in _AUTHORS if key in reference), [])
        ),
        identified_by=tuple(text for key in _IDENTIFYING for text in _texts(reference, key)),
        date=next((date for date in dates if published_at(date)), ""),
        month=_first(reference, ("date",)),
    )


def _first(reference: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    found = (" ".join(_texts(reference, key)) for key in keys)
    return next(filter(None, found), "")


def _texts(reference: Mapping[str, Any], key: str) -> list[str]:
    value = reference.get(key, "")
    return [clean_line(text) for text in (value if isinstance(value, list) else [value])]
