"""Room 1, papers: works of Crossref's REST API, a list of them or one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from recommender.domain import DigestEntry
from recommender.papers.author_lists import authors_of
from recommender.papers.json_fields import text_field
from recommender.papers.json_works import list_at, moment_of, objects_of, work

FORMAT: Final = "crossref-json"
_DATES: Final = ("published-online", "published", "issued", "posted", "published-print", "created")


def works_of(document: object) -> list[object] | None:
    """Return the works of an answer, None where it is none of Crossref's."""
    if isinstance(document, Mapping) and isinstance(document.get("message"), Mapping):
        document = document["message"]
    works = list_at(document, "items")
    if works is None and isinstance(document, Mapping) and "DOI" in document:
        works = [document]
    return works


def read_work(record: Mapping[str, object], where: str) -> DigestEntry:
    """Read one work."""
    url = text_field(record, "URL", where)
    return work(
        where,
        title=_first(record, "title"),
        abstract=text_field(record, "abstract", where),
        authors=authors_of(_name(each, where) for each in objects_of(record, "author", where)),
        identifiers=[text_field(record, "DOI", where)],
        url=url,
        published_at=next(filter(None, (_date(record, key) for key in _DATES)), None),
    )


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
