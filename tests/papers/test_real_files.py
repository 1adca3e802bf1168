"""All 72 real files: of each the papers, and of each field whether it is right, absent or wrong.

None of their text is here. ``-s`` prints the table. What a field must not look like is written down
once for all; how many papers have it is pinned for each file, as it was looked up by hand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from recommender.domain import DigestEntry, UnreadEntry
from recommender.errors import DigestError
from recommender.papers.formats import parse_digest
from recommender.papers.references.references import digest_of_references, read_references

TODAY: Final = date(2026, 11, 28)
FIELDS: Final = ("title", "abstract", "authors", "date", "link", "id")
FILES: Final = 72
REFUSED: Final = {
    "arxiv/*id_abc*": "arXiv answers with an error",
    "journals/*e379*": "a <html> document is no digest",
    "bib/citation-js__label*": "a paper without a title",
    "newsletters/*VN*": "line 6: tables and texts without titles and abstracts are an analysis",
}
# By a part of the name: papers, and of them without abstract, authors, identifier.
FEEDS: Final = {
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
    "newsletters/*2024-10-01*": (10, 0, 0, 0),
    "newsletters/*2025-07-08*": (21, 0, 0, 0),
    "newsletters/*2025-10-30*": (24, 0, 12, 0),
}
# By a part of the name: papers, and of them without abstract, authors, date, link, identifier.
REFERENCES: Final = {
    "bib/*stable-keys*": (6, 6, 0, 0, 0, 0),
    "bib/*capitalisation*": (1, 1, 0, 0, 0, 0),
    "bib/*HDL*": (4, 4, 0, 0, 0, 3),
    "bib/*Malformed*": (1, 0, 0, 1, 1, 1),
    "bib/*Season*": (6, 6, 6, 4, 6, 6),
    "bib/*vphantom*": (2, 0, 0, 0, 0, 0),
    "bib/*auto-export*": (3, 2, 0, 0, 0, 0),
    "bib/*tex.pages*": (1, 1, 0, 0, 1, 1),
    "bib/*films*": (4, 4, 2, 0, 4, 4),
    "bib/*Local-Zo*": (1, 1, 0, 0, 1, 1),
    "bib/*safe_labels*": (1, 1, 0, 0, 1, 1),
    "bib/*simple-search*": (16, 16, 16, 16, 16, 16),
    "ris/*AGRIS*": (12, 12, 0, 0, 12, 12),
    "ris/*tag-notes*": (4, 4, 4, 4, 4, 4),
    "ris/*faulty_year*": (1, 0, 1, 1, 1, 1),
    "ris/*Test3*": (1, 1, 0, 0, 0, 0),
    "ris/*Test6*": (1, 1, 0, 0, 0, 0),
    "ris/*Date1*": (1, 1, 0, 0, 0, 0),
    "ris/*Science.ris": (1, 1, 0, 0, 0, 0),
    "ris/*Scopus*": (1, 1, 0, 0, 0, 0),
    "ris/*empty_tag*": (1, 0, 0, 0, 0, 0),
    "refs_other/*Article2*": (2, 2, 0, 0, 2, 2),
}
NO_ABSTRACT: Final = re.compile(
    r"publication date|published online|volume \d|author\(?s?\)?:|doi:|https?://|abstract\b[:.\s]"
    r"|[^.]{1,80}, early ?view|n/?a\.?\Z|abstract\.?\Z",
    re.IGNORECASE,
)
# What LaTeX, a tag or an entity leaves behind; formulas may.
REMAINS: Final = re.compile(r"<\w+[ >]|&\w+;|\\(?:text|emph|href|url)\b|[{}](?![^$]*\$)")


@dataclass
class Row:
    """What came of one file."""

    name: str
    papers: int = 0
    refused: str = ""
    unread: int = 0
    right: Counter[str] = field(default_factory=Counter)
    absent: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[str, str]] = field(default_factory=list)

    def __str__(self) -> str:
        """Return the row as it is printed."""
        wrong = Counter(name for name, _ in self.wrong)
        columns = (
            f"{self.right[name]:>4}/{self.absent[name]:<3}/{wrong[name]:<2}" for name in FIELDS
        )
        end = f"  {self.refused}" if self.refused else f"  {self.unread} unread" * bool(self.unread)
        return f"{self.name[:44]:<44} {self.papers:>4} {' '.join(columns)}{end}"


@pytest.fixture(scope="module")
def rows(shared_data: Path) -> dict[str, Row]:
    feeds = shared_data / "feeds"
    files = sorted(file for file in feeds.glob("*/*") if file.is_file())
    return {str(file.relative_to(feeds)): row_of(file, feeds) for file in files}


def row_of(file: Path, feeds: Path) -> Row:
    row = Row(str(file.relative_to(feeds)))
    try:
        digest = parse_digest(file.read_bytes(), today=TODAY)
    except DigestError as error:
        row.refused = f"{error.where}: {error.message}"
        return row
    # A digest names each paper once; what it leaves together is one.
    row.papers, row.unread = len(digest.entries), len(digest.unread)
    for entry in digest.entries:
        wrong = faults(entry)
        for name, said in values(entry).items():
            if name in wrong:
                row.wrong.append((name, str(said)))
            elif said:
                row.right[name] += 1
            else:
                row.absent[name] += 1
    return row


def values(entry: DigestEntry) -> dict[str, object]:
    found = (
        *(entry.title, entry.abstract, entry.authors, entry.published_at, entry.url),
        entry.arxiv_id or entry.doi,
    )
    return dict(zip(FIELDS, found, strict=True))


def faults(entry: DigestEntry) -> set[str]:
    """Name the fields of a paper that cannot be right."""
    year = entry.published_at.year if entry.published_at else 2000
    found = {
        "title": not entry.title
        or re.match(r"\[", entry.title)
        or re.search(r"<\w|&\w+;", entry.title),
        "abstract": NO_ABSTRACT.match(entry.abstract)
        or re.search(r"<(?:p|br|i|sub|sup)\b|&[a-z]+;|read more\W*$|©", entry.abstract),
        "authors": any(re.search(r"\d|@|;|et al|^\W|  |=|^and\b", name) for name in entry.authors),
        "date": not 1900 <= year <= 2050,
        "link": entry.url and not re.fullmatch(r"https?://[^\s/]+\S*", entry.url),
        "id": entry.doi and re.search(r"[?#\s{}\\]|/full$|/abstract$|^10\.48550/", entry.doi),
    }
    return {name for name, wrong in found.items() if wrong}


def test_no_field_of_any_real_file_is_wrong(rows: dict[str, Row]) -> None:
    head = "  ".join(f"{name} right/absent/wrong"[:10] for name in FIELDS)
    print(f"\n{'file':<44} {'n':>4} {head}", *rows.values(), sep="\n")  # noqa: T201 - with -s
    assert len(rows) == FILES
    assert {name: row.wrong for name, row in rows.items() if row.wrong} == {}


def test_what_is_refused_says_why(rows: dict[str, Row]) -> None:
    refused = {name: row.refused for name, row in rows.items() if row.refused}
    for pattern, reason in REFUSED.items():
        (found,) = [name for name in refused if Path(name).match(pattern)]
        assert reason in refused.pop(found)
    assert refused == {}


@pytest.mark.parametrize("pattern", FEEDS)
def test_feeds_and_json_have_the_fields_that_their_source_has(
    rows: dict[str, Row], pattern: str
) -> None:
    (row,) = [row for name, row in rows.items() if Path(name).match(pattern)]
    absent = row.absent
    assert (row.papers, absent["abstract"], absent["authors"], absent["id"]) == FEEDS[pattern]
    assert (row.unread, absent["title"], absent["link"]) == (0, 0, 0)
    assert absent["date"] == 0 or pattern.startswith(("json/dw-", "newsletters/"))


@pytest.mark.parametrize("day", ["2024-10-01", "2025-07-08", "2025-10-30"])
def test_a_newsletter_has_the_day_and_the_identifiers_that_its_file_has(
    shared_data: Path, day: str
) -> None:
    content = (shared_data / f"feeds/newsletters/daily-ai-papers-{day}.md").read_bytes()
    digest = parse_digest(content, today=TODAY)
    stated = re.findall(r"arxiv\.org/abs/(\d{4}\.\d{5})", content.decode())
    assert [entry.arxiv_id for entry in digest.entries] == stated
    assert digest.date == date.fromisoformat(day)


@pytest.mark.parametrize("pattern", REFERENCES)
def test_references_have_the_fields_that_their_source_has(shared_data: Path, pattern: str) -> None:
    (file,) = (shared_data / "feeds").glob(pattern)
    entries, unread = records(file)
    assert unread == ()
    found = [values(entry) for entry in entries]
    absent = [sum(not each[name] for each in found) for name in FIELDS[1:]]
    assert (len(found), *absent) == REFERENCES[pattern]


def records(file: Path) -> tuple[tuple[DigestEntry, ...], tuple[UnreadEntry, ...]]:
    """Read a file's records, before those that are one paper become one."""
    text = file.read_text("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    digest = digest_of_references(text, today=TODAY)
    return digest.entries, digest.unread


def test_references_say_the_same_to_seed(shared_data: Path) -> None:
    for file in reference_files(shared_data):
        try:
            entries, _ = records(file)
        except DigestError:
            continue
        seeded = read_references(file.read_bytes()).entries
        assert [entry.title for entry in seeded] == list(
            dict.fromkeys(entry.title for entry in entries)
        )


def reference_files(shared_data: Path) -> Iterator[Path]:
    for folder in ("bib", "ris", "refs_other"):
        yield from sorted((shared_data / "feeds" / folder).iterdir())
