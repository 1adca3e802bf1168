"""Room 1, papers: which papers of a digest belong to which of its days. Pure.

A day heads the papers below it, up to the next one. Where it may head others, the file is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Final

from recommender.domain import Digest, DigestEntry, UnreadEntry
from recommender.errors import DigestError

FORMAT: Final = "digest-text"
LABELLED: Final = "label"
"""How ``Date: …`` is marked."""
_LONGEST_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that names the day of papers, or a heading beside such lines that names none.

    Attributes
    ----------
    number : int
        Its line.
    above : int
        How many papers stand above it.
    day : date or None
    mark : str
        How it is marked; headings of days are marked alike.
    is_period : bool
        Whether it names a week, a month or a year instead.
    """

    number: int
    above: int
    day: date | None
    mark: str = ""
    is_period: bool = False


def digest_of(
    entries: Sequence[DigestEntry],
    headings: Sequence[Heading],
    *,
    curator: str | None,
    today: date,
    has_day: bool = False,
    mentions: Sequence[tuple[int, str]] = (),
) -> Digest:
    """Return the digest of some papers, listed under the days that head them.

    Parameters
    ----------
    entries : sequence of DigestEntry
        At least one.
    headings : sequence of Heading
        In the order of the file.
    curator : str or None
    today : date
        The day of papers that no day heads.
    has_day : bool
        Whether that is the day of the document, such as a mail's.
    mentions : sequence of (int, str)
        Texts that name a day which may be a deadline's, each with its line. They are told where
        nothing else names the day of the papers.

    Returns
    -------
    Digest
        Of the newest day that has papers. Where several have, each paper says its own.

    Raises
    ------
    DigestError
        Where a day may head other papers than those below it, or a period stands for the day, with
        its line and the fix.
    """
    dated = [heading for heading in headings if heading.day is not None]
    named = {heading.day for heading in dated if heading.day is not None}
    period = next((heading for heading in headings if heading.is_period), None)
    if period is not None and not (named or has_day):
        raise DigestError(
            f"line {period.number}",
            "a week, a month or a year without a day; write the day, such as 2026-03-11",
        )
    if not named and not has_day:
        told = tuple(_told(number, text, today) for number, text in mentions)
        return Digest(FORMAT, curator, today, tuple(entries), told)
    if len(named) <= 1:
        return Digest(FORMAT, curator, max(named, default=today), tuple(entries))
    _require_papers_between(dated, len(entries))
    days: list[date] = []
    mark = next(h.mark for h in reversed(dated) if h.above == 0)
    for above, group in groupby(headings, attrgetter("above")):
        day = _day_below(list(group), mark, dated[0])
        if day is not None:
            days += [days[-1]] * (above - len(days)) if days else []
            days.append(day)
    days += [days[-1]] * (len(entries) - len(days))
    listed = tuple(replace(entry, listed_on=day) for entry, day in zip(entries, days, strict=True))
    return Digest(FORMAT, curator, max(days), listed if len(set(days)) > 1 else tuple(entries))


def _told(number: int, text: str, today: date) -> UnreadEntry:
    return UnreadEntry(
        f"line {number}",
        f"'{text[:_LONGEST_SHOWN]}' names a day that is not taken for that of the papers, which is "
        f"{today}, when they came; write theirs above them if it is another, such as 2026-03-11",
    )


def _require_papers_between(dated: Sequence[Heading], papers: int) -> None:
    """Notice days that head no papers, or papers that no day heads, where several are named."""
    first, last = dated[0], dated[-1]
    if first.above:
        raise DigestError(
            f"line {first.number}",
            f"the first of several days, {first.day}, stands below a paper; write the day of each "
            "paper above it, and take out other days",
        )
    if last.above == papers:
        raise DigestError(
            f"line {last.number}",
            f"one of several days, {last.day}, with no paper below it; write the day of each paper "
            "above it, and take out other days",
        )
    if not last.above:
        other = next(heading for heading in dated if heading.day != last.day)
        raise DigestError(
            f"line {last.number}",
            f"{last.day}, and {other.day} on line {other.number}, above the same papers; leave the "
            "day that is theirs",
        )


def _day_below(group: Sequence[Heading], mark: str, first: Heading) -> date | None:
    """Return the day that headings without a paper between them give to those below; None for none.

    Of a masthead and the heading of a day, or a day without papers and the next one, the last one
    counts.
    """
    dated = [heading for heading in group if heading.day is not None]
    alike = [heading for heading in group if heading.mark == mark]
    if dated and dated[-1] not in alike:
        raise DigestError(
            f"line {dated[-1].number}",
            f"{dated[-1].day} is written otherwise than the day on line {first.number}, so that it "
            "may head no papers; write all days alike, such as '## 2026-03-11', or take it out",
        )
    if alike and not dated:
        raise DigestError(
            f"line {alike[0].number}",
            "a heading among those of days that names none; write the day of the papers below it "
            "into it, or mark it otherwise than days",
        )
    return dated[-1].day if dated else None
