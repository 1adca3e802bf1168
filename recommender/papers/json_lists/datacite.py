"""Room 1, papers: works of DataCite's REST API, a list of them or one. Pure.

Most of what has a DOI there is data or software; papers are told by the type.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from recommender.domain import DigestEntry
from recommender.errors import DigestError
from recommender.papers.json_lists.json_fields import mapping_field, moment_of, text_field
from recommender.papers.json_lists.json_works import day_field, objects_of, work
from recommender.papers.text.author_lists import authors_of

FORMAT: Final = "datacite-json"
# Of resourceTypeGeneral, in small letters; what is not here is no paper.
_PAPERS: Final = frozenset(
    {
        *("", "text", "journalarticle", "preprint", "conferencepaper", "dissertation", "report"),
        *("book", "bookchapter", "datapaper"),
    }
)
# Which of a work's dates says when it came out, the first that is there.
_DATES: Final = ("issued", "available", "submitted", "created")
_NO_TITLES: Final = frozenset({"subtitle", "alternativetitle", "translatedtitle", "other"})


def works_of(document: object) -> list[object] | None:
    """Return the works of an answer, None where it is none of DataCite's."""
    data = document.get("data") if isinstance(document, Mapping) else None
    if _is_work(data):
        return [data]
    if isinstance(data, list) and (any(map(_is_work, data)) or _is_empty(document, data)):
        return data
    return [document] if _is_work(document) else None


def _is_work(one: object) -> bool:
    return isinstance(one, Mapping) and one.get("type") == "dois" and "attributes" in one


def _is_empty(document: object, data: list[object]) -> bool:
    meta = document.get("meta") if isinstance(document, Mapping) else None
    return not data and isinstance(meta, Mapping) and "totalPages" in meta


def read_work(record: Mapping[str, object], where: str) -> DigestEntry:
    """Read one work; its own title is the one without a type."""
    said = mapping_field(record.get("attributes"), "'attributes'", where)
    types = said.get("types")
    kind = text_field(types, "resourceTypeGeneral", where) if isinstance(types, Mapping) else ""
    if kind.lower() not in _PAPERS:
        raise DigestError(where, f"what DataCite calls {kind[:40]} is no paper; leave it out")
    titles = [
        text_field(each, "title", where)
        for each in objects_of(said, "titles", where)
        if text_field(each, "titleType", where).lower() not in _NO_TITLES
    ]
    abstracts = [
        text_field(each, "description", where)
        for each in objects_of(said, "descriptions", where)
        if text_field(each, "descriptionType", where).lower() == "abstract"
    ]
    others = objects_of(said, "identifiers", where)
    return work(
        where,
        title=next(filter(None, titles), ""),
        abstract=next(filter(None, abstracts), ""),
        authors=authors_of(_name(each, where) for each in objects_of(said, "creators", where)),
        identifiers=[
            text_field(said, "doi", where),
            *(text_field(each, "identifier", where) for each in others),
        ],
        url=text_field(said, "url", where),
        published_at=_date(said, where),
    )


def _name(creator: Mapping[str, object], where: str) -> str:
    given, family = (text_field(creator, key, where) for key in ("givenName", "familyName"))
    if given and family:
        return f"{given} {family}"
    name = text_field(creator, "name", where)
    # An organisation's name is not turned round at its comma.
    is_body = creator.get("nameType") == "Organizational"
    return name.replace(",", " ") if is_body else name


def _date(said: Mapping[str, object], where: str) -> datetime | None:
    dates = {
        text_field(each, "dateType", where).lower(): day_field(each, "date", where)
        for each in objects_of(said, "dates", where)
        if isinstance(each.get("date"), str)
    }
    return next(filter(None, map(dates.get, _DATES)), None) or moment_of(
        [said.get("publicationYear")]
    )
