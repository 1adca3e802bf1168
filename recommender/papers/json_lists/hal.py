"""Room 1, papers: what the search of HAL answers, as its fields end in ``_s``. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from recommender.domain import DigestEntry
from recommender.errors import DigestError
from recommender.papers.json_lists.json_fields import text_field
from recommender.papers.json_lists.json_works import day_field, list_at, work
from recommender.papers.text.author_lists import authors_of

FORMAT: Final = "hal-json"
_DATES: Final = ("publicationDate_s", "producedDate_s", "submittedDate_s")
_NO_PAPERS: Final = frozenset(
    {*("IMG", "VIDEO", "SON", "MAP", "PATENT", "SOFTWARE", "LECTURE", "PRESCONF", "BLOG")}
)


def works_of(document: object) -> list[object] | None:
    """Return the documents of an answer, None where it is none of HAL's."""
    docs = list_at(document, "response", "docs")
    return docs if docs and any(map(_is_of_hal, docs)) else None


def _is_of_hal(one: object) -> bool:
    return isinstance(one, Mapping) and ("halId_s" in one or "title_s" in one or "uri_s" in one)


def read_work(record: Mapping[str, object], where: str) -> DigestEntry:
    """Read one document; of a title or an abstract in several languages, the first."""
    kind = text_field(record, "docType_s", where)
    if kind in _NO_PAPERS:
        raise DigestError(where, f"what HAL calls {kind} is no paper; leave it out")
    title = _first(record, "title_s", where)
    if not title and "title_s" not in record:
        raise DigestError(
            where, "no 'title_s'; ask HAL with `fl=title_s,abstract_s,authFullName_s,doiId_s,uri_s`"
        )
    arxiv_id = text_field(record, "arxivId_s", where)
    return work(
        where,
        title=title,
        abstract=_first(record, "abstract_s", where),
        authors=authors_of(_all(record, "authFullName_s", where)),
        identifiers=[
            text_field(record, "doiId_s", where),
            f"arXiv:{arxiv_id}" if arxiv_id else "",
        ],
        url=text_field(record, "uri_s", where),
        published_at=next(filter(None, (day_field(record, each, where) for each in _DATES)), None),
    )


def _first(record: Mapping[str, object], key: str, where: str) -> str:
    return next(iter(_all(record, key, where)), "")


def _all(record: Mapping[str, object], key: str, where: str) -> list[str]:
    value = record.get(key)
    several = value if isinstance(value, list) else [] if value is None else [value]
    return [text_field({key: each}, key, where) for each in several]
