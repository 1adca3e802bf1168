"""What publishers write into descriptions: teasers are no abstracts, but tell of the paper."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from recommender.papers.feeds.feed_descriptions import read_description

TEXT = "We show that mice sleep. They wake at dawn, and eat."
NAMES = ("Ann Example", "Bob Other")


@pytest.mark.parametrize(
    "teaser",
    [
        "TAXON, EarlyView.",
        "Volume 67, Issue 4, July 2024, Page 163-175<br/>. <br/>",
        "Science, Volume 384, Issue 6700, Page 1053-1054, June 2024. <br/>",
        "Journal of Examples, Ahead of Print. <br/>",
        "<p>Nature, Published online: 18 July 2024; <a href='x'>doi:10.1038/s41586-1</a></p>",
        "<p>Publication date: July 2024</p><p><b>Source:</b> Cells, Volume 1, Issue 2</p>",
        "<p>MycoKeys 85: 109-125</p><p>DOI: 10.3897/mycokeys.85</p>",
        "IEEE Transactions on Examples, pp. 1-17<br/>DOI: 10.1109/x.1",
        "<b>Edge Article</b> — 17 August 2026",
    ],
)
def test_teasers_are_no_abstracts_and_what_follows_them_is(teaser: str) -> None:
    assert read_description(teaser, title="Of mice").abstract == ""
    assert read_description(f"{teaser}<p>{TEXT}</p>", title="Of mice").abstract == TEXT


@pytest.mark.parametrize(
    "authors",
    [
        "Author(s): Ann Example and Bob Other<br />",
        "<p>by Ann Example, Bob Other</p>",
        "<p>Authors: Ann Example, Bob Other</p>",
        "<p>Example, Ann; Other, Bob</p>Cells, vol. 3, pp. 1-2<br/>",
        "<h1>Of mice</h1><b>Ann Example, Bob Other</b><br/><h2>Abstract</h2>",
    ],
)
def test_authors_are_read_from_descriptions(authors: str) -> None:
    found = read_description(f"{authors}<p>{TEXT}</p>", title="Of mice")
    assert (found.authors, found.abstract) == (NAMES, TEXT)


def test_date_and_doi_are_read_from_teasers() -> None:
    found = read_description(
        "Nature, Published online: 18 July 2024; doi:10.1038/S41586-1", title="Of mice"
    )
    assert found.published_at == datetime(2024, 7, 18, tzinfo=UTC)
    assert found.doi == "10.1038/s41586-1"


@pytest.mark.parametrize(
    "around",
    [
        "Abstract: {}",
        "<h3>Abstract</h3><p>{}</p>",
        "Abstract\n{}",
        "{} © 2024 The Authors. All rights reserved.",
        "{} Read more",
        "<p>{}</p><p>Continue reading Of mice →</p>",
        "<p>This site uses cookies. Accept all cookies.</p><p>{}</p>",
        "<p>Graphical abstract</p><p>{}</p>",
        "<p>Of mice</p><p>{}</p><p>Keywords: mice, sleep</p>",
    ],
)
def test_what_sites_write_around_an_abstract_goes(around: str) -> None:
    assert read_description(around.format(TEXT), title="Of mice").abstract == TEXT


@pytest.mark.parametrize(
    "text",
    [
        "Abstract Meaning Representation is a graph.",
        "L. pubescens, new to Iran, is described. It is a plant.",
        "Surveys from 1990–2020 show that bats decline.",
        "Phylogenetically, the genera are basal. We show why.",
    ],
)
def test_real_abstracts_stay_whole(text: str) -> None:
    assert read_description(text, title="Of mice").abstract == text


@pytest.mark.parametrize(
    "prose",
    [
        "We release a corpus of naps (doi:10.5281/zenodo.1234), and show that it is hard.",
        "Comment on https://doi.org/10.1000/roe2019",
        "A reply to Roe et al. 2019, https://doi.org/10.1000/roe2019. We show that mice sleep.",
        "A reply to Roe and Poe, https://doi.org/10.1000/roe2019. We show that mice sleep.",
        "https://doi.org/10.1000/roe2019 shows that mice wake. We disagree.",
        "Erratum to: https://doi.org/10.1000/orig. We show it.",
        "Data: doi:10.5281/zenodo.123456",
        "Wir stellen ein Korpus vor: https://doi.org/10.5281/zenodo.1",
        "We analyse the no. 2 pump of the 1986 reactor, which failed for all of its records.",
        "In contrast, vol. 3, of all volumes, shows that it is hard.",
    ],
)
def test_a_doi_or_a_number_in_prose_makes_no_citation(prose: str) -> None:
    found = read_description(prose, title="Of mice")
    assert (found.abstract, found.doi, found.is_citation) == (prose, None, False)


@pytest.mark.parametrize(
    ("citation", "doi"),
    [
        ("Roe A, Poe B. Of mice. J Naps 2020;12(3):45-67. doi:10.1000/own", "10.1000/own"),
        (
            "Roe, A. (2020). Of mice. J. Naps, 12(3), 4-5. https://doi.org/10.1000/own",
            "10.1000/own",
        ),
        ("TAXON, https://doi.org/10.1000/own", "10.1000/own"),
        ("J. Naps 12(3), 45-67 (2020)", None),
    ],
)
def test_what_is_built_like_a_citation_is_one(citation: str, doi: str | None) -> None:
    found = read_description(citation, title="Of mice")
    assert (found.abstract, found.doi, found.is_citation) == ("", doi, True)


TITLE = "Moss on old walls"
ABSTRACT = "We measured moss in spring, and it grows north of walls. It needs no light at all."


@pytest.mark.parametrize("end", ["", "\nDescription: PhD thesis", "\nSubject: Moss\nURI: x"])
@pytest.mark.parametrize("names", ["Doe, Jane; Roe, Max", "Jane Doe; Max Roe"])
def test_lines_of_dspace_say_authors_and_abstract(end: str, names: str) -> None:
    found = read_description(
        f"Title: {TITLE}\r\nAuthors: {names}\nAbstract: {ABSTRACT}{end}", title=TITLE
    )
    assert (found.authors, found.abstract) == (("Jane Doe", "Max Roe"), ABSTRACT)


@pytest.mark.parametrize("user", ["webmaster", "Anonymous (not verified)", "Jane Doe"])
def test_users_and_hours_of_drupal_are_no_abstract(user: str) -> None:
    head = f"<span>{TITLE}</span>\n<span><span>{user}</span></span>"
    markup = f"{head}\n<span>Thu, 11/26/2026 - 10:30</span>\n<div><p>{ABSTRACT}</p></div>"
    assert read_description(markup, title=TITLE).abstract == ABSTRACT


@pytest.mark.parametrize("names", ["Doe, Jane and Roe, Max", "Jane Doe and Max Roe"])
@pytest.mark.parametrize("behind", ["", " Journal of Walls, 4 (2). pp. 10-20. ISSN 1234-5678"])
def test_citation_of_eprints_says_the_authors(names: str, behind: str) -> None:
    found = read_description(f"<p>{names}   (2026)  {TITLE}.{behind}</p>", title=TITLE)
    assert (found.authors, found.abstract) == (("Jane Doe", "Max Roe"), "")
