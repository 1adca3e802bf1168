"""Room 1, papers: records of Zenodo and of others that run InvenioRDM, a list or one. Pure.

Older answers have the creators' names bare, newer ones below ``person_or_org``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from recommender.domain import DigestEntry
from recommender.errors import DigestError
from recommender.papers.json_lists.json_fields import mapping_field, text_field
from recommender.papers.json_lists.json_works import day_field, list_at, objects_of, work
from recommender.papers.text.author_lists import authors_of

FORMAT: Final = "zenodo-json"
# Of publications, those that are no papers.
_NO_PAPERS: Final = frozenset(
    {
        *("annotationcollection", "datamanagementplan", "softwaredocumentation", "deliverable"),
        *("milestone", "patent", "proposal", "peerreview", "taxonomictreatment"),
    }
)
_SAME: Final = frozenset({"isidenticalto", "isversionof", "isvariantformof"})


def works_of(document: object) -> list[object] | None:
    """Return the records of an answer, None where it is none of Zenodo's."""
    hits = list_at(document, "hits", "hits")
    if hits is not None:
        return hits if not hits or any(map(_is_record, hits)) else None
    return [document] if _is_record(document) else None


def _is_record(one: object) -> bool:
    said = one.get("metadata") if isinstance(one, Mapping) else None
    return isinstance(said, Mapping) and "title" in said and "resource_type" in said


def read_work(record: Mapping[str, object], where: str) -> DigestEntry:
    """Read one record."""
    said = mapping_field(record.get("metadata"), "'metadata'", where)
    _refuse_others(said, where)
    links = record.get("links")
    pages = links if isinstance(links, Mapping) else {}
    page = text_field(pages, "self_html", where) or text_field(pages, "html", where)
    return work(
        where,
        title=text_field(said, "title", where),
        abstract=text_field(said, "description", where),
        authors=authors_of(_names(said, where)),
        identifiers=_identifiers(record, said, where),
        url=page,
        published_at=day_field(said, "publication_date", where),
    )


def _refuse_others(said: Mapping[str, object], where: str) -> None:
    kinds = mapping_field(said.get("resource_type"), "'resource_type'", where)
    kind, _, part = text_field(kinds, "id", where).partition("-")
    kind = kind or text_field(kinds, "type", where)
    part = part or text_field(kinds, "subtype", where)
    if kind != "publication" or part in _NO_PAPERS:
        raise DigestError(where, f"a record of the type {part or kind} is no paper; leave it out")


def _names(said: Mapping[str, object], where: str) -> Iterator[str]:
    for each in objects_of(said, "creators", where):
        inner = each.get("person_or_org")
        person = inner if isinstance(inner, Mapping) else each
        given, family = (text_field(person, key, where) for key in ("given_name", "family_name"))
        yield f"{given} {family}" if given and family else text_field(person, "name", where)


def _identifiers(record: Mapping[str, object], said: Mapping[str, object], where: str) -> list[str]:
    """Return what names the work itself: its DOI, and works that it is the same as."""
    pids = record.get("pids")
    registered = pids.get("doi") if isinstance(pids, Mapping) else None
    own = [text_field(said, "doi", where), text_field(record, "doi", where)]
    if isinstance(registered, Mapping):
        own.append(text_field(registered, "identifier", where))
    same = [
        text_field(each, "identifier", where)
        for each in objects_of(said, "related_identifiers", where)
        if isinstance(each.get("relation"), str)
        and text_field(each, "relation", where).lower() in _SAME
    ]
    return [*own, *same]
