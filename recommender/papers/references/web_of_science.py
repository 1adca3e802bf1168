"""Room 1, papers: the plain text of Web of Science, ``.ciw``. Pure.

The tags: https://images.webofknowledge.com/images/help/WOS/hs_wos_fieldtags.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from recommender.papers.references.bibliography import Record, Unread, whole_names
from recommender.papers.references.tagged_lines import TaggedRecord, tagged_records
from recommender.papers.text.plain_text import text_of_html

_HEAD: Final = re.compile(r"\s{0,100}FN [^\n]{1,100}\nVR \d")
_START: Final = re.compile(r"^PT [A-Z]$", re.MULTILINE)
_LINE: Final = re.compile(r"(?P<tag>[A-Z][A-Z0-9])(?P<text>(?: .*)?)\Z")
_END: Final = re.compile(r"ER[ \t]*\Z")
# One person a line, which `tagged_lines` puts on one.
_PEOPLE: Final = re.compile(r"^(A[UF]) (.*(?:\n {3}.*)*)", re.MULTILINE)


def is_web_of_science(text: str) -> bool:
    """Whether it begins as such a file does, and has a record."""
    return _HEAD.match(text) is not None and _START.search(text) is not None


def read_web_of_science(text: str) -> Iterator[Record | Unread]:
    """Read the records of a file, in order.

    Parameters
    ----------
    text : str
        The decoded file, its lines ended by a line feed.

    Raises
    ------
    DigestError
        Where it has more records than are taken at a time.
    """
    text = _PEOPLE.sub(lambda found: found[0].replace("\n   ", f"\n{found[1]} "), text)
    # The line that ends the file stands behind the end of its last record.
    text = re.sub(r"\nEF[ \t]*\n?\s*\Z", "\n", text.rstrip() + "\n")
    starts = [found.start() for found in _START.finditer(text)]
    for read in tagged_records(text, starts, line=_LINE, end=_END):
        yield read if isinstance(read, Unread) else _record(read)


def _record(record: TaggedRecord) -> Record:
    whole, short = record.texts("AF", "BF"), record.texts("AU")
    return Record(
        where=record.where,
        title=text_of_html(record.first("TI")),
        abstract=text_of_html(record.first("AB")),
        authors=(*whole_names(whole, short), *record.texts("CA")),
        identified_by=tuple(record.texts("DI", "D2", "AR")),
        date=record.first("PY"),
        month=record.first("PD"),
    )
