"""Room 1, papers: EndNote's tagged form, ``.enw``, which goes back to refer. Pure.

The tags: https://en.wikipedia.org/wiki/EndNote#Tags_and_fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from recommender.domain.titles import letters_of
from recommender.languages.messages import Message
from recommender.papers.references.bibliography import (
    Record,
    Unread,
    first_name_first,
    most_precise,
)
from recommender.papers.references.tagged_lines import TaggedRecord, tagged_records
from recommender.papers.text.plain_text import text_of_html

_TYPED: Final = re.compile(
    r"^%0[ \t][A-Z][A-Z _-]{2,40}$(?=\n%\S[ \t])", re.MULTILINE | re.IGNORECASE
)
# As refer itself has it: no type, and an empty line between two.
_UNTYPED: Final = re.compile(r"\n[ \t]{0,20}\n(?P<first>%[A-Z0][ \t]\S.*)(?=\n%[A-Z0-9][ \t])")
_OPENING: Final = re.compile(r"(?:(?:%[ \t].{0,200})?\n){0,20}")
_FIRST: Final = re.compile(r"%[AT][ \t]\S.*\n%[A-Z0-9][ \t]")
_LINE: Final = re.compile(r"%(?P<tag>[A-Z0-9?@!#$\]&(*+^><\[=~])(?P<text>(?:[ \t].*)?)\Z")


def is_refer(text: str) -> bool:
    """Whether it begins with a reference that names its type, else its author or title."""
    start = _start(text)
    return any(first.match(text, start) is not None for first in (_TYPED, _FIRST))


def _start(text: str) -> int:
    """Return where the first reference begins, behind empty lines and comments."""
    opening = _OPENING.match(text)
    return opening.end() if opening is not None else 0


def read_refer(text: str) -> Iterator[Record | Unread]:
    """Read the references of a file, in order; each ends where the next one begins.

    Parameters
    ----------
    text : str
        The decoded file, its lines ended by a line feed.

    Raises
    ------
    DigestError
        Where it has more references than are taken at a time.
    """
    start = _start(text)
    if _TYPED.match(text, start) is not None:
        starts = [found.start() for found in _TYPED.finditer(text, start)]
    else:
        starts = [start, *(found.start("first") for found in _UNTYPED.finditer(text, start))]
    for read in tagged_records(text, starts, line=_LINE, end=None):
        if isinstance(read, Unread):
            yield read
        elif len({letters_of(title) for title in read.texts("T")}) > 1:
            yield Unread(
                read.where,
                Message("two titles in one reference; part references by an empty line"),
            )
        else:
            yield _record(read)


def _record(reference: TaggedRecord) -> Record:
    return Record(
        where=reference.where,
        title=text_of_html(reference.first("T")),
        abstract=text_of_html(reference.first("X")),
        authors=first_name_first(
            name.strip(" ,") for text in reference.texts("A") for name in text.split(";")
        ),
        identified_by=tuple(reference.texts("R", "U", "M", "J")),
        date=most_precise(reference.texts("D", "8")),
        month=reference.first("8"),
        page=reference.first("U"),
    )
