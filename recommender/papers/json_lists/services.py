"""Room 1, papers: which service a list in JSON is an answer of. Pure."""

from __future__ import annotations

from datetime import date
from typing import Final

from recommender.domain import Digest
from recommender.papers.json_lists import (
    biorxiv_api,
    crossref,
    datacite,
    dblp,
    doaj,
    europe_pmc,
    hal,
    inspire,
    nasa_ads,
    openalex,
    openreview,
    plos,
    pubmed_summaries,
    semantic_scholar,
    springer_nature,
    zenodo,
    zotero_api,
)
from recommender.papers.json_lists.json_works import digest_of_works

_SERVICES: Final = (
    crossref,
    openalex,
    europe_pmc,
    biorxiv_api,
    datacite,
    semantic_scholar,
    openreview,
    dblp,
    doaj,
    inspire,
    zenodo,
    plos,
    nasa_ads,
    springer_nature,
    hal,
    pubmed_summaries,
    zotero_api,
)


def digest_of_answer(document: object, *, today: date) -> Digest | None:
    """Read the works of an answer, None where it is no known service's."""
    for service in _SERVICES:
        works = service.works_of(document)
        if works is not None:
            return digest_of_works(service.FORMAT, works, service.read_work, today=today)
    return None
