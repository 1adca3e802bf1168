"""Room 1, papers: the lists of works that services answer with in JSON. Pure.

What each service calls things is in its own module; here is what they share: the good entries are
taken, and each bad one is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Final, TypeVar

from recommender.domain import AnnounceType, Digest, DigestEntry, UnreadEntry
from recommender.errors import DigestError
from recommender.papers.identity.canonical_ids import arxiv_id_of, normalise_doi
from recommender.papers.json_lists.json_fields import (
    kind_of,
    mapping_field,
    moment_of,
    text_field,
)
from recommender.papers.text.calendar_dates import says_none
from recommender.papers.text.latex import with_accents
from recommender.papers.text.plain_text import MOST_TITLE_CHARACTERS, text_of_html
from recommender.papers.text.structured_abstracts import abstract_of_html

_Read = TypeVar("_Read")
MOST_WORKS: Final = 100_000
"""Papers of one document."""
MOST_UNREAD: Final = 1_000
"""Entries that cannot be read: with more of them it is no list of papers."""


def taken_apart(
    parts: Iterable[tuple[str, object]], read: Callable[[object, str], _Read]
) -> tuple[list[_Read], tuple[UnreadEntry, ...]]:
    """Read the parts of a document one by one.

    Parameters
    ----------
    parts : iterable of (str, object)
        Where each stands, and what it is.
    read : callable
        Called with both; raises `DigestError` where it cannot be read.

    Raises
    ------
    DigestError
        That of the first part, where none can be read.
    """
    good: list[_Read] = []
    unread: list[UnreadEntry] = []
    for where, part in parts:
        try:
            good.append(read(part, where))
        except DigestError as error:
            unread.append(UnreadEntry(error.where, error.message))
        if len(good) > MOST_WORKS or len(unread) > MOST_UNREAD:
            raise DigestError(
                where,
                f"beyond {MOST_WORKS:,} papers, or {MOST_UNREAD:,} entries that cannot be read; "
                "split it by days",
            )
    if unread and not good:
        raise DigestError(unread[0].where, unread[0].message)
    return good, tuple(unread)


def digest_of_works(
    format_name: str,
    works: list[object],
    read: Callable[[Mapping[str, object], str], DigestEntry],
    *,
    today: date,
) -> Digest:
    """Read a list of works, which may be empty, as a digest dated by its newest one."""

    def read_one(work: object, where: str) -> DigestEntry:
        return read(mapping_field(work, "the entry", where), where)

    numbered = ((f"entry {number}", work) for number, work in enumerate(works, start=1))
    entries, unread = taken_apart(numbered, read_one)
    return Digest(format_name, None, newest_day(entries, today), tuple(entries), unread)


def newest_day(entries: Iterable[DigestEntry], today: date) -> date:
    """Return when the newest entry was published that is not from after today; else today."""
    moments = [entry.published_at for entry in entries if entry.published_at]
    days = [moment.date() for moment in moments if not says_none(moment)]
    return max((day for day in days if day <= today), default=today)


def work(
    where: str,
    *,
    title: str,
    abstract: str = "",
    authors: tuple[str, ...] = (),
    identifiers: Iterable[str] = (),
    url: str = "",
    published_at: datetime | None = None,
    withdrawn: bool = False,
) -> DigestEntry:
    """Make a paper of what a service says of it, its texts as HTML or plain text.

    Parameters
    ----------
    withdrawn : bool
        The service says that it was taken back.

    Raises
    ------
    DigestError
        Where it has no title.
    """
    plain = with_accents(text_of_html(title))[:MOST_TITLE_CHARACTERS]
    if not plain:
        raise DigestError(where, "a paper without a title; add it or take the entry out")
    named = list(identifiers)
    arxiv_id = next(filter(None, map(arxiv_id_of, named)), None)
    doi = next(filter(None, map(normalise_doi, named)), None)
    link = url if url.startswith(("http://", "https://")) and url.isprintable() else None
    resolved = f"https://doi.org/{doi}" if doi else link
    return DigestEntry(
        title=plain,
        abstract=abstract_of_html(abstract),
        authors=authors,
        arxiv_id=arxiv_id,
        doi=doi,
        url=f"https://arxiv.org/abs/{arxiv_id}" if arxiv_id else resolved,
        published_at=published_at,
        announce_type=AnnounceType.WITHDRAWN if withdrawn else AnnounceType.NEW,
    )


def list_at(document: object, *keys: str) -> list[object] | None:
    """Return the list below these keys of nested objects, None where there is none."""
    for key in keys:
        document = document.get(key) if isinstance(document, Mapping) else None
    return document if isinstance(document, list) else None


def objects_of(record: Mapping[str, object], key: str, where: str) -> list[Mapping[str, object]]:
    """Read a list of objects; none where the key is missing or null."""
    value = record.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise DigestError(where, f"'{key}' is {kind_of(value)}; write a list")
    return [mapping_field(each, f"an entry of '{key}'", where) for each in value]


def day_field(record: Mapping[str, object], key: str, where: str) -> datetime | None:
    """Read ``2024``, ``2024-03`` or ``2024-03-09`` as midnight UTC; None where it is no date."""
    return moment_of(text_field(record, key, where)[:10].split("-"))
