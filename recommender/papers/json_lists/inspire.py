"""Room 1, papers: literature of INSPIRE's REST API, a list of records or one. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from recommender.domain import DigestEntry
from recommender.errors import DigestError
from recommender.papers.json_lists.json_fields import mapping_field, text_field
from recommender.papers.json_lists.json_works import day_field, list_at, objects_of, work
from recommender.papers.text.author_lists import authors_of

FORMAT: Final = "inspire-json"
_NO_PAPERS: Final = frozenset({"proceedings", "activity report"})
_DATES: Final = ("preprint_date", "earliest_date")


def works_of(document: object) -> list[object] | None:
    """Return the records of an answer, None where it is none of INSPIRE's.

    Zenodo answers in the same form; there a record has one title.
    """
    hits = list_at(document, "hits", "hits")
    if hits is not None:
        return hits if any(map(_is_record, hits)) else None
    return [document] if _is_record(document) else None


def _is_record(one: object) -> bool:
    said = one.get("metadata") if isinstance(one, Mapping) else None
    return isinstance(said, Mapping) and isinstance(said.get("titles"), list)


def read_work(record: Mapping[str, object], where: str) -> DigestEntry:
    """Read one record; of several titles and abstracts the first is meant."""
    said = mapping_field(record.get("metadata"), "'metadata'", where)
    kinds = said.get("document_type")
    is_none = isinstance(kinds, list) and any(each in kinds for each in _NO_PAPERS)
    if said.get("deleted") is True or is_none:
        raise DigestError(where, "proceedings, or a record that was deleted; leave it out")
    links = record.get("links")
    return work(
        where,
        title=next(_values(said, "titles", "title", where), ""),
        abstract=next(_values(said, "abstracts", "value", where), ""),
        authors=authors_of(
            [
                *_values(said, "authors", "full_name", where),
                *(f"{each} Collaboration" for each in _collaborations(said, where)),
            ]
        ),
        identifiers=[
            *(f"arXiv:{each}" for each in _values(said, "arxiv_eprints", "value", where)),
            *_values(said, "dois", "value", where),
        ],
        url=_page(links if isinstance(links, Mapping) else {}, said, where),
        published_at=next(filter(None, (day_field(said, key, where) for key in _DATES)), None),
    )


def _page(links: Mapping[str, object], said: Mapping[str, object], where: str) -> str:
    number = said.get("control_number")
    if isinstance(number, int):
        return f"https://inspirehep.net/literature/{number}"
    return text_field(links, "self", where)


def _values(said: Mapping[str, object], name: str, key: str, where: str) -> Iterator[str]:
    """Yield what each object of a list has under a key."""
    stated = (text_field(each, key, where) for each in objects_of(said, name, where))
    yield from filter(None, stated)


def _collaborations(said: Mapping[str, object], where: str) -> Iterator[str]:
    """Yield who wrote it together, where nobody is named."""
    if not said.get("authors"):
        yield from _values(said, "collaborations", "value", where)
