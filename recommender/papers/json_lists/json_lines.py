"""Room 1, papers: lists of papers in JSON of people's own: one object a line, or one list. Pure.

What an object may have, `portable` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from recommender.domain import Digest, DigestEntry
from recommender.errors import DigestError, UnfinishedDigestError
from recommender.papers.json_lists.json_fields import date_field, load_json, mapping_field
from recommender.papers.json_lists.json_works import newest_day, taken_apart
from recommender.papers.json_lists.portable import (
    Oddity,
    left_out,
    moment_elsewhere,
    read_portable,
    with_known_keys,
)
from recommender.papers.text.plain_text import clean_line

FORMAT = "json-lines"

MOST_PAPERS = 100_000
LONGEST_LINE = 1_000_000
"""Characters. No paper has as much text."""
_LOOKED_AT: Final = 200
_LONGEST_CURATOR: Final = 200
# When a list was put together, as programs of people's own call it; the surest first.
_DAYS_ELSEWHERE: Final = (
    *("digest_date", "issue_date", "list_date", "as_of", "date", "generated_at", "created_at"),
    *("generated", "updated_at", "timestamp"),
)
_TITLES: Final = ("Title", "TITLE")
_OF_A_PAPER: Final = frozenset({"abstract", "summary", "doi", "DOI", "arxiv_id"})
# These may have titles too.
_OF_PAPERS: Final = frozenset({"references", "citations", "author", "authors", "related"})


def is_json_lines(text: str) -> bool:
    """Whether a text has one object a line, of which one is a paper; some lines may be broken.

    In one object of several lines, most of these are none.
    """
    lines = [line.strip() for line in text.split("\n", _LOOKED_AT)[:_LOOKED_AT] if line.strip()]
    objects = [line for line in lines if line.startswith("{") and line.endswith("}")]
    if len(lines) == 1 or 2 * len(objects) < len(lines):
        return False
    return any(len(line) <= LONGEST_LINE and _is_line_of_paper(line) for line in objects)


def is_paper_list(document: object) -> bool:
    """Whether parsed JSON is papers in nobody's form: a list, also in an object, or one."""
    papers = _papers_of(document)
    return any(map(_is_paper, papers)) and not any(
        isinstance(each, Mapping) and "paper" in each for each in papers
    )


def parse_json_lines(text: str, *, today: date) -> Digest:
    """Read papers of the portable form; blank lines do not count.

    Parameters
    ----------
    text : str
        The decoded file, its lines ended by a line feed.
    today : date
        The digest's date where no paper says when it was published on or before it.

    Returns
    -------
    Digest
        Without curator, dated by its newest paper that is not from after ``today``.

    Raises
    ------
    UnfinishedDigestError
        Where the last line ends in the middle.
    DigestError
        Where no line can be read, or the file is larger than it may be; ``unread`` of the digest
        names the lines that cannot be read where others can.
    """
    _refuse_unfinished(text)
    return _digest(_lines(text), today)


def parse_paper_list(document: object, *, today: date) -> Digest:
    """Read papers of the portable form from a list, as `parse_json_lines` reads them from lines.

    An object around the list may have the digest's ``date``, and as ``curator``, ``title`` or
    ``name`` what it is called.
    """
    papers = enumerate(_papers_of(document), start=1)
    digest = _digest(((f"entry {number}", paper) for number, paper in papers), today)
    if not isinstance(document, Mapping) or _list_within(document) is None:
        return digest
    around = with_known_keys(document)
    names = (around.get(key) for key in ("curator", "title", "name"))
    curator = next((clean_line(name) for name in names if isinstance(name, str)), "")
    days = (date_field(around, key, "file") for key in ("date", "published", "day"))
    day = next(filter(None, days), None) or _day_elsewhere(around, today)
    return replace(digest, curator=curator[:_LONGEST_CURATOR] or None, date=day or digest.date)


def _day_elsewhere(around: Mapping[str, object], today: date) -> date | None:
    """Return the day of a list where somebody says it in a key or an object of their own."""
    within = (around.get(key) for key in ("meta", "metadata"))
    for said in (around, *(each for each in within if isinstance(each, Mapping))):
        moments = (moment_elsewhere(said, key) for key in _DAYS_ELSEWHERE)
        if (moment := next(filter(None, moments), None)) is not None:
            return min(moment.date(), today)
    return None


def _digest(parts: Iterable[tuple[str, object]], today: date) -> Digest:
    read, unread = taken_apart(parts, _entry)
    entries = tuple(entry for entry, _ in read)
    told = (*unread, *left_out([oddity for _, oddity in read]))
    return Digest(FORMAT, None, newest_day(entries, today), entries, told)


def _is_paper(record: object) -> bool:
    if not isinstance(record, Mapping):
        return False
    title = record.get("title") or next((record[key] for key in _TITLES if key in record), None)
    return isinstance(title, str)


def _is_line_of_paper(line: str) -> bool:
    try:
        return _is_paper(load_json(line))
    except DigestError:
        return False


def _papers_of(document: object) -> list[object]:
    if isinstance(document, Mapping):
        within = _list_within(document)
        if within is not None:
            return within
        return [document] if _is_paper(document) else []
    return document if isinstance(document, list) else []


def _list_within(document: Mapping[str, object]) -> list[object] | None:
    """Return the one list of papers that an object has; None where it has none, or several.

    A paper may have a list of others, which it cites.
    """
    if not _OF_A_PAPER.isdisjoint(document):
        return None
    lists = [
        value
        for key, value in document.items()
        if isinstance(value, list) and key not in _OF_PAPERS and any(map(_is_paper, value))
    ]
    return lists[0] if len(lists) == 1 else None


def _refuse_unfinished(text: str) -> None:
    """Raise where nobody ended the last line, and it is the beginning of one."""
    before, _, last = text.rpartition("\n")
    if not last.strip() or len(last) > LONGEST_LINE:
        return
    try:
        load_json(last, f"line {before.count(chr(10)) + 2}")
    except UnfinishedDigestError:
        raise
    except DigestError:
        return  # of another kind: it is named beside the lines that are read


def _lines(text: str) -> Iterator[tuple[str, str]]:
    papers = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"line {number}"
        papers += 1
        if papers > MOST_PAPERS:
            raise DigestError(where, f"more than {MOST_PAPERS:,} papers; split it")
        if len(line) > LONGEST_LINE:
            raise DigestError(
                where, f"over {LONGEST_LINE:,} characters; end each entry with its line"
            )
        yield where, line


def _entry(part: object, where: str) -> tuple[DigestEntry, Oddity]:
    """Read a line, or what one of a list was parsed into."""
    is_line = isinstance(part, str)
    record = load_json(part, where) if isinstance(part, str) else part
    return read_portable(
        mapping_field(record, "the line" if is_line else "the entry", where), where
    )
