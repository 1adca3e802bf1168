"""What single publishers and archives write around titles, authors, DOIs and abstracts."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.domain import DigestEntry
from recommender.papers.feeds.feeds import parse_feed

TEXT = "We show that mice sleep. They wake at dawn, and eat."


def entries(*items: str) -> tuple[DigestEntry, ...]:
    """Read a feed of these items, each of which gets a link of its own."""
    linked = (
        f"<item><link>https://e.org/{number}</link>{item}</item>"
        for number, item in enumerate(items, start=1)
    )
    feed = (
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Examples'
        f"</title>{''.join(linked)}</channel></rss>"
    )
    return parse_feed(feed.encode(), today=date(2026, 7, 1)).entries


def described(description: str, title: str = "Of mice") -> DigestEntry:
    """Read an item with a title and this description."""
    (entry,) = entries(
        f"<title>{title}</title><description><![CDATA[{description}]]></description>"
    )
    return entry


@pytest.mark.parametrize(
    "mark",
    ["[Articles] ", "[World Report] ", "[Clinical Picture] ", "[hal-01234567] ", "[Review] "],
)
def test_section_or_number_of_an_archive_is_no_part_of_the_title(mark: str) -> None:
    assert described(TEXT, title=f"{mark}Of mice").title == "Of mice"


@pytest.mark.parametrize("title", ["Models of o-[n] and GPT-[n] alike", "On [C] groups"])
def test_brackets_within_a_title_stay(title: str) -> None:
    assert described(TEXT, title=title).title == title


def test_authors_behind_the_title_are_none_of_it() -> None:
    entry = described(TEXT, title="Of mice -- by Ann Example, Bob Other")
    assert (entry.title, entry.authors) == ("Of mice", ("Ann Example", "Bob Other"))
    assert described(TEXT, title="Of mice -- by Doing").title == "Of mice -- by Doing"


@pytest.mark.parametrize(
    "identifiers",
    [
        (
            "<dc:identifier>info:doi/10.1234/mice</dc:identifier>"
            "<dc:identifier>hwp:master-id:mice;mice-2026</dc:identifier>"
        ),
        "<dc:identifier>doi:10.1234/mice</dc:identifier><dc:identifier>pmid:123</dc:identifier>",
    ],
)
def test_doi_is_read_wherever_it_stands_among_identifiers(identifiers: str) -> None:
    (entry,) = entries(f"<title>Of mice</title>{identifiers}")
    assert entry.doi == "10.1234/mice"


def test_names_of_parts_are_read_as_highwire_has_them() -> None:
    entry = described(
        "<sec><st>Objective</st> <p>We ask.</p></sec> <sec><st>Results</st> <p>We know.</p></sec>"
    )
    assert entry.abstract == "Objective: We ask. Results: We know."


@pytest.mark.parametrize(
    "head",
    [
        (
            "<b>Of mice</b><br>Ann Example and Bob Other<br>Example. Phys. Lett., 26, 31-39, "
            "https://doi.org/10.1234/epl-26-31-2026, 2026<br>"
        ),
        (
            "<b>Of mice</b><br>Ann Example and Bob Other<br>Examples, "
            "https://doi.org/10.1234/epl-26-31-2026, 2026<br>"
            "<b>Preprint under review for EPL</b> (discussion: open, 0 comments)<br>"
        ),
        (
            "<div><i><b>Ex. Sci.</b></i>, 2026, Advance Article<br /><b>DOI</b>: "
            "10.1234/epl-26-31-2026, Edge Article</div><div>&nbsp This article is licensed under a "
            "Creative Commons Attribution 3.0 Unported Licence.</div>"
            "<div>Ann Example, Bob Other<br />"
        ),
        (
            "<div><i><b>Ex. Sci.</b></i>, 2026, <b>17</b>,123-140<br /><b>DOI</b>: "
            "10.1234/epl-26-31-2026, Review Article</div><div>Ann Example, Bob Other<br />"
        ),
    ],
)
def test_abbreviated_journal_and_kind_of_article_are_no_abstract(head: str) -> None:
    entry = described(f"{head}{TEXT}")
    assert (entry.doi, entry.abstract) == ("10.1234/epl-26-31-2026", TEXT)
    assert entry.authors == ("Ann Example", "Bob Other")


@pytest.mark.parametrize(
    "tail",
    [
        (
            '<p>PMID:<a href="https://e.org/1">123</a> | PMC:<a href="https://e.org/2">PMC45</a> | '
            'DOI:<a href="https://doi.org/10.1234/x">10.1234/x</a></p>'
        ),
        '<p><a href="https://e.org/a">arXiv</a> | <a href="https://e.org/p">PDF</a></p>',
        "<p>[Paper] [Project page] [Code]</p>",
        "<p>This is an open access article under the CC BY license.</p>",
        "<p>[Ex. Lett. 33, 123 (2026)]</p>",
        " Keywords: mice, sleep",
        "<p>key words - mice, sleep</p>",
    ],
)
def test_what_stands_below_an_abstract_is_none_of_it(tail: str) -> None:
    assert described(f"<p>{TEXT}</p>{tail}").abstract == TEXT


def test_a_sentence_that_speaks_of_keywords_is_whole() -> None:
    text = f"{TEXT} We look at levels from keyword-level to phrase-level detail."
    assert described(text).abstract == text


def test_one_name_is_an_author_where_other_entries_begin_with_theirs() -> None:
    several = "<title>Of {0}</title><description>{1}&lt;br/&gt;We saw {0}.</description>"
    led = [several.format(each, "Ann Example, Bob Other") for each in ("mice", "rats")]
    alone = f"<title>Of fish</title><description>Max Roe&lt;br/&gt;{TEXT}</description>"
    *_, last = entries(*led, alone)
    assert (last.authors, last.abstract) == (("Max Roe",), TEXT)
    # It may be a heading.
    (lone,) = entries(alone)
    assert (lone.authors, lone.abstract) == ((), f"Max Roe {TEXT}")


def test_title_in_the_description_is_known_behind_the_journal() -> None:
    entry = described(
        f"<p>Mice, Vol. 26, Pages 12: iMouse: A study</p><p>{TEXT}</p>", title="iMouse: A study"
    )
    assert entry.abstract == TEXT


def test_names_within_links_are_whole() -> None:
    link = (
        '<a href="http://e.org/find/cs/1/au:+Example_A/0/1/0/all/0/1/and/so/on">Anneliese</a> Doe'
    )
    (entry,) = entries(f"<title>Of mice</title><dc:creator><![CDATA[{link}]]></dc:creator>")
    assert entry.authors == ("Anneliese Doe",)


@pytest.mark.parametrize(
    "behind",
    [
        " [Invited]",
        " [Invited Review]",
        " (Invited)",
        " [Early Posting]",
        " [Author's Choice]",
        " [Feature Issue: Mice]",
        " [Optica 10, 123 (2023)]",
        " [Opt. Lett. 51(3), 700 (2026)]",
        " [Biomed. Opt. Express 17 1234-1245 (2026)]",
        " [Invited] [Opt. Express 34, 12 (2026)]",
    ],
)
def test_brackets_of_optica_are_no_part_of_the_title(behind: str) -> None:
    assert described(TEXT, title=f"Of mice{behind}").title == "Of mice"


@pytest.mark.parametrize(
    "title",
    [
        "Comment on “Of mice” [Opt. Express 30, 12 (2024)]",
        "Of mice: erratum [Opt. Express 30, 12 (2024)]",
        "Oxidation of [Fe(CN)6]",
        "Boats of type [A]",
        "Of mice [extended version]",
        "Who is [invited to eat]",
    ],
)
def test_brackets_that_name_another_or_belong_to_the_title_stay(title: str) -> None:
    assert described(TEXT, title=title).title == title


@pytest.mark.parametrize(
    "label",
    [
        "<p>Abstract Visual Abstract</p>{}",
        "Abstract Visual Abstract {}",
        "ABSTRACT Graphical abstract {}",
        "<b>Graphical abstract</b> {}",
        "Graphical Abstract: {}",
        "Graphical Abstract Image, graphical abstract {}",
        "Visual Abstract {}",
        "TOC Graphic {}",
        "Video abstract. {}",
        "Résumé graphique {}",
        "Graphische Zusammenfassung {}",
    ],
)
def test_the_label_of_a_picture_is_no_part_of_the_abstract(label: str) -> None:
    assert described(label.format(TEXT)).abstract == TEXT


@pytest.mark.parametrize(
    "text",
    [
        "Graphical abstracts help readers of journals. We count them.",
        "Visual abstract design is studied. We show how.",
        "Visual Abstract Reasoning (VAR) is hard for machines. We show why.",
        "Abstract visual reasoning is hard for machines. We show why.",
        "Video abstracts are seen more often. We count them.",
    ],
)
def test_an_abstract_about_such_pictures_stays_whole(text: str) -> None:
    assert described(text).abstract == text
