"""Links lead to papers, behind what counts who follows them; nothing is followed."""

from __future__ import annotations

import pytest

from recommender.papers.mails.article_links import article_of, target_of

DOI = "https://doi.org/10.1234/ab.c"
TWICE = (
    "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.example.org%2Fr%3Fto"
    "%3Dhttps%253A%252F%252Fdoi.org%252F10.1234%252Fab.c&data=05"
)
LANCET = "https://www.thelancet.com/journals/lancet/article/PIIS0140-6736(26)00001-7/fulltext"
SCOPUS = "https://www.scopus.com/record/display.uri?eid=2-s2.0-1234567890"
NATURE = "https://www.nature.com/articles/s41999-026-0001-2"


@pytest.mark.parametrize(
    ("href", "url"),
    [
        (DOI, DOI),
        (f"https://click.example.org/?id=7&url={DOI}", DOI),
        ("https://click.example.org/r?u=https%3A%2F%2Fdoi.org%2F10.1234%2Fab.c&x=1", DOI),
        ("https://click.example.org/CL0/https:%2F%2Fdoi.org%2F10.1234%2Fab.c/1/0100-x/y=1", DOI),
        (f"https://urldefense.com/v3/__{DOI}__;!!x!y$", DOI),
        ("https://urldefense.proofpoint.com/v2/url?u=https-3A__doi.org_10.1234_ab.c&d=x", DOI),
        (TWICE, DOI),
        (f"{NATURE}?utm_source=x&WT.ec_id=Y#top", NATURE),
        (f"{NATURE}.pdf", NATURE),
        (f"{LANCET}?rss=yes", LANCET),
        (f"{SCOPUS}&origin=alert", SCOPUS),
        ("https://arxiv.org/pdf/2603.01234v2", "https://arxiv.org/abs/2603.01234"),
        ("https://openreview.net/forum?id=aB3&noteId=x", "https://openreview.net/forum?id=aB3"),
    ],
)
def test_a_paper_is_found_behind_its_link(href: str, url: str) -> None:
    article = article_of(href)
    assert article is not None
    assert article.url == url


@pytest.mark.parametrize(
    "href",
    [
        "https://example.org/",
        "https://www.nature.com/articles/d41586-026-00001-1",
        "https://www.nature.com/natex/volumes/7",
        "https://links.example.org/els/v2/aaa/bbb/ccc",
        "https://twitter.com/intent/tweet?text=10.1234/ab",
        "javascript:alert('https://doi.org/10.1234/ab')",
        "mailto:a@example.org?subject=https://doi.org/10.1234/ab",
        "https://user:secret@doi.org/10.1234/ab",
        "https://[broken",
        "file:///etc/passwd",
        "https://click.example.org/?url=javascript:alert(1)",
        "",
    ],
)
def test_what_is_no_paper_is_none(href: str) -> None:
    assert article_of(href) is None


def test_what_counts_readers_is_left_out() -> None:
    assert target_of("https://example.org/a?id=1&utm_source=x#y") == "https://example.org/a?id=1"
    assert target_of("javascript:x") is None
    # A link that leads to itself, and one that leads on for ever.
    assert target_of("https://a.example.org/?url=https://a.example.org/") is not None
