"""Room 1, papers: what the search of NASA ADS answers. Pure.

Which fields are there is asked for with the search; without ``title`` there is no paper.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from recommender.domain import DigestEntry
from recommender.errors import DigestError
from recommender.papers.json_lists.json_fields import moment_of, text_field
from recommender.papers.json_lists.json_works import list_at, work
from recommender.papers.text.author_lists import authors_of

FORMAT: Final = "nasa-ads-json"
_NO_PAPERS: Final = frozenset(
    {
        *("catalog", "software", "proposal", "talk", "pressrelease", "newsletter", "obituary"),
        *("bookreview", "editorial", "service"),
    }
)
# A month or day that is not known.
_UNKNOWN: Final = re.compile(r"(?:-00)+\Z")


def works_of(document: object) -> list[object] | None:
    """Return the documents of an answer, None where it is none of ADS's."""
    docs = list_at(document, "response", "docs")
    if docs is None:
        return None
    return docs if not docs or any(map(_has_bibcode, docs)) else None


def _has_bibcode(one: object) -> bool:
    return isinstance(one, Mapping) and ("bibcode" in one or "doctype" in one)


def read_work(record: Mapping[str, object], where: str) -> DigestEntry:
    """Read one document."""
    kind = text_field(record, "doctype", where)
    if kind in _NO_PAPERS:
        raise DigestError(where, f"what ADS calls {kind} is no paper; leave it out")
    bibcode = text_field(record, "bibcode", where)
    return work(
        where,
        title=next(iter(_texts(record, "title", where)), ""),
        abstract=text_field(record, "abstract", where),
        authors=authors_of(_texts(record, "author", where)),
        identifiers=[*_texts(record, "doi", where), *_arxiv_ids(record, where)],
        url=f"https://ui.adsabs.harvard.edu/abs/{bibcode}/abstract" if bibcode else "",
        published_at=_date(text_field(record, "pubdate", where)),
    )


def _arxiv_ids(record: Mapping[str, object], where: str) -> list[str]:
    """Return its own arXiv id; other identifiers may be those of an erratum."""
    known = _texts(record, "identifier", where)
    return [each for each in known if each.lower().startswith(("arxiv:", "10.48550/arxiv."))]


def _texts(record: Mapping[str, object], key: str, where: str) -> list[str]:
    """Read a list of texts, or the one that stands alone."""
    value = record.get(key)
    if not isinstance(value, list):
        return list(filter(None, [text_field(record, key, where)]))
    return [text_field({key: each}, key, where) for each in value]


def _date(written: str) -> datetime | None:
    return moment_of(_UNKNOWN.sub("", written[:10]).split("-"))
