"""Room 1, papers: what DBLP's search answers in JSON: titles, names and years. Pure.

It was XML before, so a list of one is no list, and an empty one is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from recommender.domain import DigestEntry
from recommender.errors import DigestError
from recommender.papers.json_lists.json_fields import mapping_field, moment_of, text_field
from recommender.papers.json_lists.json_works import work
from recommender.papers.text.author_lists import authors_of

FORMAT: Final = "dblp-json"
# Proceedings, and what was taken back without a word of what it was.
_NO_PAPERS: Final = frozenset({"Editorship", "Data and Artifacts", "Withdrawn Items"})
_NAMESAKE: Final = re.compile(r"\s[0-9]{4}\Z")


def works_of(document: object) -> list[object] | None:
    """Return the hits of an answer, None where it is none of DBLP's."""
    result = document.get("result") if isinstance(document, Mapping) else None
    hits = result.get("hits") if isinstance(result, Mapping) else None
    if not isinstance(hits, Mapping) or "@total" not in hits:
        return None
    return list(_all_of(hits.get("hit")))


def read_work(record: Mapping[str, object], where: str) -> DigestEntry:
    """Read one hit."""
    stated = mapping_field(record.get("info"), "'info'", where)
    kind = text_field(stated, "type", where)
    if kind in _NO_PAPERS:
        raise DigestError(where, f"what DBLP calls {kind} is no paper; leave it out")
    pages = [each for each in _all_of(stated.get("ee")) if isinstance(each, str)]
    volume = text_field(stated, "volume", where).removeprefix("abs/")
    of_arxiv = [f"arXiv:{volume}"] if stated.get("venue") == "CoRR" else []
    return work(
        where,
        title=text_field(stated, "title", where).removesuffix("."),
        authors=authors_of(_NAMESAKE.sub("", name) for name in _names(stated, where)),
        identifiers=[*of_arxiv, text_field(stated, "doi", where), *pages],
        url=next(iter(pages), "") or text_field(stated, "url", where),
        published_at=moment_of([text_field(stated, "year", where)]),
    )


def _names(stated: Mapping[str, object], where: str) -> Iterator[str]:
    authors = stated.get("authors")
    within = authors.get("author") if isinstance(authors, Mapping) else None
    for author in _all_of(within):
        yield (
            author
            if isinstance(author, str)
            else text_field(mapping_field(author, "an author", where), "text", where)
        )


def _all_of(value: object) -> Iterator[object]:
    """Yield what a list has, or what stands alone in place of one."""
    if isinstance(value, list):
        yield from value
    elif value is not None:
        yield value
