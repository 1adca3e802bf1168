"""Room 1, papers: what PLOS's search answers. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from recommender.domain import DigestEntry
from recommender.errors import DigestError
from recommender.papers.json_lists.json_fields import text_field
from recommender.papers.json_lists.json_works import day_field, list_at, work
from recommender.papers.text.author_lists import authors_of

FORMAT: Final = "plos-json"
_ARTICLE: Final = re.compile(r"10\.1371/[\w.-]{5,60}")
_NO_PAPERS: Final = re.compile(
    r"(?:publisher'?s? )?(?:correction|retraction|expression of concern|editorial|issue image"
    r"|obituary)\b",
    re.IGNORECASE,
)


def works_of(document: object) -> list[object] | None:
    """Return the documents of an answer, None where it is none of PLOS's."""
    docs = list_at(document, "response", "docs")
    return docs if docs and any(map(_is_of_plos, docs)) else None


def _is_of_plos(one: object) -> bool:
    identifier = one.get("id") if isinstance(one, Mapping) else None
    return isinstance(identifier, str) and identifier.startswith("10.1371/")


def read_work(record: Mapping[str, object], where: str) -> DigestEntry:
    """Read one document; what PLOS finds may be a part of an article."""
    identifier = text_field(record, "id", where)
    if not _ARTICLE.fullmatch(identifier):
        raise DigestError(where, "a part of an article; ask PLOS with `fq=doc_type:full`")
    kind = text_field(record, "article_type", where)
    if _NO_PAPERS.match(kind):
        raise DigestError(where, f"what PLOS calls {kind[:40]} is no paper; leave it out")
    names = record.get("author_display") or record.get("author")
    abstracts = record.get("abstract")
    abstract = abstracts[0] if isinstance(abstracts, list) and abstracts else abstracts
    return work(
        where,
        title=text_field(record, "title_display", where) or text_field(record, "title", where),
        abstract=text_field({"abstract": abstract}, "abstract", where),
        authors=authors_of(
            text_field({"author": each}, "author", where)
            for each in (names if isinstance(names, list) else [names] if names else [])
        ),
        identifiers=[identifier],
        published_at=day_field(record, "publication_date", where),
    )
