"""Room 1, papers: submissions of OpenReview's API, of version 2 and of the one before. Pure.

A note is a submission, or a review, a comment or a decision below one. Version 2 wraps each value
of its content in an object, ``{"value": …}``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from recommender.domain import DigestEntry
from recommender.errors import DigestError
from recommender.papers.json_lists.json_fields import (
    LONGEST_SUMMARY,
    authors_field,
    keywords_field,
    mapping_field,
    text_field,
)
from recommender.papers.json_lists.json_works import list_at, work
from recommender.papers.text.author_lists import authors_of

FORMAT: Final = "openreview-json"
_ID: Final = re.compile(r"[\w-]{4,40}")
_OF_A_NOTE: Final = frozenset({"forum", "invitation", "invitations"})
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_MILLISECONDS: Final = 10**14
# When it was published, when anybody could read it, when it was sent in.
_MOMENTS: Final = ("pdate", "odate", "cdate", "tcdate")
_LEFT_ITS_VENUE: Final = re.compile(r"withdrawn|desk[_ -]?reject", re.IGNORECASE)
_NOBODY: Final = re.compile(r"anonymous(?: authors?)?", re.IGNORECASE)


def works_of(document: object) -> list[object] | None:
    """Return the notes of an answer, None where it is none of OpenReview's."""
    notes = list_at(document, "notes")
    if notes == [] and isinstance(document, Mapping) and "count" in document:
        return notes
    if notes is None:
        notes = document if isinstance(document, list) else [document]
    return notes if any(map(_is_note, notes)) else None


def _is_note(note: object) -> bool:
    return (
        isinstance(note, Mapping)
        and isinstance(note.get("content"), Mapping)
        and not _OF_A_NOTE.isdisjoint(note)
    )


def read_work(record: Mapping[str, object], where: str) -> DigestEntry:
    """Read one submission.

    Who withdraws it from a conference sends it to the next one: it is left out, and not taken back.
    """
    stated = mapping_field(record.get("content"), "'content'", where)
    content = {key: _value(value) for key, value in stated.items()}
    forum = text_field(record, "forum", where) or text_field(record, "id", where)
    is_reply = record.get("replyto") is not None or text_field(record, "id", where) not in {
        "",
        forum,
    }
    if is_reply:
        raise DigestError(where, "a review, comment or decision is no paper; leave it out")
    left = (content.get("venueid"), content.get("venue"), record.get("invitation"))
    if record.get("ddate") is not None or any(map(_is_left, left)):
        raise DigestError(
            where, "a submission that was deleted, withdrawn or not reviewed; leave it out"
        )
    names = authors_field(content, where)
    entry = work(
        where,
        title=text_field(content, "title", where),
        abstract=text_field(content, "abstract", where),
        authors=authors_of(name for name in names if not _NOBODY.fullmatch(name)),
        # What it took from elsewhere names where.
        identifiers=[text_field(content, key, where) for key in ("html", "pdf")],
        url=f"https://openreview.net/forum?id={forum}" if _ID.fullmatch(forum) else "",
        published_at=next(filter(None, (_moment(record.get(key)) for key in _MOMENTS)), None),
    )
    summary = text_field(content, "TLDR", where) or text_field(content, "TL;DR", where)
    return replace(
        entry,
        summary=summary[:LONGEST_SUMMARY].rstrip(),
        keywords=keywords_field(content, "keywords"),
    )


def _value(stated: object) -> object:
    return stated.get("value") if isinstance(stated, Mapping) else stated


def _is_left(stated: object) -> bool:
    return isinstance(stated, str) and _LEFT_ITS_VENUE.search(stated) is not None


def _moment(value: object) -> datetime | None:
    """Read milliseconds since 1970."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return _EPOCH + timedelta(milliseconds=value) if 0 < value < _MOST_MILLISECONDS else None
