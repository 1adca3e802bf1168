"""Linked titles of one or two words, and what stands behind a title in its own line."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.domain import Digest
from recommender.papers.mails.html_outline import outline_of
from recommender.papers.mails.html_papers import papers_of_html

from .newsletter_mails import BOATS, HARBOURS, VESSELS

DAY = date(2026, 3, 11)
PREPRINT, OTHER = "https://arxiv.org/abs/2603.01234", "https://arxiv.org/abs/2603.05678"
JOURNAL = "https://doi.org/10.1234/hb.7"
LINKS = (PREPRINT, OTHER, JOURNAL)
PEOPLE = (("Ann Bee", "Chen Dee"), ("Max Roe", "Eva Li", "Jan Kuhn"), ("Lea Marx", "Tom Hill"))
ABSTRACTS = (BOATS, VESSELS, HARBOURS)
LONG = ("Small Boats in Changing Winds", "Large Vessels That Steer With Sails", "How Harbours Grow")
SHORT = {
    "two words": ("Deep Sets", "Neural ODEs", "Gaia DR3"),
    "one word": ("Mamba", "FlashAttention", LONG[2]),
    "among long ones": (LONG[0], "Deep Sets", LONG[1]),
    "a button's words": (LONG[0], "Open Data", LONG[1]),
    "a button's words first": ("Code Review", LONG[0], LONG[1]),
    "like a name": ("Boltzmann Machines", "Monte Carlo", LONG[0]),
    "another language": ("Tiefe Mengen", "Segeln lernen", "Der Wind"),
}
FORMS = {
    "paragraphs": "<p><a href='{link}'>{title}</a></p><p>{people}</p><p>{text}</p>",
    "headings": "<h3><a href='{link}'>{title}</a></h3><p>{people}</p><p>{text}</p>",
    "cells": "<tr><td><a href='{link}'><b>{title}</b></a></td></tr><tr><td>{people}</td></tr>"
    "<tr><td>{text}</td></tr>",
    "by": "<p><a href='{link}'>{title}</a> by {people}</p><p>{text}</p>",
    "von": "<p><a href='{link}'>{title}</a> von {people}</p><p>{text}</p>",
    "a dash": "<p><a href='{link}'>{title}</a> — {people}</p><p>{text}</p>",
    "brackets": "<p><a href='{link}'>{title}</a> ({people})</p><p>{text}</p>",
    "a year": "<p><a href='{link}'>{title}</a> by {people} (2026)</p><p>{text}</p>",
    "a venue": "<p><a href='{link}'>{title}</a> by {people}, NeurIPS 2026</p><p>{text}</p>",
    "italics": "<p><a href='{link}'>{title}</a>, <i>by {people}</i></p><p>{text}</p>",
    "buttons": "<p>1. <a href='{link}'>{title}</a> by {people} [<a href='{link}'>pdf</a>]</p>"
    "<p>{text}</p>",
    "one line": "<p><a href='{link}'>{title}</a> by {people}: {text}</p>",
    "people above": "<p>{people}</p><p><a href='{link}'>{title}</a></p><p>{text}</p>",
    "a button below": "<h3>{title}</h3><p>{people}</p><p>{text}</p>"
    "<p><a href='{link}'>Read paper</a></p>",
}


def read(html: str) -> Digest:
    return papers_of_html(outline_of(html), day=DAY)


def written(form: str, titles: tuple[str, ...]) -> str:
    return "".join(
        form.format(link=link, title=title, people=", ".join(people), text=text)
        for link, title, people, text in zip(LINKS, titles, PEOPLE, ABSTRACTS, strict=True)
    )


@pytest.mark.parametrize("titles", [*SHORT.values(), LONG], ids=[*SHORT, "long"])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_title_however_short_keeps_its_authors_and_abstract(
    form: str, titles: tuple[str, ...]
) -> None:
    entries = read(written(form, titles)).entries

    assert [each.title for each in entries] == list(titles)
    assert [each.authors for each in entries] == list(PEOPLE)
    assert [each.abstract for each in entries] == list(ABSTRACTS)
    assert [each.arxiv_id or each.doi for each in entries] == [
        "2603.01234",
        "2603.05678",
        "10.1234/hb.7",
    ]


@pytest.mark.parametrize("titles", SHORT.values(), ids=SHORT)
def test_of_a_list_of_links_each_is_read_or_told(titles: tuple[str, ...]) -> None:
    first, second, _ = titles
    digest = read(written("<li><a href='{link}'>{title}</a></li>", (first, second, LONG[0])))

    assert len(digest.entries) + len(digest.unread) == len(titles)


def paper(number: int, title: str, text: str, *, button: str = "", behind: str = "") -> str:
    link = f"https://arxiv.org/abs/2603.0{number}234"
    people = ", ".join(PEOPLE[number])
    return f"<h3><a href='{link}'>{title}</a></h3>{button}<p>{people}</p><p>{text}</p>{behind}"


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("Volltext", JOURNAL),
        ("Nature", JOURNAL),
        ("Journal version", JOURNAL),
        ("Dataset", "https://zenodo.org/records/1234567"),
        ("Code", "https://zenodo.org/records/1234567"),
        ("Smith et al. (2020)", JOURNAL),
        ("arXiv:2601.00001", "https://arxiv.org/abs/2601.00001"),
        ("PDF", "https://arxiv.org/pdf/2601.00001"),
    ],
)
@pytest.mark.parametrize("place", ["button", "behind"])
def test_a_button_is_no_title_and_ends_no_paper(words: str, address: str, place: str) -> None:
    said = {place: f"<p><a href='{address}'>{words}</a></p>"}
    html = paper(0, LONG[0], BOATS, **said) + paper(1, LONG[1], VESSELS, **said)
    entries = read(html).entries

    assert [each.title for each in entries] == [LONG[0], LONG[1]]
    assert [each.abstract for each in entries] == [BOATS, VESSELS]
    assert [each.authors for each in entries] == list(PEOPLE[:2])


def test_a_short_link_that_opens_a_sentence_is_no_title() -> None:
    cited = f"<p><a href='{JOURNAL}'>Deep Sets</a> asked this before, of rivers.</p>"
    entries = read(paper(0, LONG[0], BOATS, behind=cited) + paper(1, LONG[1], VESSELS)).entries

    assert [each.title for each in entries] == [LONG[0], LONG[1]]


def test_a_short_link_in_doubt_is_told() -> None:
    shelf = "<p><a href='https://doi.org/10.9999/shelf'>Deep Sets</a></p>"
    digest = read(shelf + paper(0, LONG[0], BOATS) + paper(1, LONG[1], VESSELS))

    assert [each.title for each in digest.entries] == [LONG[0], LONG[1]]
    (unread,) = digest.unread
    assert unread.where == "line 1"
    assert "'Deep Sets' leads to https://doi.org/10.9999/shelf" in unread.message


def test_several_papers_in_one_line_are_told() -> None:
    one = "<a href='https://arxiv.org/abs/2602.00001'>Deep Sets</a>"
    other = "<a href='https://arxiv.org/abs/2602.00002'>Neural ODEs</a>"
    line = f"<p>{one} | {other}</p><p>{VESSELS}</p>"
    digest = read(paper(0, LONG[0], BOATS) + paper(1, LONG[1], HARBOURS) + line)

    assert [each.title for each in digest.entries] == [LONG[0], LONG[1]]
    assert [each.abstract for each in digest.entries] == [BOATS, HARBOURS]
    assert len(digest.unread) == 2


def test_a_journal_above_each_title_is_no_author_of_the_paper_before() -> None:
    form = "<p>Cell Examples</p><p><a href='{link}'>{title}</a></p><p>{text}</p>"
    entries = read(written(form, LONG)).entries

    assert [each.authors for each in entries] == [(), (), ()]
    assert [each.abstract for each in entries] == list(ABSTRACTS)


@pytest.mark.parametrize(
    ("behind", "authors"),
    [
        (" (2026), Ann Bee, Chen Dee, NeurIPS", ("Ann Bee", "Chen Dee")),
        (" by Ann Bee and Chen Dee. 12 pages.", ("Ann Bee", "Chen Dee")),
        (" by Ann Bee et al.", ("Ann Bee",)),
        (", 2026", ()),
    ],
)
def test_citations_behind_a_title_name_its_authors(behind: str, authors: tuple[str, ...]) -> None:
    html = "".join(
        f"<p><a href='{link}'>{title}</a>{behind}</p>"
        for link, title in zip(LINKS, LONG[:2], strict=False)
    )
    assert [each.authors for each in read(html).entries] == [authors] * 2


def test_one_name_behind_a_title_without_by_may_be_a_journal() -> None:
    html = written("<p><a href='{link}'>{title}</a> — Nature Examples</p><p>{text}</p>", LONG)

    assert [each.authors for each in read(html).entries] == [(), (), ()]
