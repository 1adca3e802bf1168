"""Room 1, papers: records of Springer Nature's Meta API and Open Access API. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from recommender.domain import DigestEntry
from recommender.papers.json_lists.json_fields import text_field
from recommender.papers.json_lists.json_works import day_field, list_at, objects_of, work
from recommender.papers.text.author_lists import authors_of

FORMAT: Final = "springer-nature-json"
_MOST_PARAGRAPHS: Final = 200
_DATES: Final = ("onlineDate", "publicationDate")


def works_of(document: object) -> list[object] | None:
    """Return the records of an answer, None where it is none of Springer Nature's."""
    records = list_at(document, "records")
    if records is None or not isinstance(document, Mapping):
        return None
    is_empty = not records and "apiMessage" in document
    return records if is_empty or any(map(_is_record, records)) else None


def _is_record(one: object) -> bool:
    return isinstance(one, Mapping) and "publicationName" in one and "title" in one


def read_work(record: Mapping[str, object], where: str) -> DigestEntry:
    """Read one record; its abstract may be parted in headings and paragraphs."""
    links = [text_field(each, "value", where) for each in objects_of(record, "url", where)]
    names = (text_field(each, "creator", where) for each in objects_of(record, "creators", where))
    return work(
        where,
        title=text_field(record, "title", where),
        abstract=" ".join(_paragraphs(record.get("abstract"))),
        authors=authors_of(names),
        identifiers=[text_field(record, "doi", where), text_field(record, "identifier", where)],
        url=next(filter(None, links), ""),
        published_at=next(filter(None, (day_field(record, key, where) for key in _DATES)), None),
    )


def _paragraphs(abstract: object) -> Iterator[str]:
    """Yield the texts of an abstract: one, several, or those below headings."""
    if isinstance(abstract, str):
        yield abstract
    elif isinstance(abstract, list):
        for each in abstract[:_MOST_PARAGRAPHS]:
            yield from _paragraphs(each) if isinstance(each, str | Mapping) else ()
    elif isinstance(abstract, Mapping):
        inner = abstract.get("p")
        for each in inner[:_MOST_PARAGRAPHS] if isinstance(inner, list) else [inner]:
            if isinstance(each, str):
                yield each
