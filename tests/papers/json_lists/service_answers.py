"""One paper, as each service answers with it in JSON."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

from recommender.domain import Digest, DigestEntry
from recommender.papers.formats import parse_digest

TODAY = date(2026, 3, 20)
WHOLE = DigestEntry(
    title="Of CO₂ and mice",
    abstract="We count 10⁵ mice.",
    authors=("Ann Example", "B. C. Other"),
    doi="10.1234/abc",
    url="https://doi.org/10.1234/abc",
    published_at=datetime(2026, 3, 9, tzinfo=UTC),
)
TITLE = "Of CO<sub>2</sub> and mice"
ABSTRACT = "<p>We count 10<sup>5</sup> mice.</p>"

CROSSREF = {
    "DOI": "10.1234/ABC",
    "title": [TITLE],
    "abstract": f"<jats:title>Abstract</jats:title>{ABSTRACT}",
    "author": [{"given": "Ann", "family": "Example"}, {"given": "B.C.", "family": "Other"}],
    "issued": {"date-parts": [[2026, 3, 9]]},
}
OPENALEX = {
    "doi": "https://doi.org/10.1234/abc",
    "title": TITLE,
    "abstract_inverted_index": {"mice.": [3], "We": [0], "count": [1], "10<sup>5</sup>": [2]},
    "authorships": [
        {"author": {"display_name": "Ann Example"}},
        {"author": {"display_name": "B. C. Other"}},
    ],
    "publication_date": "2026-03-09",
}
EUROPE_PMC = {
    "id": "1",
    "source": "MED",
    "doi": "10.1234/abc",
    "title": f"{TITLE}.",
    "abstractText": ABSTRACT,
    "authorString": "Ann Example, B. C. Other.",
    "firstPublicationDate": "2026-03-09",
}
BIORXIV = {
    "doi": "10.1234/abc",
    "title": TITLE,
    "abstract": ABSTRACT,
    "authors": "Example, Ann; Other, B. C.",
    "date": "2026-03-09",
}
SCHOLAR = {
    "paperId": "x",
    "externalIds": {"DOI": "10.1234/abc"},
    "title": TITLE,
    "abstract": ABSTRACT,
    "authors": [{"name": "Ann Example"}, {"name": "B. C. Other"}],
    "publicationDate": "2026-03-09",
}
OPENREVIEW = {
    "id": "aB3_x-Y9zQ",
    "forum": "aB3_x-Y9zQ",
    "invitations": ["example.org/2026/Conference/-/Submission"],
    "odate": 1_773_000_000_000,
    "pdate": 1_773_014_400_000,
    "content": {
        "title": {"value": TITLE},
        "abstract": {"value": ABSTRACT},
        "authors": {"value": ["Ann Example", "B. C. Other"]},
        "html": {"value": "https://doi.org/10.1234/abc"},
    },
}
DBLP = {
    "@id": "7",
    "info": {
        "title": f"{TITLE}.",
        "authors": {"author": [{"text": "Ann Example 0002"}, {"text": "B. C. Other"}]},
        "venue": "Mice",
        "year": "2026",
        "type": "Journal Articles",
        "ee": ["https://doi.org/10.1234/abc", "https://example.org/abc"],
        "url": "https://dblp.org/rec/journals/mice/Example26",
    },
}


def read(document: object) -> Digest:
    return parse_digest(json.dumps(document).encode(), today=TODAY)
