"""Room 1, papers: records whose lines begin with a tag, as those of RIS or MEDLINE. Pure.

Knows no tag. The modules of the formats say what a line, a beginning and an end look like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from recommender.errors import DigestError
from recommender.languages.messages import Message
from recommender.papers.references.bibliography import MOST_PAPERS, SPLIT, Unread
from recommender.papers.text.plain_text import clean_line

# The authors of an experiment fit in.
_MOST_CHARACTERS: Final = 200_000


@dataclass(frozen=True, slots=True)
class TaggedRecord:
    """One record: where it begins, and its tags with what stands behind them, in order."""

    where: str
    fields: tuple[tuple[str, str], ...]

    def texts(self, *tags: str) -> list[str]:
        """Return what stands behind these tags, in the order of the record; empty ones left out."""
        return [text for tag, text in self.fields if tag in tags and text]

    def first(self, *tags: str) -> str:
        """Return what stands behind the first of these tags that says something."""
        return next((found[0] for found in map(self.texts, tags) if found), "")


def tagged_records(
    text: str,
    starts: list[int],
    *,
    line: re.Pattern[str],
    end: re.Pattern[str] | None,
    titles: frozenset[str] = frozenset(),
) -> Iterator[TaggedRecord | Unread]:
    """Read the records that begin at these places of a text, in order.

    Parameters
    ----------
    text : str
        Its lines ended by a line feed.
    starts : list of int
        At least one, ascending.
    line : re.Pattern
        Matches the beginning of a line that has a tag, and has groups ``tag`` and ``text``. Any
        other line continues the one before it.
    end : re.Pattern or None
        Matches the line that ends a record; None where the next one does. A record that is not
        ended ends there too. Without such a line, one behind an empty line that is not indented
        continues nothing.
    titles : frozenset of str
        Tags of which a record has one: another behind an empty line begins the next record.

    Raises
    ------
    DigestError
        Where there are more than are taken at a time.
    """
    if len(starts) > MOST_PAPERS:
        raise DigestError(
            "file", Message("%(num)s references; %(mend)s", num=len(starts), mend=SPLIT)
        )
    number, counted_to = 1, 0
    for start, until in pairwise([*starts, len(text)]):
        number += text.count("\n", counted_to, start)
        counted_to = start
        where = f"line {number}"
        if until - start > _MOST_CHARACTERS:
            yield Unread(
                where,
                Message("longer than any reference is; export it without attachments"),
            )
            continue
        records, left_over = _fields(text[start:until], line, end, titles)
        for at, fields in records:
            yield TaggedRecord(f"line {number + at}", fields)
        if left_over:
            yield Unread(
                f"line {number + left_over}",
                Message(
                    "behind the end of a reference come lines that begin none; see that each"
                    " reference begins as the first one does"
                ),
            )


def _fields(
    record: str, line: re.Pattern[str], end: re.Pattern[str] | None, titles: frozenset[str]
) -> tuple[list[tuple[int, tuple[tuple[str, str], ...]]], int]:
    """Return where a record begins, with its fields, and the first line that is left over, or 0.

    They are several records where the ends of all but the last are missing.
    """
    records: list[tuple[int, list[tuple[str, list[str]]]]] = [(0, [])]
    behind_gap, left_over = False, 0
    lines = enumerate(record.split("\n"))
    for at, each in lines:
        if end is not None and end.match(each):
            break
        fields = records[-1][1]
        tagged = line.match(each)
        if tagged is not None:
            tag = tagged["tag"].upper()
            if behind_gap and tag in titles and any(known in titles for known, _ in fields):
                records.append((at, []))
            records[-1][1].append((tag, [tagged["text"]]))
        elif end is None and behind_gap and each and not each[0].isspace():
            left_over = at
            break
        elif fields and not each.isspace():
            fields[-1][1].append(each)
        behind_gap = not each or each.isspace()
    left_over = left_over or next((at for at, each in lines if each and not each.isspace()), 0)
    return [
        (at, tuple((tag, clean_line(" ".join(parts))) for tag, parts in fields))
        for at, fields in records
    ], left_over
