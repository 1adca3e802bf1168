"""Room 1, papers: works of Crossref's REST API, a list of them or one. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from recommender.domain import DigestEntry
from recommender.errors import DigestError
from recommender.papers.json_lists.json_fields import moment_of, text_field
from recommender.papers.json_lists.json_works import list_at, objects_of, work
from recommender.papers.text.author_lists import authors_of

FORMAT: Final = "crossref-json"
# Of Crossmark's kinds of updates, those after which a work is not to be read any more.
_TAKEN_BACK: Final = frozenset({"removal", "retraction", "withdrawal"})
# Wholes and parts of papers, and what is said of them.
_NO_PAPERS: Final = frozenset(
    {
        *("component", "grant", "journal", "journal-issue", "journal-volume", "peer-review"),
        *("book-series", "book-set", "report-series", "proceedings-series", "database"),
    }
)
_NOTICE: Final = re.compile(
    r"\A(?:(?:notice\sof\s)?(?:retraction|withdrawal|removal)(?:\s(?:note|notice|statement))?)"
    r"\s?(?:[:–—-]|to|of|for)\s?:?\s?",
    re.IGNORECASE,
)
_DATES: Final = ("published-online", "published", "issued", "posted", "published-print", "created")


def works_of(document: object) -> list[object] | None:
    """Return the works of an answer, None where it is none of Crossref's."""
    message = document.get("message") if isinstance(document, Mapping) else None
    within = message if isinstance(message, Mapping) else document
    works = list_at(within, "items")
    if works and within is document and not any(map(_has_doi, works)):
        return None  # somebody's own list
    if works is None and _has_doi(within):
        works = [within]
    return works


def _has_doi(work_or_other: object) -> bool:
    return isinstance(work_or_other, Mapping) and "DOI" in work_or_other


def read_work(record: Mapping[str, object], where: str) -> DigestEntry:
    """Read one work; a notice of retraction as the work that was taken back."""
    kind = text_field(record, "type", where)
    if kind in _NO_PAPERS:
        raise DigestError(where, f"a work of the type {kind} is no paper; leave it out")
    url = text_field(record, "URL", where)
    taken_back = _taken_back(record, "update-to", where)
    if taken_back:
        return work(
            where,
            title=_NOTICE.sub("", _first(record, "title")) or _first(record, "title"),
            identifiers=taken_back,
            withdrawn=True,
        )
    return work(
        where,
        title=_first(record, "title"),
        abstract=text_field(record, "abstract", where),
        authors=authors_of(_name(each, where) for each in objects_of(record, "author", where)),
        identifiers=[text_field(record, "DOI", where)],
        url=url,
        published_at=next(filter(None, (_date(record, key) for key in _DATES)), None),
        withdrawn=bool(_taken_back(record, "updated-by", where)),
    )


def _taken_back(record: Mapping[str, object], key: str, where: str) -> list[str]:
    """Return the DOIs that a work names as retracted, or as the notices of its own retraction."""
    return [
        text_field(update, "DOI", where)
        for update in objects_of(record, key, where)
        if text_field(update, "type", where).lower() in _TAKEN_BACK
    ]


def _first(record: Mapping[str, object], key: str) -> str:
    titles = record.get(key)
    if isinstance(titles, list):
        return next((title for title in titles if isinstance(title, str)), "")
    return titles if isinstance(titles, str) else ""


def _name(author: Mapping[str, object], where: str) -> str:
    given, family = text_field(author, "given", where), text_field(author, "family", where)
    return " ".join(filter(None, [given, family])) or text_field(author, "name", where)


def _date(record: Mapping[str, object], key: str) -> datetime | None:
    parts = list_at(record.get(key), "date-parts") or []
    return moment_of(parts[0]) if parts and isinstance(parts[0], list) and parts[0] else None
