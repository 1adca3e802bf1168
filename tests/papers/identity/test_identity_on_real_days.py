r"""Every title of the real days finds its row again, however it is written, and none another's."""

from __future__ import annotations

import gzip
import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from recommender.domain import Digest, DigestEntry, Paper
from recommender.domain.titles import title_key
from recommender.papers.identity.merging import merge_entries, without_repeats

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
ID = "2603.01234"

WRITTEN: dict[str, Callable[[str], str]] = {
    "numbered 1.": "1. {}".format,
    "numbered 12)": "12) {}".format,
    "numbered [3]": "[3] {}".format,
    "numbered #4": "#4 {}".format,
    "numbered No. 5:": "No. 5: {}".format,
    "escaped number": "6\\. {}".format,
    "keycap": "7\ufe0f\u20e3 {}".format,
    "Markdown link": f"[{{}}](https://arxiv.org/abs/{ID})".format,
    "numbered bold link": f"8. **[{{}}](https://huggingface.co/papers/{ID})** (25 upvotes)".format,
    "heading": "## {}".format,
    "bold": "**{}**".format,
    "italics": "_{}_".format,
    "code": "`{}`".format,
    "Markdown escapes": lambda title: re.sub(r"([*_#+\-.!\[\]()])", r"\\\1", title),
    "(arXiv:ID)": f"{{}} (arXiv:{ID})".format,
    "[arXiv:IDv2]": f"{{}} [arXiv:{ID}v2]".format,
    "arXiv's feed": f"{{}}. (arXiv:{ID}v1 [cs.LG] UPDATED)".format,
    "arXiv's page": f"[{ID}] {{}}".format,
    "HTML entities": html.escape,
    "HTML entities twice": lambda title: html.escape(html.escape(title)),
    "numeric entities": lambda title: "".join(f"&#{ord(letter)};" for letter in title),
    "HTML tags": lambda title: f"<p><b>{html.escape(title)}</b></p>",
    "capitals": str.upper,
    "small letters": str.lower,
    "title case": str.title,
    "no punctuation": lambda title: re.sub(r"[^\w\s]", "", title),
    "spaces for punctuation": lambda title: re.sub(r"[^\w\s]", " ", title),
    "full stop": "{}.".format,
    "typographic": lambda title: title.replace("-", "\u2011").replace("'", "\u2019"),
    "&": lambda title: title.replace(" and ", " & "),
    "LaTeX's &": lambda title: title.replace(" and ", r" \& "),
    "LaTeX's braces": lambda title: re.sub(r"\b([A-Z]\w*)", r"{\1}", title),
    "emphasised": lambda title: re.sub(r"(\w+)", r"\\emph{\1}", title, count=1),
    "LaTeX's escapes": lambda title: re.sub(r"([&%$#_{}])", r"\\\1", title),
    "formulas": lambda title: re.sub(r"([0-9]+)", r"$\1$", title),
    "full width": lambda title: "".join(
        chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in title
    ),
    "address": f"{{}} https://arxiv.org/abs/{ID}".format,
}


@pytest.fixture(scope="module")
def entries(real_days: Mapping[date, Digest]) -> list[DigestEntry]:
    return [entry for digest in real_days.values() for entry in digest.entries]


@pytest.fixture(scope="module")
def stored(entries: list[DigestEntry]) -> list[Paper]:
    merged = merge_entries([], entries, now=NOW)
    papers = {paper.id: replace(paper, id=-paper.id) for paper in merged.papers}
    return list(papers.values())


def test_each_paper_of_the_real_days_is_one(
    entries: list[DigestEntry], stored: list[Paper]
) -> None:
    assert len({entry.arxiv_id for entry in entries}) == len(stored) > 5_000


def lost(stored: list[Paper], wanted: list[Paper], how: str) -> list[str]:
    """Return the titles that do not find their rows again when they are written so."""
    described = [DigestEntry(WRITTEN[how](paper.title), "") for paper in wanted]
    merged = merge_entries(stored, described, now=NOW)
    return [
        entry.title
        for entry, found, paper in zip(described, merged.papers, wanted, strict=True)
        if found.id != paper.id
    ]


@pytest.mark.parametrize("how", WRITTEN)
def test_titles_of_the_real_days_find_their_rows_again(stored: list[Paper], how: str) -> None:
    assert lost(stored, stored[list(WRITTEN).index(how) % 8 :: 8], how) == []


@pytest.mark.slow
@pytest.mark.parametrize("how", WRITTEN)
def test_every_title_of_the_real_days_finds_its_row_again(stored: list[Paper], how: str) -> None:
    assert lost(stored, stored, how) == []


def test_titles_of_real_papers_that_lose_a_point_alone_are_of_other_papers(
    stored: list[Paper],
) -> None:
    with_point = [paper for paper in stored if re.search(r"\d\.\d{1,2}(?!\d)", paper.title)]
    described = [
        DigestEntry(re.sub(r"(?<=\d)\.(?=\d)", "", paper.title), "", authors=("Another One",))
        for paper in with_point
    ]
    merged = merge_entries(stored, described, now=NOW)
    assert len(with_point) > 50
    assert not {paper.id for paper in merged.papers} & {paper.id for paper in stored}


@pytest.mark.parametrize("first", [1, 2])
def test_a_title_alone_is_of_the_paper_that_is_written_so(first: int) -> None:
    of = {1: "Lattice2.5 system report", 2: "Lattice25 system report"}
    entries = [
        DigestEntry(of[each], "", arxiv_id=f"2401.0000{each}") for each in (first, 3 - first)
    ]
    stored = [
        replace(paper, id=place)
        for place, paper in enumerate(merge_entries([], entries, now=NOW).papers, start=1)
    ]
    merged = merge_entries(stored, [DigestEntry(of[2], ""), DigestEntry(of[1], "")], now=NOW)
    assert [of[2], of[1]] == [paper.title for paper in merged.papers]


def test_every_paper_of_the_real_days_is_found_by_its_doi_at_arxiv(stored: list[Paper]) -> None:
    described = [
        DigestEntry(f"Renamed {paper.id}", "", doi=f"10.48550/arxiv.{paper.arxiv_id}")
        for paper in stored
    ]
    merged = merge_entries(stored, described, now=NOW)
    assert [paper.id for paper in merged.papers] == [paper.id for paper in stored]


@pytest.mark.parametrize("folder", ["hf-authors", "citeulike-t"])
def test_different_titles_of_real_papers_have_different_keys(
    shared_data: Path, folder: str
) -> None:
    with gzip.open(shared_data / folder / "papers.jsonl.gz", "rt", encoding="utf-8") as lines:
        titles = {json.loads(line)["title"] for line in lines}
    assert len({title_key(title) for title in titles}) == len(titles)


def test_papers_of_one_real_day_are_as_many_as_their_identifiers(
    real_days: Mapping[date, Digest],
) -> None:
    for digest in real_days.values():
        without_ids = [replace(entry, arxiv_id=None, url=None) for entry in digest.entries]
        assert len(without_repeats(without_ids)) == len(digest.entries)
