"""Room 1, papers: the collections of bioRxiv's and medRxiv's API. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from recommender.domain import DigestEntry
from recommender.papers.json_lists.json_fields import text_field
from recommender.papers.json_lists.json_works import day_field, list_at, work
from recommender.papers.text.author_lists import authors_of

FORMAT: Final = "biorxiv-json"
_TAKEN_BACK: Final = ("withdraw", "retract")


def works_of(document: object) -> list[object] | None:
    """Return the preprints of an answer, None where it is none of bioRxiv's."""
    return list_at(document, "collection")


def read_work(record: Mapping[str, object], where: str) -> DigestEntry:
    """Read one preprint; of ``details`` and of ``pubs``, which name the same otherwise."""
    prefixes = ("", "preprint_", "biorxiv_")

    def stated(key: str) -> str:
        found = (text_field(record, prefix + key, where) for prefix in prefixes)
        return next(filter(None, found), "")

    return work(
        where,
        title=stated("title"),
        abstract=stated("abstract"),
        authors=authors_of([stated("authors")]),
        identifiers=[stated("doi")],
        published_at=day_field(record, "date", where) or day_field(record, "preprint_date", where),
        withdrawn=text_field(record, "type", where).lower().startswith(_TAKEN_BACK),
    )
