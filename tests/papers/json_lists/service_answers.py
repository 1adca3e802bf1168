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
DATACITE = {
    "id": "10.1234/abc",
    "type": "dois",
    "attributes": {
        "doi": "10.1234/ABC",
        "titles": [
            {"title": "Mice, seen again", "titleType": "Subtitle"},
            {"title": TITLE, "lang": "en"},
        ],
        "creators": [
            {"name": "Example, Ann", "givenName": "Ann", "familyName": "Example"},
            {"name": "Other, B. C.", "nameType": "Personal", "affiliation": []},
        ],
        "descriptions": [
            {"description": "Series of mice", "descriptionType": "SeriesInformation"},
            {"description": ABSTRACT, "descriptionType": "Abstract"},
        ],
        "dates": [
            {"date": "2026-04-01", "dateType": "Updated"},
            {"date": "2026-03-09T08:00:00Z", "dateType": "Issued"},
        ],
        "publicationYear": 2026,
        "types": {"resourceTypeGeneral": "Preprint", "resourceType": "Article"},
        "url": "https://example.org/abc",
    },
}
DOAJ = {
    "id": "0123456789abcdef0123456789abcdef",
    "created_date": "2026-03-15T00:00:00Z",
    "bibjson": {
        "title": TITLE,
        "abstract": ABSTRACT,
        "author": [{"name": "Ann Example", "affiliation": "Mice"}, {"name": "B. C. Other"}],
        "identifier": [{"type": "eissn", "id": "1234-5678"}, {"type": "doi", "id": "10.1234/abc"}],
        "journal": {"title": "Mice", "volume": "1"},
        "link": [{"type": "fulltext", "url": "https://example.org/abc"}],
        "year": "2026",
        "month": "3",
    },
}
INSPIRE = {
    "id": "7",
    "links": {"self": "https://inspirehep.net/api/literature/7"},
    "metadata": {
        "control_number": 7,
        "document_type": ["article"],
        "titles": [{"title": TITLE, "source": "Mice"}, {"title": "Another one"}],
        "abstracts": [{"value": ABSTRACT, "source": "Mice"}],
        "authors": [{"full_name": "Example, Ann"}, {"full_name": "Other, B.C."}],
        "dois": [{"value": "10.1234/abc"}],
        "preprint_date": "2026-03-09",
        "earliest_date": "2026-03-10",
    },
}
ZENODO = {
    "id": 7,
    "doi": "10.1234/abc",
    "links": {"self_html": "https://zenodo.org/records/7"},
    "metadata": {
        "title": TITLE,
        "doi": "10.1234/abc",
        "description": ABSTRACT,
        "creators": [{"name": "Example, Ann"}, {"name": "Other, B. C.", "affiliation": "Mice"}],
        "publication_date": "2026-03-09",
        "resource_type": {"type": "publication", "subtype": "article", "title": "Article"},
        "related_identifiers": [{"identifier": "10.1234/data", "relation": "isSupplementTo"}],
    },
}
ADS = {
    "bibcode": "2026Mice....1....1E",
    "doctype": "article",
    "title": [TITLE],
    "abstract": ABSTRACT,
    "author": ["Example, Ann", "Other, B. C."],
    "doi": ["10.1234/abc"],
    "identifier": ["2026Mice....1....1E", "10.1234/abc"],
    "pubdate": "2026-03-09",
}
PLOS = {
    "id": "10.1371/journal.mice.0000001",
    "journal": "PLOS Mice",
    "publication_date": "2026-03-09T00:00:00Z",
    "article_type": "Research Article",
    "author_display": ["Ann Example", "B. C. Other"],
    "abstract": [f"\n{ABSTRACT}\n"],
    "title_display": TITLE,
    "score": 4.2,
}
SPRINGER = {
    "contentType": "Article",
    "identifier": "doi:10.1234/abc",
    "doi": "10.1234/abc",
    "title": TITLE,
    "creators": [{"creator": "Example, Ann"}, {"creator": "Other, B. C."}],
    "publicationName": "Mice",
    "publicationDate": "2026-04-01",
    "onlineDate": "2026-03-09",
    "abstract": {"h1": "Abstract", "p": ABSTRACT},
    "url": [{"format": "html", "platform": "web", "value": "https://example.org/abc"}],
}
HAL = {
    "docid": "7",
    "docType_s": "ART",
    "uri_s": "https://hal.science/hal-00000007",
    "title_s": [TITLE, "Du CO₂ et des souris"],
    "abstract_s": [ABSTRACT],
    "authFullName_s": ["Ann Example", "B. C. Other"],
    "doiId_s": "10.1234/abc",
    "producedDate_s": "2026-03-09",
}
ZOTERO = {
    "key": "ABCD2345",
    "version": 7,
    "meta": {"creatorSummary": "Example and Other", "parsedDate": "2026-03-09"},
    "data": {
        "key": "ABCD2345",
        "itemType": "journalArticle",
        "title": TITLE,
        "creators": [
            {"creatorType": "author", "firstName": "Ann", "lastName": "Example"},
            {"creatorType": "editor", "firstName": "Ed", "lastName": "Mice"},
            {"creatorType": "author", "name": "B. C. Other"},
        ],
        "abstractNote": ABSTRACT,
        "date": "9 March 2026",
        "DOI": "10.1234/abc",
        "extra": "PMID: 7",
    },
}
PUBMED = {
    "uid": "7",
    "pubdate": "2026 Apr",
    "epubdate": "2026 Mar 9",
    "title": f"{TITLE}.",
    "authors": [
        {"name": "Example A", "authtype": "Author"},
        {"name": "Other BC", "authtype": "Author"},
    ],
    "articleids": [{"idtype": "pubmed", "value": "7"}, {"idtype": "doi", "value": "10.1234/abc"}],
}


def read(document: object) -> Digest:
    return parse_digest(json.dumps(document).encode(), today=TODAY)
