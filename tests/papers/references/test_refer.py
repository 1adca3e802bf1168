"""EndNote's tagged form, as Google Scholar and publishers offer it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from recommender.errors import DigestError
from recommender.papers.formats import parse_digest
from recommender.papers.references.references import read_references

TWO = """\
%0 Journal Article
%T Of mice
%A Example, Ann B.
%A Other, Bob
%J Journal of Examples
%D 2026
%R 10.1234/mice
%X We count mice, and find
many of them.

%0 Conference Proceedings
%T Of men
%A Roe, Max
%J arXiv preprint arXiv:2601.00001
%D 2026
"""


def test_references_are_a_digest() -> None:
    digest = parse_digest(TWO.encode(), today=date(2026, 3, 11))
    mice, men = digest.entries
    assert (digest.format, digest.unread) == ("refer", ())
    assert (mice.title, mice.doi) == ("Of mice", "10.1234/mice")
    assert mice.abstract == "We count mice, and find many of them."
    assert mice.authors == ("Ann B. Example", "Bob Other")
    assert mice.published_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert (men.title, men.arxiv_id) == ("Of men", "2601.00001")


def test_references_seed_a_reading_list() -> None:
    assert [entry.title for entry in read_references(TWO).entries] == ["Of mice", "Of men"]


def test_a_reference_without_a_title_is_named() -> None:
    digest = parse_digest(TWO.replace("%T Of men\n", "").encode(), today=date(2026, 3, 11))
    assert [entry.title for entry in digest.entries] == ["Of mice"]
    assert [each.where for each in digest.unread] == ["line 11"]


def test_comments_of_bibtex_are_none() -> None:
    bibtex = "%0 of these are mine\n@article{k, title = {Of mice}, doi = {10.1234/mice}}\n"
    assert parse_digest(bibtex.encode(), today=date(2026, 3, 11)).format == "bibtex"


PAPER = """\
%T Of mice
%A Example, Ann B.
%A Other, Bob
%D 2026
%R 10.1234/mice
%X We count mice.
"""
OTHER = PAPER.replace("mice", "men")


@pytest.mark.parametrize(
    "text",
    [
        f"%0 Journal Article\n{PAPER}%0 Journal Article\n{OTHER}",
        f"%0 journal article\n{PAPER}\n%0 journal article\n{OTHER}",
        f"%0 Journal_Article\n{PAPER}\n%0 Book Section\n{OTHER}",
        f"% exported by a program\n\n%0 Generic\n{PAPER}\n%0 Generic\n{OTHER}",
        f"{PAPER}%0 Journal Article\n\n{OTHER}%0 Journal Article\n",
        f"{PAPER}\n{OTHER}",
        f"{PAPER}  \n{OTHER}\n\n",
        f"%A Example, Ann B.\n{PAPER}\n{OTHER}".replace(
            "%T Of mice\n%A Example, Ann B.", "%T Of mice"
        ),
        f"%0 Generic\n{PAPER}\n%0 Generic\n{OTHER}".replace(" ", "\t", 1).replace("%T ", "%T\t"),
        f"\ufeff%0 Generic\n{PAPER}\n%0 Generic\n{OTHER}".replace("\n", "\r\n"),
    ],
)
def test_types_orders_and_blanks_may_be_others(text: str) -> None:
    digest = parse_digest(text.encode(), today=date(2026, 3, 11))

    assert digest.unread == ()
    assert [(each.title, each.doi, each.authors) for each in digest.entries] == [
        ("Of mice", "10.1234/mice", ("Ann B. Example", "Bob Other")),
        ("Of men", "10.1234/men", ("Ann B. Example", "Bob Other")),
    ]


def test_two_titles_in_one_reference_are_told_not_read_by_the_first() -> None:
    digest = parse_digest(f"{PAPER}{OTHER}\n{TWO}".encode(), today=date(2026, 3, 11))

    assert [each.title for each in digest.entries] == ["Of mice", "Of men"]
    assert [each.where for each in digest.unread] == ["line 1"]


def test_comments_of_latex_are_no_references() -> None:
    text = "%A good title\n%The other line\n\nOf mice\n\nWe count mice in the field.\n"
    with pytest.raises(DigestError):
        parse_digest(text.encode(), today=date(2026, 3, 11))
