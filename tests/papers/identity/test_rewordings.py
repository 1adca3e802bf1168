"""A preprint and its article under another title are one; works of the same people are not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from recommender.domain import Digest, DigestEntry
from recommender.domain.titles import title_key
from recommender.papers.identity.merging import merge_entries, without_repeats

from .described_works import LONG, ONE_TEXT, OTHER_TEXT, entry

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
BY = "Jane Doe; Max Roe; Ann Bee"
REWORDED = "Temperature makes sparse lattice sensors drift"
EDITED = ONE_TEXT.replace("forty devices", "fifty devices").replace("two winters", "three winters")
DOI, PREPRINT = "10.1234/lattice.1", "10.1101/2026.01.02.123456"


def rows(*entries: DigestEntry) -> int:
    return len({paper.id for paper in merge_entries([], entries, now=NOW).papers})


@pytest.mark.parametrize(
    ("title", "by", "abstract"),
    [
        (REWORDED, BY, EDITED),
        (REWORDED, "J. Doe; M. Roe; A. Bee", EDITED),
        (REWORDED, "Ann Bee; Max Roe; Jane Doe", ONE_TEXT),
        ("Sparse lattice sensors: their thermal drift", BY, f"Background. {ONE_TEXT}"),
        ("Thermal drift of sensors and what to do about it", BY, ONE_TEXT.upper()),
    ],
)
@pytest.mark.parametrize("first", [{"arxiv": "2601.00001"}, {"doi": PREPRINT}])
def test_who_says_the_same_under_another_title_has_one_work(
    title: str, by: str, abstract: str, first: dict[str, str]
) -> None:
    preprint = entry(LONG, by=BY, abstract=ONE_TEXT, year=2025, **first)
    article = entry(title, by=by, abstract=abstract, doi=DOI, year=2026)

    assert title_key(title) != title_key(LONG)
    assert rows(preprint, article) == rows(article, preprint) == 1
    assert len(without_repeats([preprint, article])) == 1


@pytest.mark.parametrize(
    "other",
    [
        entry(REWORDED, by=BY, abstract=OTHER_TEXT, doi=DOI),
        entry(REWORDED, by="Jane Doe; Max Roe", abstract=ONE_TEXT, doi=DOI),
        entry(REWORDED, by="Jane Doe; Max Roe; Bob Bee", abstract=ONE_TEXT, doi=DOI),
        entry(REWORDED, by="Jane Doe; Max Roe; Ann Bee; Eva Li", abstract=ONE_TEXT, doi=DOI),
        entry(REWORDED, abstract=ONE_TEXT, doi=DOI),
        entry(REWORDED, by=BY, doi=DOI),
        entry(REWORDED, by=BY, abstract=ONE_TEXT[:90], doi=DOI),
        entry(REWORDED, by=BY, abstract=ONE_TEXT, arxiv="2602.00002"),
        entry(REWORDED, by=BY, abstract=ONE_TEXT, doi=DOI, year=2019),
        entry(f"{REWORDED}, part II", by=BY, abstract=ONE_TEXT, doi=DOI),
        entry(f"{REWORDED}, 2024", by=BY, abstract=ONE_TEXT, doi=DOI),
        entry("LatticeNet-V2: drift of sparse sensors", by=BY, abstract=ONE_TEXT, doi=DOI),
        entry(f"Data for: {REWORDED}", by=BY, abstract=ONE_TEXT, doi=DOI),
        entry(f"Correction to: {REWORDED}", by=BY, abstract=ONE_TEXT, doi=DOI),
        entry(f"{REWORDED}: a study protocol", by=BY, abstract=ONE_TEXT, doi=DOI),
        entry(f"Response to “{REWORDED}”", by=BY, abstract=ONE_TEXT, doi=DOI),
        entry("Readers of small print tire early", by=BY, abstract=ONE_TEXT, doi=DOI),
        entry(REWORDED, by=BY, abstract=f"{ONE_TEXT} {OTHER_TEXT} {OTHER_TEXT[::-1]}", doi=DOI),
    ],
)
def test_another_work_of_the_same_people_stays_another(other: DigestEntry) -> None:
    preprint = entry(LONG, by=BY, abstract=ONE_TEXT, arxiv="2601.00001", year=2025)

    assert rows(preprint, other) == rows(other, preprint) == 2


SPECIES = (
    "We present a genome of the {0}, assembled from one female that was caught in a meadow. Its "
    "sequence spans {1} megabases, nearly all of which stands in {2} chromosomes, with the sex "
    "chromosomes and the mitochondrial genome among them."
)


@pytest.mark.parametrize(
    "other",
    [
        {"doi": DOI},
        {"doi": DOI, "abstract": SPECIES.format("hawk beetle", "210.7", "17")},
    ],
)
def test_works_of_a_series_in_one_wording_are_as_many(other: dict[str, str]) -> None:
    moth = SPECIES.format("hawk moth", "421.5", "31")
    beetle = SPECIES.format("leaf beetle", "421.5", "31")
    first = entry("The genome of the hawk moth", by=BY, abstract=moth, doi=PREPRINT)
    article = entry("A genome of leaf beetles", by=BY, **{"abstract": beetle, **other})

    assert rows(first, article) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {}),
        ({}, {"doi": DOI}),
        ({"arxiv": "2601.00001"}, {}),
        ({"arxiv": "2601.00001"}, {"doi": PREPRINT}),
        ({"doi": "10.1234/other"}, {"doi": DOI}),
    ],
)
def test_what_is_not_said_to_be_preprint_and_article_is_two(
    one: dict[str, str], other: dict[str, str]
) -> None:
    first = entry(LONG, by=BY, abstract=ONE_TEXT, **one)
    assert rows(first, entry(REWORDED, by=BY, abstract=ONE_TEXT, **other)) == 2


def _without_first_words(title: str) -> str:
    return title.partition(": ")[2] or f"On {title} in practice"


def _other_order(title: str) -> str:
    before, _, behind = title.partition(": ")
    return f"{behind}: {before}" if behind else f"{title} in the wild"


REWORDINGS: dict[str, Callable[[str], str]] = {
    "without its first words": _without_first_words,
    "in another order": _other_order,
    "with a word more": "{} in practice".format,
}


@pytest.fixture(scope="module")
def entries(real_days: Mapping[date, Digest]) -> list[DigestEntry]:
    once = {entry.arxiv_id: entry for digest in real_days.values() for entry in digest.entries}
    return list(once.values())


@pytest.mark.parametrize("how", REWORDINGS)
def test_articles_of_real_preprints_find_their_rows_and_no_others(
    entries: list[DigestEntry], how: str
) -> None:
    stored = [
        replace(paper, id=number)
        for number, paper in enumerate(merge_entries([], entries, now=NOW).papers, start=1)
    ]
    wanted = [each for each in stored[::20] if len(each.abstract) > 300]
    articles = [
        DigestEntry(
            REWORDINGS[how](paper.title),
            " ".join(re.split(r"(?<=[.!?]) ", paper.abstract)[1:]),
            authors=paper.authors,
            doi=f"10.1234/{paper.arxiv_id}",
        )
        for paper in wanted
    ]
    found = [paper.id for paper in merge_entries(stored, articles, now=NOW).papers]
    others = [number for number, paper in zip(found, wanted, strict=True) if 0 < number != paper.id]
    assert others == []
    assert sum(number > 0 for number in found) > 0.7 * len(wanted)


@pytest.mark.parametrize("half", [0, 1])
def test_real_preprints_and_articles_of_other_works_are_as_many(
    entries: list[DigestEntry], half: int
) -> None:
    mixed = [
        replace(each, arxiv_id=None, url=None, doi=f"10.1234/{each.arxiv_id}")
        if place % 2 == half
        else each
        for place, each in enumerate(entries)
    ]
    assert rows(*mixed) == len(entries)
