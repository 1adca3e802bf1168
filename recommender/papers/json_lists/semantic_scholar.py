"""Room 1, papers: papers of Semantic Scholar's Graph API. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from recommender.domain import DigestEntry
from recommender.papers.json_lists.json_fields import moment_of, text_field
from recommender.papers.json_lists.json_works import day_field, list_at, objects_of, work
from recommender.papers.text.author_lists import authors_of

FORMAT: Final = "semantic-scholar-json"


def works_of(document: object) -> list[object] | None:
    """Return the papers of an answer, None where it is none of Semantic Scholar's."""
    for key in ("data", "recommendedPapers"):
        works = list_at(document, key)
        if works and isinstance(works[0], Mapping) and "paperId" in works[0]:
            return works
    if isinstance(document, list) and any(map(_is_batched, document)):
        return [work for work in document if work is not None]  # null where an id is not known
    if isinstance(document, Mapping) and "paperId" in document:
        return [document]
    if list_at(document, "data") == [] and isinstance(document, Mapping) and "total" in document:
        return []
    return None


def _is_batched(work: object) -> bool:
    return isinstance(work, Mapping) and {"paperId", "title"} <= work.keys()


def read_work(record: Mapping[str, object], where: str) -> DigestEntry:
    """Read one paper."""
    stated = record.get("externalIds")
    external = stated if isinstance(stated, Mapping) else {}
    arxiv_id = text_field(external, "ArXiv", where)
    names = [text_field(author, "name", where) for author in objects_of(record, "authors", where)]
    year = record.get("year")
    return work(
        where,
        title=text_field(record, "title", where),
        abstract=text_field(record, "abstract", where),
        authors=authors_of(names),
        identifiers=[arxiv_id, text_field(external, "DOI", where)],
        url=text_field(record, "url", where),
        published_at=day_field(record, "publicationDate", where) or moment_of([year]),
    )
