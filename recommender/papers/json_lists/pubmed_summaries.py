"""Room 1, papers: summaries of PubMed (``esummary`` in JSON), which have no abstracts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from recommender.domain import DigestEntry
from recommender.errors import DigestError
from recommender.papers.json_lists.europe_pmc import with_comma
from recommender.papers.json_lists.json_fields import text_field
from recommender.papers.json_lists.json_works import list_at, objects_of, work
from recommender.papers.text.author_lists import authors_of

FORMAT: Final = "pubmed-json"
_FORMS: Final = ("%Y %b %d", "%Y %b", "%Y")


def works_of(document: object) -> list[object] | None:
    """Return the summaries of an answer, None where it is none of PubMed's."""
    numbers = list_at(document, "result", "uids")
    if numbers is None or not isinstance(document, Mapping):
        return None
    of_number = document["result"]
    return [of_number.get(each) if isinstance(each, str) else each for each in numbers]


def read_work(record: Mapping[str, object], where: str) -> DigestEntry:
    """Read one summary."""
    if said := text_field(record, "error", where):
        raise DigestError(where, f"PubMed says: {said[:200]}; leave it out")
    ids = objects_of(record, "articleids", where)
    doi = next((each for each in ids if each.get("idtype") == "doi"), {})
    number = text_field(record, "uid", where)
    names = [text_field(each, "name", where) for each in objects_of(record, "authors", where)]
    return work(
        where,
        title=text_field(record, "title", where).removesuffix("."),
        authors=authors_of(map(with_comma, filter(None, names))),
        identifiers=[text_field(doi, "value", where)],
        url=f"https://pubmed.ncbi.nlm.nih.gov/{number}/" if number.isdecimal() else "",
        published_at=_day(text_field(record, "epubdate", where))
        or _day(text_field(record, "pubdate", where)),
    )


def _day(said: str) -> datetime | None:
    for form in _FORMS:
        try:
            return datetime.strptime(said, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
