"""Room 1, papers: PubMed's form of citations, ``.nbib``. Pure.

The tags: https://www.nlm.nih.gov/bsd/mms/medlineelements.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from recommender.languages.messages import Message
from recommender.papers.references.bibliography import Record, Unread, whole_names
from recommender.papers.references.tagged_lines import TaggedRecord, tagged_records
from recommender.papers.text.plain_text import text_of_html

_START: Final = re.compile(r"^PMID ?- ?\d{1,10}[ \t]*$", re.MULTILINE)
_LINE: Final = re.compile(r"(?P<tag>[A-Z]{2,4}) {0,2}-(?P<text>(?: .*)?)\Z")
_IDENTIFIER: Final = re.compile(r"(?P<text>\S+)(?: \[(?P<kind>\w+)\])?")
# "2019 Jun 12", "2001 Nov-Dec", "2005 Spring", "20190612"
_DAY: Final = re.compile(r"(?P<year>\d{4})(?: (?P<month>[A-Z][a-z]{2})(?: (?P<day>\d{1,2}))?)?")
_DIGITS: Final = re.compile(r"(\d{4})(\d\d)(\d\d)")
# A title that was translated stands in brackets.
_TRANSLATED: Final = re.compile(r"\[(.{1,2000})\]")
_RETRACTED: Final = "Retracted Publication"


def is_medline(text: str) -> bool:
    """Whether a citation begins somewhere."""
    return _START.search(text) is not None


def read_medline(text: str) -> Iterator[Record | Unread]:
    """Read the citations of a file, in order.

    Parameters
    ----------
    text : str
        The decoded file, its lines ended by a line feed.

    Raises
    ------
    DigestError
        Where it has more citations than are taken at a time.
    """
    starts = [found.start() for found in _START.finditer(text)]
    for read in tagged_records(text, starts, line=_LINE, end=None):
        if isinstance(read, Unread):
            yield read
        elif _is_cut(read):
            yield Unread(read.where, Message("it breaks off within its abstract; export it again"))
        else:
            yield _record(read)


def _is_cut(citation: TaggedRecord) -> bool:
    """Whether an abstract that is not ended is the last of it: PubMed writes others behind it."""
    tag, text = citation.fields[-1] if citation.fields else ("", "")
    return tag in {"AB", "OAB"} and not text.rstrip("\"'”’)]").endswith((".", "?", "!", "…"))


def _record(citation: TaggedRecord) -> Record:
    date, month = _date(citation)
    title = text_of_html(citation.first("TI", "BTI")).removesuffix(".")
    translated = _TRANSLATED.fullmatch(title)
    return Record(
        where=citation.where,
        title=translated[1].removesuffix(".") if translated else title,
        abstract=text_of_html(citation.first("AB", "OAB")),
        authors=_authors(citation),
        identified_by=tuple(_identifiers(citation)),
        date=date,
        month=month,
        pubmed_id=citation.first("PMID"),
        withdrawn=_RETRACTED in citation.texts("PT"),
    )


def _authors(citation: TaggedRecord) -> tuple[str, ...]:
    """Return the people by their whole names where these are given, then the groups."""
    return (*whole_names(citation.texts("FAU"), citation.texts("AU")), *citation.texts("CN"))


def _identifiers(citation: TaggedRecord) -> Iterator[str]:
    """Yield its own; what it comments on, corrects or cites stands behind other tags."""
    for text in citation.texts("AID", "LID"):
        found = _IDENTIFIER.match(text)
        if found is not None and found["kind"] in {"doi", "pii", None}:
            yield found["text"]


def _date(citation: TaggedRecord) -> tuple[str, str]:
    """Return when it came out: year, month and day, or the year and the words of a month."""
    electronic = _DIGITS.match(citation.first("DEP"))
    if electronic is not None:
        return "-".join(electronic.groups()), ""
    printed = citation.first("DP")
    day = _DAY.match(printed)
    if day is None:
        return "", ""
    return day["year"], f"{day['day'] or ''} {day['month'] or ''}"
