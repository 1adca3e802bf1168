"""Room 1, papers: EndNote's tagged form, ``.enw``, which goes back to refer. Pure.

The tags: https://en.wikipedia.org/wiki/EndNote#Tags_and_fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from recommender.papers.references.bibliography import (
    Record,
    Unread,
    first_name_first,
    most_precise,
)
from recommender.papers.references.tagged_lines import TaggedRecord, tagged_records
from recommender.papers.text.plain_text import text_of_html

_START: Final = re.compile(r"^%0 [A-Z][A-Za-z -]{2,40}$(?=\n%\S )", re.MULTILINE)
_LINE: Final = re.compile(r"%(?P<tag>[A-Z0-9?@!#$\]&(*+^><\[=~])(?P<text>(?: .*)?)\Z")


def is_refer(text: str) -> bool:
    """Whether it begins with a reference that names its type."""
    return _START.match(text.lstrip("\n")) is not None


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
    starts = [found.start() for found in _START.finditer(text)]
    for read in tagged_records(text, starts, line=_LINE, end=None):
        yield read if isinstance(read, Unread) else _record(read)


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
