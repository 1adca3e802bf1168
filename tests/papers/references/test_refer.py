"""EndNote's tagged form, as Google Scholar and publishers offer it."""

from __future__ import annotations

from datetime import UTC, date, datetime

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
