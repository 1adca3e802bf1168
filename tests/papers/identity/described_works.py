"""Descriptions of works as sources give them, for tests of which of them are of one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from recommender.domain import DigestEntry
from recommender.papers.identity.canonical_ids import arxiv_id_of, normalise_doi

LONG = "On the Thermal Drift of Sparse Lattice Sensors"
ONE_TEXT = (
    "Sparse lattice sensors drift with temperature. We measure that drift on forty devices over "
    "two winters, fit a model of three parameters, and halve the error of unattended stations."
)
OTHER_TEXT = (
    "Readers of small print tire early. Volunteers compared nine typefaces on paper and on glass; "
    "generous spacing outweighed size, whatever their age and however bright the reading lamp."
)


def entry(title: str, *, doi: str = "", year: int = 0, by: str = "", **fields: Any) -> DigestEntry:
    return DigestEntry(
        title=title,
        abstract=fields.pop("abstract", ""),
        doi=normalise_doi(doi) if doi else None,
        arxiv_id=arxiv_id_of(fields.pop("arxiv", "")),
        authors=tuple(by.split("; ")) if by else (),
        published_at=datetime(year, 5, 1, tzinfo=UTC) if year else None,
        **fields,
    )
