"""Properties that hold for every real feed and JSON, and counts by file; none of their text."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from recommender.domain import DigestEntry
from recommender.errors import DigestError
from recommender.papers.formats import parse_digest

TODAY = date(2026, 11, 28)
# By a part of the name: papers, and of them without abstract, authors, identifier.
COUNTS = {
    "journals/*807b*": (11, 0, 0, 0),
    "journals/*824f*": (10, 0, 0, 10),
    "journals/*cambridge*": (15, 2, 2, 0),
    "journals/*contributions*": (9, 0, 0, 9),
    "journals/*rbge*": (25, 0, 0, 0),
    "journals/*microbiology*": (25, 3, 0, 0),
    "journals/*mycokeys*": (100, 2, 0, 0),
    "journals/*wiley*": (66, 38, 3, 0),
    "journals/*rss.sciencedirect*": (51, 51, 1, 51),
    "journals/*tandfonline*": (95, 95, 0, 0),
    "journals/*threatened*": (27, 1, 0, 0),
    "journals/*troplep*": (6, 0, 0, 6),
    "journals/*chem_sci*": (94, 94, 0, 0),
    "journals/*drug_*": (45, 45, 0, 45),
    "journals/*jcim*": (150, 136, 150, 0),
    "journals/*oprd*": (55, 51, 55, 0),
    "journals/*pattern-rec*": (250, 250, 2, 0),
    "journals/*tpami*": (353, 353, 0, 0),
    "journals/*nature.rss": (75, 10, 4, 0),
    "journals/*sample.txt": (75, 6, 14, 0),
    "arxiv/*0000.0000*": (0, 0, 0, 0),
    "arxiv/*quant-ph*": (1, 0, 0, 0),
    "arxiv/*s0_m15*": (15, 0, 0, 0),
    "arxiv/zotero*": (7, 0, 0, 0),
    "json/sotawhat*": (30, 0, 0, 0),
    "json/commonmeta*": (1, 0, 0, 0),
    "json/*openalex*": (2, 1, 1, 1),
    "json/vgi*crossref*": (2, 1, 0, 0),
    "json/papers-cli*": (1, 0, 0, 0),
    "json/dw-*": (2, 0, 0, 0),
}
NO_ABSTRACT = re.compile(
    r"publication date|published online|volume \d|author\(?s?\)?:|doi:|https?://|abstract\b[:.\s]"
    r"|[^.]{1,80}, early ?view",
    re.IGNORECASE,
)


@pytest.fixture
def feeds(shared_data: Path) -> Path:
    return shared_data / "feeds"


def faults(entry: DigestEntry) -> list[str]:
    """Name the fields of a paper that cannot be right."""
    found = {
        "title": not entry.title or re.search(r"<\w|&\w+;|^\[", entry.title),
        "abstract": NO_ABSTRACT.match(entry.abstract)
        or re.search(r"<(?:p|br|i|sub|sup)\b|&[a-z]+;|read more\W*$|©", entry.abstract),
        "authors": any(re.search(r"\d|@|;|et al|^\W|  ", name) for name in entry.authors),
        "link": not (entry.url and re.fullmatch(r"https?://[^\s/]+\S*", entry.url)),
        "id": entry.doi and re.search(r"[?#\s]|/full$|/abstract$", entry.doi),
    }
    return [field for field, wrong in found.items() if wrong]


@pytest.mark.parametrize("pattern", COUNTS)
def test_a_real_file_is_read_with_nothing_wrong(feeds: Path, pattern: str) -> None:
    (file,) = feeds.glob(pattern)
    digest = parse_digest(file.read_bytes(), today=TODAY)
    entries = digest.entries
    assert COUNTS[pattern] == (
        len(entries),
        sum(not entry.abstract for entry in entries),
        sum(not entry.authors for entry in entries),
        sum(not (entry.doi or entry.arxiv_id) for entry in entries),
    )
    assert [entry.title for entry in entries if faults(entry)] == []
    assert digest.unread == ()
    assert all(entry.published_at for entry in entries) or pattern.startswith("json/dw-")


@pytest.mark.parametrize(
    ("pattern", "where", "said"),
    [
        ("arxiv/*id_abc*", "entry 1", "arXiv answers with an error"),
        ("journals/*e379*", "file", "html"),
    ],
)
def test_what_is_no_list_of_papers_is_refused(
    feeds: Path, pattern: str, where: str, said: str
) -> None:
    (file,) = feeds.glob(pattern)
    with pytest.raises(DigestError) as caught:
        parse_digest(file.read_bytes(), today=TODAY)
    assert caught.value.where == where
    assert said in caught.value.message
