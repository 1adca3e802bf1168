"""Room 1, papers: what of a document is attention of its own, and of which day. Pure.

A mention means that somebody pointed at a paper. Feeds, searches and lists that are saved again
point at most of what they hold for the second time, and that is no attention.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from recommender.domain import Digest, DigestEntry
from recommender.papers.digests import days
from recommender.papers.json_lists import daily_papers, json_lines
from recommender.papers.mails import html_papers, mail_document

OLD_AFTER: Final = timedelta(days=7)
"""A paper that is older than its feed by more than this is no news of today: a feed that is read
for the first time, or that lost its newest entries, has some of weeks ago."""

LEAST_REPEATED: Final = 3
LEAST_SHARE_REPEATED: Final = 1 / 3
"""Of a list that somebody put together, from which on it is yesterday's with something added. Who
names a paper or two of last week once more points at them anew."""

_CHOSEN: Final = frozenset({days.FORMAT, html_papers.FORMAT, json_lines.FORMAT})
"""What people write by hand. All else is a window, in which papers stay until others push them
out."""


def is_repetition(digest: Digest, papers: Collection[int], before: Collection[int]) -> bool:
    """Whether what a document mentions again counts for nothing.

    Parameters
    ----------
    digest : Digest
    papers : collection of int
        All that it mentions ...
    before : collection of int
        ... and those of them that were mentioned under the same name before.
    """
    if digest.format not in _CHOSEN:
        return bool(before)
    return len(before) >= max(LEAST_REPEATED, LEAST_SHARE_REPEATED * len(papers))


def day_of(entry: DigestEntry, digest: Digest) -> date:
    """Return the day on which an entry of a window is news.

    That is the day under which it is listed, where a document has several. The daily papers are
    what people chose on a day, and a mail was written for its day, however old its papers are;
    others are news while they are.
    """
    if entry.listed_on is not None:
        return min(entry.listed_on, digest.date)
    published = entry.published_at and entry.published_at.date()
    is_choice = digest.format == daily_papers.FORMAT or digest.format in mail_document.FORMATS
    if published is None or is_choice or digest.date - published <= OLD_AFTER:
        return digest.date
    return published


def day_of_file(entry: DigestEntry, digest: Digest) -> date:
    """Return the day on which an entry of a file is news: of a list by hand, that of the list."""
    return digest.date if digest.format in _CHOSEN else day_of(entry, digest)


def digests_of_days(digest: Digest) -> list[Digest]:
    """Part a document that lists papers under several days into the digests of these days.

    Returns
    -------
    list of Digest
        The newest last: it names what could not be read. One where no several days are said.
    """
    by_day: dict[date, list[DigestEntry]] = {}
    for entry in digest.entries:
        by_day.setdefault(min(entry.listed_on or digest.date, digest.date), []).append(entry)
    if len(by_day) <= 1:
        return [digest]
    *earlier, newest = sorted(by_day)
    return [
        *(replace(digest, date=day, entries=tuple(by_day[day]), unread=()) for day in earlier),
        replace(digest, date=newest, entries=tuple(by_day[newest])),
    ]
